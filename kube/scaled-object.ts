import type { Autoscaling } from "../schemas/autoscaling.ts";
import type { ObjectMeta } from "../schemas/common.ts";
import type { ScaleTarget } from "./horizontal-pod-autoscaler.ts";
import type { ScaledObject } from "./types.ts";

/** KEDA's ScaledObject of a workload; KEDA makes a HorizontalPodAutoscaler of its own from it. */
export const scaledObject = (
	metadata: ObjectMeta,
	{ kind, name }: ScaleTarget,
	autoscaling: Autoscaling,
): ScaledObject => ({
	apiVersion: "keda.sh/v1alpha1",
	kind: "ScaledObject",
	metadata,
	spec: {
		// KEDA scales a Deployment where no kind is named.
		scaleTargetRef: { ...(kind !== "Deployment" && { apiVersion: "apps/v1", kind }), name },
		minReplicaCount: autoscaling.minReplicas,
		maxReplicaCount: autoscaling.maxReplicas,
		pollingInterval: autoscaling.pollingInterval,
		cooldownPeriod: autoscaling.cooldownPeriod,
		advanced: autoscaling.behavior && { horizontalPodAutoscalerConfig: { behavior: autoscaling.behavior } },
		triggers: autoscaling.triggers ?? [],
	},
});
