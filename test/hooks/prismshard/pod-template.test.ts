import { expect, it } from "vitest";
import { shardPods } from "../../../hooks/prismshard/pod-template.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { plannedShard, type Surroundings } from "../plans.ts";

/** The pods of a new shard, unless they were made before there were default resources. */
const podsOf = (spec: object = {}, around: Surroundings = {}, byDefault: object | undefined = {}) =>
	shardPods(plannedShard(spec, around).plan, undefined, byDefault);
const proxyIn = (pods: ReturnType<typeof podsOf>) => pods.spec?.containers.find(({ name }) => name === "prism-proxy");
const variable = (pods: ReturnType<typeof podsOf>, name: string) =>
	proxyIn(pods)?.env?.find((each) => each.name === name)?.value;

const remote: KubeObject = {
	apiVersion: "prism.io/v1alpha1",
	kind: "PrismPlugin",
	metadata: { name: "auth", namespace: "prism" },
	spec: { version: "1.0.0", deployment: { type: "remote" } },
};

it.each<[object, Surroundings, string | undefined]>([
	[{}, {}, "ghcr.io/prism/prism-proxy:v1.0.0"],
	[{}, { installation: { imageRegistry: "local", imageTag: "v2" } }, "local/prism-proxy:v2"],
	[{ image: "mine/proxy:v3" }, {}, "mine/proxy:v3"],
])("run the proxy's image: %j", (spec, around, image) => {
	expect(proxyIn(podsOf(spec, around))?.image).toBe(image);
});

it("know their shard and the configuration file, which they mount", () => {
	const pods = podsOf();
	expect(variable(pods, "PRISM_SHARD")).toBe("it");
	expect(variable(pods, "PRISM_CONFIG_FILE")).toBe("/etc/prism/config/config.json");
	expect(proxyIn(pods)?.volumeMounts).toContainEqual({
		name: "config",
		mountPath: "/etc/prism/config",
		readOnly: true,
	});
	expect(proxyIn(pods)?.volumeMounts).toContainEqual({ name: "data", mountPath: "/var/lib/prism" });
	expect(pods.spec?.volumes).toContainEqual({ name: "config", configMap: { name: "prism-it" } });
	// The claim template provides it.
	expect(pods.spec?.volumes?.map(({ name }) => name)).not.toContain("data");
});

it("mount the Secret that holds the configuration file", () => {
	const pods = podsOf({ config: { password: "x" } }, { installation: { inlineCredentials: true } });
	expect(pods.spec?.volumes).toContainEqual({ name: "config", secret: { secretName: "prism-it" } });
});

it.each<[string, object, Surroundings, string, string]>([
	["beside it", { deployment: "sidecar" }, {}, "PRISM_PLUGIN_AUTH_ADDRESS", "localhost:50100"],
	["as a library", { deployment: "in-process" }, {}, "PRISM_PLUGIN_AUTH_PATH", "/var/lib/prism-plugins/auth"],
	[
		"behind its Service",
		{},
		{ related: [remote] },
		"PRISM_PLUGIN_AUTH_ADDRESS",
		expect.stringMatching(/^auth-plugin\.prism\.svc:\d+$/) as string,
	],
	[
		"in the cluster's domain",
		{},
		{ related: [remote], installation: { clusterDomain: "cluster.local" } },
		"PRISM_PLUGIN_AUTH_ADDRESS",
		expect.stringMatching(/^auth-plugin\.prism\.svc\.cluster\.local\.:\d+$/) as string,
	],
])("tell the proxy where a plugin is: %s", (_, entry, around, name, value) => {
	expect(variable(podsOf({ plugins: [{ name: "auth", ...entry }] }, around), name)).toEqual(value);
});

it("have a volume for libraries only if a plugin brings one", () => {
	const volumes = (deployment: string) =>
		podsOf({ plugins: [{ name: "auth", deployment }] }).spec?.volumes?.map(({ name }) => name);
	expect(volumes("in-process")).toContain("plugins");
	expect(volumes("sidecar")).not.toContain("plugins");
});

it("are replaced when the configuration, a plugin's version or the restart annotation changes", () => {
	const annotations = (spec: object, around?: Surroundings) => podsOf(spec, around).metadata?.annotations;
	const before = annotations({});
	expect(annotations({ config: { a: 1 } })).not.toEqual(before);
	expect(annotations({}, { metadata: { annotations: { "prism.io/restartedAt": "now" } } })).not.toEqual(before);
	expect(annotations({ plugins: [{ name: "auth", version: "1.1.0" }] })).toMatchObject({
		"prism.io/plugin-versions": '{"auth":"1.1.0"}',
	});
});

it("pull with each secret once", () => {
	const imagePullSecrets = [{ name: "a" }, { name: "b" }, { name: "a" }];
	expect(podsOf({ imagePullSecrets }).spec?.imagePullSecrets).toEqual([{ name: "a" }, { name: "b" }]);
});

it.each([
	["serve on while clients are led elsewhere, with their time in full", {}, 35, 5],
	["of an operator up to 0.1.0 do so within their time", undefined, 30, 5],
])("%s", (_, byDefault, graceSeconds, preStopSeconds) => {
	const { plan } = plannedShard({ terminationGracePeriodSeconds: 30 });
	const pods = shardPods(plan, undefined, byDefault);
	expect(pods.spec?.terminationGracePeriodSeconds).toBe(graceSeconds);
	expect(proxyIn(pods)?.lifecycle).toEqual({ preStop: { sleep: { seconds: preStopSeconds } } });
});

it("wait with SIGTERM for plugins as well, unless they were made before there were defaults", () => {
	const { plan } = plannedShard({ plugins: [{ name: "auth" }] });
	const sidecar = (byDefault: object | undefined) => shardPods(plan, undefined, byDefault).spec?.containers[1];
	expect(sidecar({})?.lifecycle).toEqual({ preStop: { sleep: { seconds: 5 } } });
	expect(sidecar(undefined)?.lifecycle).toBeUndefined();
});
