import { expect, it } from "vitest";
import { shardAutoscaler } from "../../../hooks/prismshard/horizontal-pod-autoscaler.ts";
import { plannedShard } from "../plans.ts";

const built = (autoscaling?: object) => shardAutoscaler(plannedShard({ autoscaling }).plan);
const BOUNDS = { enabled: true, minReplicas: 2, maxReplicas: 5 };

it.each([[undefined], [{ ...BOUNDS, enabled: false }]])("is not wanted by default, nor switched off: %j", (spec) => {
	expect(built(spec)).toBeUndefined();
});

it("moves the StatefulSet within the bounds", () => {
	expect(built({ ...BOUNDS, targetRPS: 100 })?.spec).toMatchObject({
		scaleTargetRef: { apiVersion: "apps/v1", kind: "StatefulSet", name: "prism-it" },
		minReplicas: 2,
		maxReplicas: 5,
	});
});

it("goes by the load that the pods report, before the user's own metrics", () => {
	const metrics = [{ name: "queue_length", averageValue: "0.03k" }];
	expect(built({ ...BOUNDS, targetRPS: 100, metrics })?.spec?.metrics).toMatchObject([
		{
			type: "Pods",
			pods: {
				metric: { name: "prism_requests_per_second" },
				target: { type: "AverageValue", averageValue: "100" },
			},
		},
		{ type: "Pods", pods: { metric: { name: "queue_length" }, target: { averageValue: "30" } } },
	]);
	expect(built({ ...BOUNDS, metrics })?.spec?.metrics).toHaveLength(1);
});
