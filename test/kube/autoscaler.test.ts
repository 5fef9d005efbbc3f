import { expect, it } from "vitest";
import { autoscaler, autoscalerWarnings, type Scaled, scalingInactive } from "../../kube/autoscaler.ts";
import { objectMap } from "../../kube/offline.ts";
import type { KubeObject } from "../../schemas/common.ts";

const BOUNDS = { enabled: true, minReplicas: 1, maxReplicas: 3 } as const;

it.each([
	["hpa", "HorizontalPodAutoscaler"],
	["keda", "ScaledObject"],
] as const)("is of the sort that the spec asks for: %s", (scaler, kind) => {
	const made = autoscaler({ name: "it" }, "pods", { ...BOUNDS, scaler }, "StatefulSet");
	expect(made).toMatchObject({ kind, spec: { scaleTargetRef: { kind: "StatefulSet", name: "pods" } } });
});

const scaled = (autoscaling: object, more: Partial<Scaled> = {}): Scaled => ({
	autoscaling: { ...BOUNDS, ...autoscaling },
	resources: undefined,
	container: "proxy",
	path: "spec.proxy",
	...more,
});
const utilization = (name: "cpu" | "memory") => ({
	name,
	target: { type: "Utilization", averageUtilization: 50 },
});
const share = (name: "cpu" | "memory") => ({ type: "Resource", resource: utilization(name) });
const shareOf = (container: string) => ({
	type: "ContainerResource",
	containerResource: { ...utilization("memory"), container },
});
const cpu = { targetCPUUtilizationPercentage: 80 };

it.each([
	{ reason: "nothing is a share", given: scaled({}), is: [] },
	{
		reason: "a share of nothing",
		given: scaled({ ...cpu, targetMemoryUtilizationPercentage: 80 }),
		is: [
			["NothingRequested", "spec.proxy.autoscaling.targetCPUUtilizationPercentage"],
			["NothingRequested", "spec.proxy.autoscaling.targetMemoryUtilizationPercentage"],
		],
	},
	{ reason: "a request", given: scaled(cpu, { resources: { requests: { cpu: "1" } } }), is: [] },
	{ reason: "a limit is a request, too", given: scaled(cpu, { resources: { limits: { cpu: "1" } } }), is: [] },
	{
		reason: "a metric's share",
		given: scaled({ metrics: [share("memory"), share("cpu")] }, { resources: { requests: { memory: "1Gi" } } }),
		is: [["NothingRequested", "spec.proxy.autoscaling.metrics[1].resource.target"]],
	},
	{
		reason: "an amount is no share",
		given: scaled({ metrics: [{ resource: { name: "cpu", target: { type: "AverageValue", averageValue: "1" } } }] }),
		is: [],
	},
	{
		reason: "a share of our container",
		given: scaled({ metrics: [shareOf("proxy")] }),
		is: [["NothingRequested", "spec.proxy.autoscaling.metrics[0].containerResource.target"]],
	},
	{ reason: "a share of one beside it", given: scaled({ metrics: [shareOf("auth")] }, { others: ["auth"] }), is: [] },
	{
		reason: "a share of no container of ours",
		given: scaled({ metrics: [shareOf("mesh")] }, { others: ["auth"] }),
		is: [["ContainerUnknown", "spec.proxy.autoscaling.metrics[0].containerResource.container"]],
	},
])("warns of what keeps it from acting: $reason", ({ given, is }) => {
	expect(autoscalerWarnings(given).map((warning) => [warning.warning, "field" in warning && warning.field])).toEqual(
		is,
	);
});

it("names the field to set, except where the pods are the whole spec", () => {
	expect(autoscalerWarnings(scaled(cpu))).toMatchObject([{ set: "spec.proxy.resources.requests.cpu" }]);
	expect(autoscalerWarnings(scaled(cpu, { path: "spec" }))[0]).not.toHaveProperty("set");
});

const child = (kind: string, ...conditions: object[]): KubeObject => ({
	apiVersion: "v1",
	kind,
	metadata: { name: "a", namespace: "n" },
	status: { conditions },
});

it.each([
	["HorizontalPodAutoscaler", { type: "ScalingActive", status: "False", reason: "FailedGet" }, "FailedGet"],
	["HorizontalPodAutoscaler", { type: "ScalingActive", status: "False" }, "Unknown"],
	["HorizontalPodAutoscaler", { type: "ScalingActive", status: "True", reason: "Fine" }, undefined],
	["HorizontalPodAutoscaler", { type: "Ready", status: "False", reason: "Other" }, undefined],
	["ScaledObject", { type: "Ready", status: "False", reason: "Triggers" }, "Triggers"],
	["Service", { type: "Ready", status: "False", reason: "Other" }, undefined],
])("a %s that reports %j", (kind, condition, because) => {
	const there = child(kind, condition);
	const found = scalingInactive([child(kind)], objectMap([there]));
	const remedy = { verb: "describe", kind: kind.toLowerCase(), name: "a", namespace: "n" };
	const expected = [{ warning: "ScalingInactive", scaler: { kind, name: "a" }, because, remedy }];
	expect(found).toEqual(because === undefined ? [] : expected);
	expect(scalingInactive([there], {})).toEqual([]);
});
