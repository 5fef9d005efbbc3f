import { expect, it } from "vitest";
import {
	antiAffinityIdle,
	autoscalerIdle,
	backendConfigMissing,
	backendUnknown,
	imageFloating,
	metricsPortShared,
	patternUnknown,
	RUNNER_WARNINGS,
	scalerMissing,
} from "../../../hooks/patternrunner/warnings.ts";
import { allFound } from "../../../kube/check-list.ts";
import { plannedRunner } from "../plans.ts";

it.each([
	["mine:latest", 1],
	["mine:v1", 0],
])("imageFloating: %s", (image, count) => {
	expect(imageFloating(plannedRunner({ image }))).toHaveLength(count);
});

it.each<[string, object, number | undefined]>([
	["one port for both", { service: { port: 9000 }, observability: { metricsPort: 9000 } }, 9000],
	["two ports", { service: { port: 9000 }, observability: { metricsPort: 9001 } }, undefined],
	["no Service", { service: { type: "None", port: 9000 }, observability: { metricsPort: 9000 } }, undefined],
	["no metrics", {}, undefined],
])("metricsPortShared: %s", (_, spec, port) => {
	const field = "spec.observability.metricsPort";
	expect(metricsPortShared(plannedRunner(spec))).toEqual(
		port && [{ warning: "MetricsPortShared", field, other: "spec.service.port", port }],
	);
});

it.each<[object, boolean]>([
	[{ pattern: "stream" }, true],
	[{ pattern: "stream", image: "mine:1" }, false],
	[{ pattern: "queue" }, false],
])("patternUnknown: %j", (spec, isFound) => {
	expect(patternUnknown(plannedRunner(spec)) !== undefined).toBe(isFound);
});

const antiAffinity = (matchLabels: object) => ({
	podAntiAffinity: {
		requiredDuringSchedulingIgnoredDuringExecution: [
			{ topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels } },
		],
	},
});
it.each([
	["runnerSpec", { app: "other" }, 1],
	["placement", { app: "other" }, 1],
	["runnerSpec", { app: "prism" }, 0],
])("antiAffinityIdle: in %s to pods with %j", (field, labels, count) => {
	const found = antiAffinityIdle(plannedRunner({ [field]: { affinity: antiAffinity(labels) } }));
	expect(found).toHaveLength(count);
	if (count > 0) expect(found?.[0]).toMatchObject({ of: { field: `spec.${field}.affinity.podAntiAffinity` } });
});

const BY_KEDA = { enabled: true, maxReplicas: 2, scaler: "keda", triggers: [{ type: "cron", metadata: {} }] };
it.each([
	[false, [{ warning: "KedaMissing", path: "spec" }]],
	[true, []],
])("scalerMissing: the cluster has KEDA: %s", (keda, expected) => {
	expect(scalerMissing(plannedRunner({ autoscaling: BY_KEDA }, { installation: { keda } }))).toEqual(expected);
});

const BY_CPU = { enabled: true, maxReplicas: 2, targetCPUUtilizationPercentage: 70 };
it.each<[string, object, number]>([
	["nothing requested", { autoscaling: BY_CPU }, 1],
	["cpu requested", { autoscaling: BY_CPU, resources: { requests: { cpu: "1" } } }, 0],
	["no autoscaler", {}, 0],
])("autoscalerIdle: %s", (_, spec, count) => {
	expect(autoscalerIdle(plannedRunner(spec)) ?? []).toHaveLength(count);
});

it.each<[object, object[] | undefined]>([
	[{ backendConfig: { name: "redis" } }, [{ warning: "BackendConfigMissing", name: "redis" }]],
	[{ backend: "redis", backendConfig: { name: "redis" } }, undefined],
	[{}, undefined],
])("backendConfigMissing: %j", (spec, expected) => {
	expect(backendConfigMissing(plannedRunner(spec))).toEqual(expected);
});

it.each<[Record<string, string>, object[] | undefined]>([
	[{ "prism.io/unknown-backend": "true" }, [{ warning: "BackendUnknown", field: "spec.backend", backend: "memstore" }]],
	[{}, undefined],
])("backendUnknown: %j", (annotations, expected) => {
	expect(backendUnknown(plannedRunner({}, { metadata: { annotations } }))).toEqual(expected);
});

it("are reported in the order of the list", () => {
	const input = plannedRunner({
		pattern: "stream",
		autoscaling: BY_KEDA,
		observability: { metricsPort: 8080 },
		backendConfig: { name: "redis" },
	});
	const warnings = ["MetricsPortShared", "UnknownPattern", "KedaMissing", "BackendConfigMissing"];
	expect(allFound(RUNNER_WARNINGS, input).map(({ warning }) => warning)).toEqual(warnings);
	expect(input.plan.warnings.map(({ warning }) => warning)).toEqual(warnings);
});
