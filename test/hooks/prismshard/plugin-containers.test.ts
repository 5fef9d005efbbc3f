import { expect, it } from "vitest";
import { libraryCopies, pluginVersions, sidecars } from "../../../hooks/prismshard/plugin-containers.ts";
import type { PluginPlan } from "../../../hooks/prismshard/plugins.ts";

const plugin = (changes: Partial<PluginPlan> = {}): PluginPlan => ({
	name: "auth",
	form: "sidecar",
	image: "plugins/auth:1",
	version: "1",
	pullPolicy: undefined,
	pullSecrets: [],
	port: 50100,
	probe: { type: "grpc", periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
	resources: undefined,
	added: undefined,
	declared: "sidecar",
	...changes,
});
const OWN = { requests: { cpu: "1" } };

it("has a container beside the proxy for each sidecar, on a port that no Service finds by the proxy's names", () => {
	const found = sidecars(
		[plugin(), plugin({ name: "b", form: "in-process" }), plugin({ name: "c", form: "remote", image: undefined })],
		5,
	);
	expect(found).toMatchObject([
		{
			name: "plugin-auth",
			image: "plugins/auth:1",
			env: [{ name: "PRISM_PLUGIN_PORT", value: "50100" }],
			ports: [{ name: "plugin-50100", port: 50100 }],
			preStopSeconds: 5,
		},
	]);
});

it("copies each library into a folder of its own", () => {
	const found = libraryCopies([plugin(), plugin({ name: "b", form: "in-process" })], true);
	expect(found).toMatchObject([
		{
			name: "plugin-b",
			command: ["cp", "-r", "/plugin/.", "/plugins/b/"],
			mounts: [{ name: "plugins", mountPath: "/plugins", access: "write" }],
		},
	]);
});

it.each([
	["its plugin's", OWN, true, OWN],
	["its own, of pods that were made before", OWN, false, { limits: { memory: "128Mi" } }],
	["its own, where the plugin has none", undefined, true, { limits: { memory: "128Mi" } }],
])("copies with resources: %s", (_, resources, takesOwn, expected) => {
	const [copy] = libraryCopies([plugin({ form: "in-process", resources })], takesOwn);
	expect(copy?.resources).toMatchObject(expected);
});

it.each([
	[[], undefined],
	[[plugin({ version: undefined })], undefined],
	[[plugin({ name: "b" }), plugin({ name: "a", version: "2" }), plugin({ version: undefined })], '{"a":"2","b":"1"}'],
])("tells the versions that are known, by name", (plugins, expected) => {
	expect(pluginVersions(plugins)).toBe(expected);
});
