import { expect, it } from "vitest";
import {
	antiAffinityIdle,
	autoscalerIdle,
	imageFloating,
	pluginImageFloating,
	pluginUnmanaged,
	SHARD_WARNINGS,
	volumesKept,
} from "../../../hooks/prismshard/warnings.ts";
import { allFound } from "../../../kube/check-list.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { plannedShard, type Surroundings } from "../plans.ts";

const declared = (type: string): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind: "PrismPlugin",
	metadata: { name: "auth", namespace: "prism" },
	spec: { version: "1.0.0", deployment: { type } },
});
const AUTH = { name: "auth", version: "1.0.0" };

it.each<[string, object, Surroundings, object[]]>([
	[
		"no PrismPlugin",
		AUTH,
		{},
		[{ warning: "PluginMissing", plugin: "auth", image: "ghcr.io/prism/plugins/auth-plugin:1.0.0" }],
	],
	["a PrismPlugin", AUTH, { related: [declared("sidecar")] }, []],
	[
		"a remote one that is not served",
		{ ...AUTH, deployment: "remote" },
		{},
		[{ warning: "PluginNotServed", plugin: "auth" }],
	],
	[
		"a remote one that runs as sidecar",
		{ ...AUTH, deployment: "remote" },
		{ related: [declared("sidecar")] },
		[{ warning: "PluginNotServed", plugin: "auth", type: "sidecar" }],
	],
	["a remote one that is served", AUTH, { related: [declared("remote")] }, []],
])("pluginUnmanaged: %s", (_, entry, around, expected) => {
	expect(pluginUnmanaged(plannedShard({ plugins: [entry] }, around))).toEqual(expected);
});

it.each([
	["mine/proxy:latest", 1],
	["mine/proxy", 1],
	["mine/proxy:v1", 0],
])("imageFloating: %s", (image, count) => {
	expect(imageFloating(plannedShard({ image }))).toHaveLength(count);
});

it.each([
	["latest", 1],
	["1.0.0", 0],
])("pluginImageFloating: %s", (version, count) => {
	expect(pluginImageFloating(plannedShard({ plugins: [{ name: "auth", version }] }))).toHaveLength(count);
});

it.each([
	[{ app: "other" }, 1],
	[{ app: "prism-proxy" }, 0],
])("antiAffinityIdle: pods with %j", (matchLabels, count) => {
	const term = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels } };
	const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
	const found = antiAffinityIdle(plannedShard({ runnerSpec: { affinity } }));
	expect(found).toHaveLength(count);
	if (count > 0)
		expect(found?.[0]).toMatchObject({
			noun: "shard",
			labels: { app: "prism-proxy", shard: "it" },
			selector: "app=other",
		});
});

const BY_CPU = { enabled: true, minReplicas: 1, maxReplicas: 2, targetCPUUtilizationPercentage: 70 };
it.each<[string, object, Surroundings, number]>([
	["nothing requested", { autoscaling: BY_CPU }, {}, 1],
	["requests of its own", { autoscaling: BY_CPU, resources: { requests: { cpu: "1" } } }, {}, 0],
	[
		"the installation's requests",
		{ autoscaling: BY_CPU },
		{ installation: { resources: { requests: { cpu: "1" } } } },
		0,
	],
	["switched off", { autoscaling: { ...BY_CPU, enabled: false } }, {}, 0],
])("autoscalerIdle: %s", (_, spec, around, count) => {
	expect(autoscalerIdle(plannedShard(spec, around)) ?? []).toHaveLength(count);
});

it("autoscalerIdle knows the containers of plugins", () => {
	const metric = (container: string) => ({
		type: "ContainerResource",
		containerResource: { name: "cpu", container, target: { type: "AverageValue", averageValue: "1" } },
	});
	const autoscaling = { enabled: true, maxReplicas: 2, metrics: [metric("plugin-auth"), metric("plugin-b")] };
	expect(autoscalerIdle(plannedShard({ autoscaling, plugins: [AUTH] }))).toEqual([
		{
			warning: "ContainerUnknown",
			field: "spec.autoscaling.metrics[1].containerResource.container",
			container: "plugin-b",
			known: ["prism-proxy", "plugin-auth"],
		},
	]);
});

it.each([
	["2Gi", [{ warning: "VolumesKept", wanted: "2Gi", has: "1Gi" }]],
	["1024Mi", undefined],
])("volumesKept: %s over volumes of 1Gi", (size, expected) => {
	const set: KubeObject = {
		apiVersion: "apps/v1",
		kind: "StatefulSet",
		metadata: { name: "prism-it", namespace: "prism" },
		spec: { volumeClaimTemplates: [{ spec: { resources: { requests: { storage: "1Gi" } } } }] },
	};
	expect(volumesKept(plannedShard({ storage: { size } }, { observed: [set] }))).toEqual(expected);
	expect(volumesKept(plannedShard({ storage: { size } }))).toBeUndefined();
});

it("are reported in the order of the list", () => {
	const input = plannedShard({
		image: "mine/proxy",
		plugins: [{ name: "auth", version: "latest" }],
		autoscaling: BY_CPU,
	});
	const warnings = ["PluginMissing", "ImageNotPinned", "ImageNotPinned", "NothingRequested"];
	expect(allFound(SHARD_WARNINGS, input).map(({ warning }) => warning)).toEqual(warnings);
	expect(input.plan.warnings.map(({ warning }) => warning)).toEqual(warnings);
});
