import { expect, it } from "vitest";
import type { StackPlan } from "../../../hooks/prismstack/plan.ts";
import {
	antiAffinityIdle,
	autoscalerIdle,
	backendUnknown,
	backendUnused,
	imageFloating,
	metricsPortShared,
	proxyIdsNotKept,
	recordsForgotten,
	replicasIgnored,
	STACK_WARNINGS,
	type StackWarningInput,
	scalerInactive,
	scalerMissing,
} from "../../../hooks/prismstack/warnings.ts";
import { allFound } from "../../../kube/check-list.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { planned, plannedAdmin, seeing } from "./planned.ts";

const inputOf = (plan: StackPlan, ...observed: readonly KubeObject[]): StackWarningInput => ({
	plan,
	children: observed,
	request: seeing(...observed).request,
});
const ofSpec = (spec: Record<string, unknown>, ...observed: readonly KubeObject[]) =>
	inputOf(planned(spec), ...observed);
const ofAdmin = (admin: Record<string, unknown>, more?: Record<string, unknown>) =>
	inputOf(plannedAdmin(admin, more).plan);

it.each([
	["mine:latest", [{ warning: "ImageNotPinned", field: "spec.admin.image", image: "mine:latest" }]],
	["mine:v1", []],
])("imageFloating: %s", (image, expected) => {
	expect(imageFloating(plannedAdmin({ image }).admin)).toEqual(expected);
});

const antiAffinity = (matchLabels: object) => ({
	affinity: {
		podAntiAffinity: {
			requiredDuringSchedulingIgnoredDuringExecution: [
				{ topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels } },
			],
		},
	},
});

it.each([
	["other", [{ warning: "IdleAntiAffinity", of: { component: "proxy" } }]],
	["prism-proxy", []],
])("antiAffinityIdle: to pods of app %s", (app, expected) => {
	expect(antiAffinityIdle(planned({ proxy: { placement: antiAffinity({ app }) } }).proxy)).toMatchObject(expected);
});

const metricsAt = (port: number) => ({ observability: { enabled: true, metrics: { port } } });
const shared = (component: string, port: number) => ({
	warning: "MetricsPortShared",
	field: "spec.observability.metrics.port",
	other: `spec.${component}.port`,
	port,
});

it.each<[string, StackWarningInput, object[]]>([
	["another port", ofAdmin({ port: 9001 }, { proxy: { port: 9000 }, ...metricsAt(9090) }), []],
	["that of the proxies", ofSpec({ proxy: { port: 9000 }, ...metricsAt(9000) }), [shared("proxy", 9000)]],
	["that of the control plane", ofAdmin({ port: 9001 }, metricsAt(9001)), [shared("admin", 9001)]],
	[
		"that of both",
		ofAdmin({ port: 9000 }, { proxy: { port: 9000 }, ...metricsAt(9000) }),
		[shared("proxy", 9000), shared("admin", 9000)],
	],
])("metricsPortShared: %s", (_, input, expected) => {
	expect(metricsPortShared(input)).toEqual(expected);
});

it.each<[string, StackWarningInput, object[] | undefined]>([
	["no control plane", ofSpec({}), undefined],
	["one without volumes", ofAdmin({ replicas: 1 }), [{ warning: "RecordsForgotten", replicas: 1 }]],
	["one with volumes", ofAdmin({ replicas: 1, storage: {} }), undefined],
	["none of its pods", ofAdmin({ replicas: 0 }), undefined],
])("recordsForgotten: %s", (_, input, expected) => {
	expect(recordsForgotten(input)).toEqual(expected);
});

const OWN_ID = { env: [{ name: "PRISM_PROXY_ID", value: "one" }] };

it.each<[string, boolean, object, boolean]>([
	["names of the pods of a Deployment", true, {}, true],
	["names of the pods of a StatefulSet", true, { workload: "StatefulSet" }, false],
	["without the arguments of the design", false, {}, false],
	["a variable of the spec", true, OWN_ID, false],
	["arguments of the spec", true, { args: ["--proxy-id=one"] }, false],
])("proxyIdsNotKept: %s", (_, proxyArguments, proxy, isFound) => {
	const withAdmin = planned({ proxy, admin: { enabled: true } }, { proxyArguments });
	expect(proxyIdsNotKept(inputOf(withAdmin))).toEqual(isFound ? [{ warning: "ProxyIdsNotKept" }] : undefined);
	expect(proxyIdsNotKept(inputOf(planned({ proxy }, { proxyArguments })))).toBeUndefined();
});

