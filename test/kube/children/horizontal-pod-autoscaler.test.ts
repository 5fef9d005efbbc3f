import { expect, it } from "vitest";
import { horizontalPodAutoscaler, type Scaling } from "../../../kube/children/horizontal-pod-autoscaler.ts";

const BOUNDS = { minReplicas: 1, maxReplicas: 3 };
const specOf = (scaling: Partial<Scaling>) =>
	horizontalPodAutoscaler({ name: "it" }, { kind: "StatefulSet", name: "pods" }, { ...BOUNDS, ...scaling }).spec;
const full = { type: "AverageValue", averageValue: "1000m" } as const;

it("moves its target within the bounds", () => {
	expect(specOf({})).toMatchObject({
		...BOUNDS,
		scaleTargetRef: { apiVersion: "apps/v1", kind: "StatefulSet", name: "pods" },
	});
});

it.each<[string, Partial<Scaling>, object[]]>([
	[
		"shares of requests, cpu first",
		{ targetMemoryUtilizationPercentage: 80, targetCPUUtilizationPercentage: 70 },
		[
			{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
			{ type: "Resource", resource: { name: "memory", target: { type: "Utilization", averageUtilization: 80 } } },
		],
	],
	[
		"metrics of pods by their names, in the form in which quantities are stored",
		{ metrics: [{ name: "rps", source: "Pods", averageValue: "0.1k" }] },
		[{ type: "Pods", pods: { metric: { name: "rps" }, target: { type: "AverageValue", averageValue: "100" } } }],
	],
	[
		"external metrics by their names",
		{ metrics: [{ name: "lag", source: "External", averageValue: 5 }] },
		[{ type: "External", external: { metric: { name: "lag" }, target: { type: "AverageValue", averageValue: "5" } } }],
	],
	[
		"metrics as Kubernetes has them",
		{ metrics: [{ source: "Pods", type: "External", external: { metric: { name: "lag" }, target: full } }] },
		[{ type: "External", external: { metric: { name: "lag" }, target: { type: "AverageValue", averageValue: "1" } } }],
	],
])("goes by %s", (_, scaling, metrics) => {
	expect(specOf(scaling)?.metrics).toMatchObject(metrics);
	expect(specOf(scaling)?.metrics).toHaveLength(metrics.length);
});
