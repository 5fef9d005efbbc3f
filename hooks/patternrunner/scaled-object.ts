import { childMetadata } from "../../kube/object.ts";
import { scaledObject } from "../../kube/scaled-object.ts";
import type { ScaledObject } from "../../kube/types.ts";
import type { RunnerPlan } from "./plan.ts";

/** While spec.autoscaling is on, for KEDA. */
export const runnerScaledObject = (plan: RunnerPlan): ScaledObject | undefined => {
	const { autoscaling } = plan.sizing;
	return autoscaling?.scaler === "keda"
		? scaledObject(childMetadata(plan, plan.name), { kind: "Deployment", name: plan.name }, autoscaling)
		: undefined;
};
