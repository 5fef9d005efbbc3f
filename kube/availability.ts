import type { Autoscaling } from "../schemas/autoscaling.ts";
import type { KubeObject, ObjectMeta } from "../schemas/common.ts";
import { canonicalQuantity } from "./quantity.ts";
import { asStored } from "./stored.ts";

/** One pod at a time may be evicted; pods that are broken anyway don't hold up a node's drain. */
export const podDisruptionBudget = (metadata: ObjectMeta, selector: Readonly<Record<string, string>>): KubeObject => ({
	apiVersion: "policy/v1",
	kind: "PodDisruptionBudget",
	metadata,
	spec: { maxUnavailable: 1, selector: { matchLabels: selector }, unhealthyPodEvictionPolicy: "AlwaysAllow" },
});

/** The workload whose count of pods is moved. */
export interface ScaleTarget {
	readonly kind: "Deployment" | "StatefulSet";
	readonly name: string;
}

/** What a HorizontalPodAutoscaler holds. */
export type Scaling = Pick<
	Autoscaling,
	| "minReplicas"
	| "maxReplicas"
	| "targetCPUUtilizationPercentage"
	| "targetMemoryUtilizationPercentage"
	| "metrics"
	| "behavior"
>;

/** HorizontalPodAutoscaler v2 of a workload. */
export const horizontalPodAutoscaler = (
	metadata: ObjectMeta,
	target: ScaleTarget,
	autoscaling: Scaling,
): KubeObject => ({
	apiVersion: "autoscaling/v2",
	kind: "HorizontalPodAutoscaler",
	metadata,
	spec: asStored({
		scaleTargetRef: { apiVersion: "apps/v1", kind: target.kind, name: target.name },
		minReplicas: autoscaling.minReplicas,
		maxReplicas: autoscaling.maxReplicas,
		metrics: [
			...utilization("cpu", autoscaling.targetCPUUtilizationPercentage),
			...utilization("memory", autoscaling.targetMemoryUtilizationPercentage),
			...(autoscaling.metrics ?? []).map(customMetric),
		],
		behavior: autoscaling.behavior,
	}),
});

const utilization = (name: string, averageUtilization: number | undefined) =>
	averageUtilization === undefined
		? []
		: [{ type: "Resource", resource: { name, target: { type: "Utilization", averageUtilization } } }];

const customMetric = (metric: NonNullable<Autoscaling["metrics"]>[number]) => {
	const value = canonicalQuantity(metric.averageValue) ?? String(metric.averageValue);
	const body = {
		metric: { name: metric.name, selector: metric.selector },
		target: { type: "AverageValue", averageValue: value },
	};
	return metric.source === "External" ? { type: "External", external: body } : { type: "Pods", pods: body };
};

/** KEDA's ScaledObject of a Deployment; KEDA makes a HorizontalPodAutoscaler of its own from it. */
export const scaledObject = (metadata: ObjectMeta, { name }: ScaleTarget, autoscaling: Autoscaling): KubeObject => ({
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
