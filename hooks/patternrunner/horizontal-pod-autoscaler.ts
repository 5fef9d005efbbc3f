import {
	type HorizontalPodAutoscaler,
	horizontalPodAutoscaler,
} from "../../kube/children/horizontal-pod-autoscaler.ts";
import { childMetadata } from "../../kube/object.ts";
import type { RunnerPlan } from "./plan.ts";

/** While spec.autoscaling is on, and not for KEDA. */
export const runnerAutoscaler = (plan: RunnerPlan): HorizontalPodAutoscaler | undefined => {
	const { autoscaling } = plan.sizing;
	if (autoscaling === undefined || autoscaling.scaler === "keda") return undefined;
	return horizontalPodAutoscaler(childMetadata(plan, plan.name), { kind: "Deployment", name: plan.name }, autoscaling);
};
