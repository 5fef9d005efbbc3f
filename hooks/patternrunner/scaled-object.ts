import { type ScaledObject, scaledObject } from "../../kube/children/scaled-object.ts";
import { childMetadata } from "../../kube/object.ts";
import type { RunnerPlan } from "./plan.ts";

/** While spec.autoscaling is on, for KEDA. */
export const runnerScaledObject = (plan: RunnerPlan): ScaledObject | undefined => {
	const { autoscaling } = plan.sizing;
	return autoscaling?.scaler === "keda"
		? scaledObject(childMetadata(plan, plan.name), { kind: "Deployment", name: plan.name }, autoscaling)
		: undefined;
};
