import { expect, it } from "vitest";
import { bindingEnvironment, bindingMounts, bindingSecrets, runnerFileMounts } from "../../kube/connection-binding.ts";
import type { Binding } from "../../schemas/backendconfig.ts";

const PLACES = { prefix: "PRISM_BACKEND", folder: "/etc/prism/backend" };
const binding = (more: Partial<Binding> = {}): Binding => ({
	provider: "redis",
	configMap: "conn",
	checksum: "1",
	...more,
});
const fromSecret = (key: string, more: object = {}) => ({ secretKeyRef: { name: "s", key, ...more } });

it.each([
	{ reason: "no connection", given: undefined, is: {} },
	{ reason: "no address", given: binding(), is: { PROVIDER: "redis" } },
	{
		reason: "an address that anybody may read",
		given: binding({ urlFrom: "ConfigMap", secret: { name: "s", url: "u" } }),
		is: { PROVIDER: "redis", URL: { configMapKeyRef: { name: "conn", key: "url" } } },
	},
	{
		reason: "a Secret's keys, and one that may be missing",
		given: binding({
			urlFrom: "Secret",
			secret: { name: "s", url: "u", username: "n", password: "p", optional: ["p"] },
		}),
		is: {
			PROVIDER: "redis",
			URL: fromSecret("u"),
			USERNAME: fromSecret("n"),
			PASSWORD: fromSecret("p", { optional: true }),
		},
	},
	{ reason: "TLS without files", given: binding({ tls: {} }), is: { PROVIDER: "redis", TLS: "true" } },
	{
		reason: "TLS with a name and files",
		given: binding({ tls: { serverName: "db", secret: "certs" } }),
		is: { PROVIDER: "redis", TLS: "true", TLS_SERVER_NAME: "db", TLS_DIR: "/etc/prism/backend-tls" },
	},
])("variables refer to $reason", ({ given, is }) => {
	const variables = bindingEnvironment(given, PLACES).map(({ name, value, valueFrom }) => [name, value ?? valueFrom]);
	const expected = Object.entries(is).map(([name, value]) => [`PRISM_BACKEND_${name}`, value]);
	expect(variables).toEqual(expected);
});

it.each([
	{ given: undefined, mounted: [] },
	{ given: binding({ tls: {} }), mounted: [["/etc/prism/backend", { configMap: { name: "conn" } }]] },
	{
		given: binding({ tls: { secret: "certs" } }),
		mounted: [
			["/etc/prism/backend", { configMap: { name: "conn" } }],
			["/etc/prism/backend-tls", { secret: { secretName: "certs" } }],
		],
	},
])("files of $given", ({ given, mounted }) => {
	expect(bindingMounts(given, PLACES).map(({ mountPath, source }) => [mountPath, source])).toEqual(mounted);
});

const ITEMS = [{ key: "k", path: "runner.json" }];

it.each([
	{ reason: "nowhere without one", given: binding(), source: undefined },
	{
		reason: "in the ConfigMap",
		given: binding({ runnerFile: { from: "ConfigMap", key: "k" } }),
		source: { configMap: { name: "conn", items: ITEMS } },
	},
	{
		reason: "in the Secret",
		given: binding({ runnerFile: { from: "Secret", key: "k" }, secret: { name: "s" } }),
		source: { secret: { secretName: "s", items: ITEMS } },
	},
	{
		reason: "not in a Secret that the connection does not have",
		given: binding({ runnerFile: { from: "Secret", key: "k" } }),
		source: { configMap: { name: "conn", items: ITEMS } },
	},
])("the runner's file is $reason", ({ given, source }) => {
	const mounts = runnerFileMounts(given, PLACES);
	expect(mounts.map(({ mountPath }) => mountPath)).toEqual(source === undefined ? [] : ["/etc/prism/backend-runner"]);
	expect(mounts[0]?.source).toEqual(source);
});

it.each([
	[undefined, []],
	[binding(), []],
	[binding({ secret: { name: "z" }, tls: { secret: "a" } }), ["a", "z"]],
	[binding({ secret: { name: "a" }, tls: { secret: "a" } }), ["a"]],
])("Secrets of %j are %j", (given, secrets) => {
	expect(bindingSecrets(given)).toEqual(secrets);
});
