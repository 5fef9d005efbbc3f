import type { Autoscaling } from "../../schemas/autoscaling.ts";
import type { ObjectMeta } from "../../schemas/common.ts";
import type { Child } from "../types.ts";
import type { ScaleTarget } from "./horizontal-pod-autoscaler.ts";

/** KEDA's, as far as it is set here. */
interface ScaledObjectSpec {
	scaleTargetRef: { apiVersion?: string; kind?: string; name: string };
	minReplicaCount: number;
	maxReplicaCount: number;
	pollingInterval?: number;
	cooldownPeriod?: number;
	advanced?: { horizontalPodAutoscalerConfig: { behavior: Autoscaling["behavior"] } };
	triggers: NonNullable<Autoscaling["triggers"]>;
}
export type ScaledObject = Child<"keda.sh/v1alpha1", "ScaledObject", { spec: ScaledObjectSpec }>;

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
