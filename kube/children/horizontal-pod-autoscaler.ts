import type { V2HorizontalPodAutoscaler } from "@kubernetes/client-node";
import type { Autoscaling, Metric } from "../../schemas/autoscaling.ts";
import type { ObjectMeta } from "../../schemas/common.ts";
import { canonicalQuantity } from "../quantity.ts";
import { asStored } from "../stored-form.ts";
import type { Child, Written } from "../types.ts";

export type HorizontalPodAutoscaler = Child<"autoscaling/v2", "HorizontalPodAutoscaler", V2HorizontalPodAutoscaler>;
type MetricSpec = NonNullable<NonNullable<HorizontalPodAutoscaler["spec"]>["metrics"]>[number];

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
): HorizontalPodAutoscaler => ({
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
			...(autoscaling.metrics ?? []).map(metricSpec),
		],
		behavior: autoscaling.behavior,
	}),
});

const utilization = (name: string, averageUtilization: number | undefined): MetricSpec[] =>
	averageUtilization === undefined
		? []
		: [{ type: "Resource", resource: { name, target: { type: "Utilization", averageUtilization } } }];

const metricSpec = (metric: Metric): MetricSpec => {
	const { name, averageValue } = metric;
	if (name === undefined || averageValue === undefined) return fullMetric(metric);
	const body: MetricSpec["pods"] = {
		metric: { name, selector: metric.selector },
		target: { type: "AverageValue", averageValue: canonical(averageValue) },
	};
	return metric.source === "External" ? { type: "External", external: body } : { type: "Pods", pods: body };
};

/** One that is written as a HorizontalPodAutoscaler has it, with quantities as they are stored. */
const fullMetric = ({ type = "Pods", resource, containerResource, pods, object, external }: Metric): MetricSpec => ({
	type,
	resource: resource && { ...resource, target: targetOf(resource.target) },
	containerResource: containerResource && { ...containerResource, target: targetOf(containerResource.target) },
	pods: pods && { ...pods, target: targetOf(pods.target) },
	object: object && { ...object, target: targetOf(object.target) },
	external: external && { ...external, target: targetOf(external.target) },
});

type Target = Written<NonNullable<MetricSpec["external"]>["target"]>;

const targetOf = ({ type, averageUtilization, ...target }: GivenTarget): Target => ({
	type,
	averageUtilization,
	averageValue: target.averageValue === undefined ? undefined : canonical(target.averageValue),
	value: target.value === undefined ? undefined : canonical(target.value),
});

interface GivenTarget {
	readonly type: string;
	readonly averageUtilization?: number;
	readonly averageValue?: string | number;
	readonly value?: string | number;
}

const canonical = (quantity: string | number): string => canonicalQuantity(quantity) ?? String(quantity);
