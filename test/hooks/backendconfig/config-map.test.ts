import { expect, it } from "vitest";
import { connectionConfig } from "../../../hooks/backendconfig/config-map.ts";
import { plannedBackend, type Surroundings } from "../plans.ts";

const built = (spec: object, around: Surroundings = {}) => connectionConfig(plannedBackend(spec, around).plan);
const REDIS = "redis://redis.data.svc:6379/2";

it.each<[string, object, object]>([
	["only what is known without an address", {}, { provider: "keyvalue", type: "KeyValue", tls: "false" }],
	[
		"the address and its parts",
		{ connection: { url: REDIS } },
		{ provider: "redis", type: "KeyValue", tls: "false", host: "redis.data.svc", port: "6379", url: REDIS },
	],
	[
		"that TLS is used, and by which name",
		{ connection: { url: "rediss://redis:6379" }, tls: { serverName: "redis.example.com" } },
		{ provider: "redis", tls: "true", tlsServerName: "redis.example.com" },
	],
	[
		"the file that runners are started with",
		{ connection: { url: REDIS }, runnerFile: { namespaces: [{ name: "a", pattern: "keyvalue" }] } },
		{
			"runner.json":
				'{"namespaces":[{"backend":"redis","backend_config":{"address":"redis.data.svc:6379","db":2},"name":"a","pattern":"keyvalue"}]}\n',
		},
	],
])("publishes %s", (_, spec, data) => {
	const config = built(spec);
	expect(config.metadata).toMatchObject({ name: "it-backend", namespace: "prism" });
	expect(config.data).toMatchObject(data);
});

it("never publishes a URL with credentials", () => {
	const url = "redis://me:secret@redis:6379";
	const config = built({ connection: { url } }, { installation: { inlineCredentials: true } });
	expect(config.data).toMatchObject({ host: "redis", port: "6379" });
	expect(JSON.stringify(config)).not.toContain("secret@");
});
