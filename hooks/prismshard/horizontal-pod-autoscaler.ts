import {
	type HorizontalPodAutoscaler,
	horizontalPodAutoscaler,
} from "../../kube/children/horizontal-pod-autoscaler.ts";
import { childMetadata } from "../../kube/object.ts";
import type { Metric } from "../../schemas/autoscaling.ts";
import type { ShardPlan } from "./plan.ts";

/** Name of the metric that each pod reports, and that the metrics API must have. */
const LOAD_METRIC = "prism_requests_per_second";

/** By load per pod and the user's own metrics, while spec.autoscaling is on. */
export const shardAutoscaler = (plan: ShardPlan): HorizontalPodAutoscaler | undefined => {
	const { autoscaling } = plan.sizing;
	if (autoscaling === undefined) return undefined;
	const { targetRPS, metrics = [] } = autoscaling;
	const load: Metric[] =
		targetRPS === undefined ? [] : [{ name: LOAD_METRIC, source: "Pods", averageValue: targetRPS }];
	return horizontalPodAutoscaler(
		childMetadata(plan, plan.names.base),
		{ kind: "StatefulSet", name: plan.names.base },
		{ ...autoscaling, metrics: [...load, ...metrics] },
	);
};
