import { describe, expect, it } from "vitest";
import { plannedBackend } from "../plans.ts";

const plan = (spec: object, around = {}) => plannedBackend(spec, around).plan;
const withUrl = (url: string, more: object = {}) => plan({ connection: { url }, ...more });

it.each([
	["spec names it", { provider: "kafka", connection: { url: "redis://r" } }, "kafka"],
	["of the address's scheme", { connection: { url: "postgresql://p/db" } }, "postgres"],
	["of a scheme that nobody knows", { connection: { url: "amqp://q" } }, "amqp"],
	["of the type", { type: "KeyValue" }, "keyvalue"],
])("a provider is %s", (_reason, spec, provider) => {
	expect(plan(spec)).toMatchObject({ published: { provider }, binding: { provider }, labels: { backend: provider } });
});

it.each([
	{
		url: "redis://r:7000/1",
		published: { host: "r", port: "7000", tls: "false", url: "redis://r:7000/1" },
		secretUrl: undefined,
	},
	{ url: "rediss://r", published: { host: "r", tls: "true", url: "rediss://r" }, secretUrl: undefined },
])("$url is published", ({ url, published, secretUrl }) => {
	const { published: found, secretUrl: kept } = withUrl(url);
	expect(found).toEqual({ provider: "redis", type: "KeyValue", ...published });
	expect(kept).toBe(secretUrl);
});

it("an address with credentials is kept in a Secret, and is not published", () => {
	const url = "redis://u:p@r:6379";
	const found = plan({ connection: { url } }, { installation: { inlineCredentials: true } });
	expect(found.published).not.toHaveProperty("url");
	expect(found).toMatchObject({
		secretUrl: url,
		binding: { urlFrom: "Secret", secret: { name: "it-backend", url: "url" } },
	});
});

describe("a runner finds", () => {
	const keys = (given: object, url?: string) =>
		plan({ connection: { ...(url && { url }), secretRef: { name: "s", keys: given } } }).binding;
	it.each([
		["nothing where there is no connection", plan({}).binding, { urlFrom: undefined, secret: undefined }],
		["the address in the ConfigMap", withUrl("redis://r").binding, { urlFrom: "ConfigMap", secret: undefined }],
		[
			"all in the Secret, where only the names of the keys are assumed",
			keys({}),
			{
				urlFrom: "Secret",
				secret: {
					name: "s",
					url: "url",
					username: "username",
					password: "password",
					optional: ["username", "password"],
				},
			},
		],
		[
			"keys that must be there, as spec names them",
			keys({ url: "u", username: "n", password: "p" }),
			{ urlFrom: "Secret", secret: { name: "s", url: "u", username: "n", password: "p" } },
		],
		[
			"credentials beside an address that anybody may read",
			keys({ password: "p" }, "redis://r"),
			{ urlFrom: "ConfigMap", secret: { name: "s", username: "username", password: "p", optional: ["username"] } },
		],
		[
			"the whole file, and the address nowhere else, perhaps",
			keys({ runnerFile: "f" }),
			{
				urlFrom: "Secret",
				runnerFile: { from: "Secret", key: "f" },
				secret: { optional: ["url", "username", "password"] },
			},
		],
	])("%s", (_what, binding, expected) => {
		expect(binding).toMatchObject(
			Object.fromEntries(Object.entries(expected).filter(([, value]) => value !== undefined)),
		);
		for (const [field, value] of Object.entries(expected))
			if (value === undefined) expect(binding).not.toHaveProperty(field);
	});

	it("certificates, and the name that a server has", () => {
		const tls = { enabled: true, serverName: "db", secretRef: { name: "certs" } };
		expect(withUrl("redis://r", { tls })).toMatchObject({
			published: { tls: "true", tlsServerName: "db" },
			binding: { tls: { secret: "certs", serverName: "db" } },
		});
		expect(withUrl("redis://r").binding).not.toHaveProperty("tls");
	});

	it("another checksum whenever anything of it changes", () => {
		const checksums = ["redis://r", "redis://r:1", "rediss://r"].map((url) => withUrl(url).binding.checksum);
		expect(new Set([...checksums, withUrl("redis://r").binding.checksum]).size).toBe(3);
	});
});

it.each([
	["memory is always there", { type: "KeyValue", provider: "memstore" }, { by: "nature" }],
	["checks are off", { provider: "redis", healthCheck: { enabled: false } }, { by: "nobody", because: "off" }],
	["no probe knows it", { provider: "amqp", healthCheck: { enabled: true } }, { by: "nobody", because: "noProbe" }],
	[
		"a probe asks it",
		{ connection: { url: "redis://r" }, healthCheck: { enabled: true, interval: "7s" } },
		{ by: "probe", name: "it-probe", image: "ghcr.io/prism/prism-operator-probe:v1.0.0", interval: "7s" },
	],
])("health: %s", (_reason, spec, health) => {
	expect(plan(spec).health).toMatchObject(health);
});

it("belongs to the stack that its label names", () => {
	expect(plan({}, { metadata: { labels: { stack: "shop" } } }).labels).toMatchObject({ stack: "shop" });
	expect(plan({}).labels).not.toHaveProperty("stack");
});
