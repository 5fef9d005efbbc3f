import type { Autoscaling } from "../schemas/autoscaling.ts";
import type { ObjectMeta } from "../schemas/common.ts";
import type { ScaledObject } from "./types.ts";

/** KEDA's ScaledObject of a Deployment; KEDA makes a HorizontalPodAutoscaler of its own from it. */
export const scaledObject = (metadata: ObjectMeta, name: string, autoscaling: Autoscaling): ScaledObject => ({
	apiVersion: "keda.sh/v1alpha1",
	kind: "ScaledObject",
	metadata,
	spec: {
		scaleTargetRef: { name },
		minReplicaCount: autoscaling.minReplicas,
		maxReplicaCount: autoscaling.maxReplicas,
		pollingInterval: autoscaling.pollingInterval,
		cooldownPeriod: autoscaling.cooldownPeriod,
		advanced: autoscaling.behavior && { horizontalPodAutoscalerConfig: { behavior: autoscaling.behavior } },
		triggers: autoscaling.triggers ?? [],
	},
});