const REDIS = { name: "redis", type: "cache", connectionString: "redis://redis:6379" };
const patternOn = (backend: string, more: object = {}) => ({ name: "p", type: "keyvalue", backend, ...more });

it.each<[string, object, string[], string[]]>([
	["a backend in use", { backends: [REDIS], patterns: [patternOn("redis")] }, [], []],
	["one that no pattern uses", { backends: [REDIS], patterns: [patternOn("memstore")] }, ["redis"], []],
	[
		"one that the stack does not have",
		{ backends: [REDIS], patterns: [patternOn("redis"), patternOn("kafka")] },
		[],
		["spec.patterns[1].backend"],
	],
	[
		"one of a BackendConfig",
		{ backends: [REDIS], patterns: [patternOn("redis"), patternOn("kafka", { backendConfig: { name: "kafka" } })] },
		[],
		[],
	],
	["one where the stack has none at all", { patterns: [patternOn("kafka")] }, [], []],
])("backendUnused, backendUnknown: %s", (_, spec, unused, unknown) => {
	const input = ofSpec({ ...spec });
	expect(backendUnused(input)).toEqual(unused.map((backend) => ({ warning: "BackendUnused", backend })));
	expect(backendUnknown(input)).toEqual(
		unknown.map((field) => ({ warning: "BackendUnknown", field, backend: "kafka", known: ["redis"] })),
	);
});

const BY_KEDA = { enabled: true, maxReplicas: 2, scaler: "keda", triggers: [{ type: "cron", metadata: {} }] };

it.each([
	[false, [{ warning: "KedaMissing", path: "spec.proxy" }]],
	[true, []],
])("scalerMissing: the cluster has KEDA: %s", (keda, expected) => {
	expect(scalerMissing(inputOf(planned({ proxy: { autoscaling: BY_KEDA } }, { keda })))).toEqual(expected);
});

const BY_CPU = { enabled: true, maxReplicas: 9, targetCPUUtilizationPercentage: 70 };
const deployment = (before: string): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: {
		name: "it-proxy",
		namespace: "prism",
		annotations: { "prism.io/replicas-before-autoscaling": before },
	},
	spec: { replicas: 7 },
});

it.each<[string, object, object[]]>([
	[
		"changed while an autoscaler owns the count",
		{ replicas: 5, autoscaling: BY_CPU },
		[{ warning: "ReplicasUnused", path: "spec.proxy", replicas: 5 }],
	],
	["kept after it", { replicas: 3 }, [{ warning: "ReplicasKept", path: "spec.proxy", replicas: 3, kept: 7 }]],
	["changed after it", { replicas: 5 }, []],
])("replicasIgnored: %s", (_, proxy, expected) => {
	expect(replicasIgnored(ofSpec({ proxy }, deployment("3")))).toEqual(expected);
});

it.each([
	["False", [{ warning: "ScalingInactive", because: "FailedGetResourceMetric" }]],
	["True", []],
])("scalerInactive: ScalingActive is %s", (status, expected) => {
	const autoscaler: KubeObject = {
		apiVersion: "autoscaling/v2",
		kind: "HorizontalPodAutoscaler",
		metadata: { name: "it-proxy", namespace: "prism" },
		status: { conditions: [{ type: "ScalingActive", status, reason: "FailedGetResourceMetric" }] },
	};
	expect(scalerInactive(ofSpec({}, autoscaler))).toMatchObject(expected);
});

it.each<[string, object, number]>([
	["nothing requested", { autoscaling: BY_CPU }, 1],
	["cpu requested", { autoscaling: BY_CPU, resources: { requests: { cpu: "1" } } }, 0],
	["no autoscaler", {}, 0],
])("autoscalerIdle: %s", (_, proxy, count) => {
	expect(autoscalerIdle(ofSpec({ proxy })) ?? []).toHaveLength(count);
});

it("are reported in the order of the list, and those of the proxies first", () => {
	const proxy = { image: "mine:latest", placement: antiAffinity({ app: "other" }), autoscaling: BY_KEDA };
	const spec = { proxy, backends: [REDIS], patterns: [patternOn("kafka")] };
	const input = ofAdmin({ image: "other:latest", replicas: 1 }, spec);
	expect(allFound(STACK_WARNINGS, input).map(({ warning }) => warning)).toEqual([
		"ImageNotPinned",
		"IdleAntiAffinity",
		"ImageNotPinned",
		"RecordsForgotten",
		"BackendUnused",
		"BackendUnknown",
		"KedaMissing",
	]);
});
