import type { Autoscaling, Metric } from "../schemas/autoscaling.ts";
import type { KubeObject, ObjectMeta } from "../schemas/common.ts";
import type { Warning, WarningOf } from "../schemas/findings/finding.ts";
import type { ObjectMap } from "../schemas/metacontroller.ts";
import type { Resources } from "../schemas/placement.ts";
import { observedOf, recordsAt } from "./object.ts";
import { canonicalQuantity } from "./quantity.ts";
import { asStored } from "./stored.ts";
import type { HorizontalPodAutoscaler, MetricSpec, PodDisruptionBudget, ScaledObject, Written } from "./types.ts";

/** One pod at a time may be evicted; pods that are broken anyway do not block the drain of a node. */
export const podDisruptionBudget = (
	metadata: ObjectMeta,
	selector: Readonly<Record<string, string>>,
): PodDisruptionBudget => ({
	apiVersion: "policy/v1",
	kind: "PodDisruptionBudget",
	metadata,
	spec: { maxUnavailable: 1, selector: { matchLabels: selector }, unhealthyPodEvictionPolicy: "AlwaysAllow" },
});

/** The scaled workload. */
export interface ScaleTarget {
	readonly kind: "Deployment" | "StatefulSet";
	readonly name: string;
}

/** The spec of a HorizontalPodAutoscaler. */
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

/** A metric in the form of a HorizontalPodAutoscaler, with quantities as the API server stores them. */
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

export type Autoscaler = HorizontalPodAutoscaler | ScaledObject;

/** The autoscaler of a Deployment, of the type in its spec. */
export const autoscaler = (metadata: ObjectMeta, name: string, autoscaling: Autoscaling): Autoscaler =>
	autoscaling.scaler === "keda"
		? scaledObject(metadata, name, autoscaling)
		: horizontalPodAutoscaler(metadata, { kind: "Deployment", name }, autoscaling);

/** KEDA's ScaledObject of a Deployment, from which KEDA creates a HorizontalPodAutoscaler. */
const scaledObject = (metadata: ObjectMeta, name: string, autoscaling: Autoscaling): ScaledObject => ({
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

// ── Warnings ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The scaled workload, as warnings name it. */
export interface Scaled {
	readonly autoscaling: Scaling;
	/** Resources of the main container. */
	readonly resources: Resources | undefined;
	readonly container: string;
	/** Sidecars, which have resources of their own. */
	readonly others?: readonly string[];
	/** Path of autoscaling and resources, such as "spec.proxy". */
	readonly path: string;
}

/** Why an autoscaler can't act, as far as the spec shows it. */
export const autoscalerWarnings = (scaled: Scaled): Warning[] => [
	...nothingRequested(scaled),
	...containerUnknown(scaled),
];

/** Admission can add containers, so the operator knows only that it did not create this one. */
const containerUnknown = ({ autoscaling, container, others = [], path }: Scaled): WarningOf<"ContainerUnknown">[] =>
	(autoscaling.metrics ?? []).flatMap(({ containerResource: measured }, index) =>
		measured === undefined || [container, ...others].includes(measured.container)
			? []
			: [
					{
						warning: "ContainerUnknown",
						field: `${path}.autoscaling.metrics[${index}].containerResource.container`,
						container: measured.container,
						known: [container, ...others],
					},
				],
	);

/** Without a request, a limit is the request. Requests from a LimitRange are unknown here. */
const nothingRequested = ({
	autoscaling,
	resources: { requests = {}, limits = {} } = {},
	container,
	path,
}: Scaled): WarningOf<"NothingRequested">[] =>
	sharesOf(autoscaling, container)
		.filter(({ resource }) => requests[resource] === undefined && limits[resource] === undefined)
		.map(({ field, resource }) => ({
			warning: "NothingRequested",
			field: `${path}.autoscaling.${field}`,
			resource,
			...(path !== "spec" && { set: `${path}.resources.requests.${resource}` }),
		}));

interface Share {
	readonly field: string;
	readonly resource: "cpu" | "memory";
}

/** Whether a target is a percentage of the pods' requests. */
const sharesOf = (autoscaling: Scaling, container: string): Share[] => [
	...(autoscaling.targetCPUUtilizationPercentage === undefined
		? []
		: [{ field: "targetCPUUtilizationPercentage", resource: "cpu" } as const]),
	...(autoscaling.targetMemoryUtilizationPercentage === undefined
		? []
		: [{ field: "targetMemoryUtilizationPercentage", resource: "memory" } as const]),
	...(autoscaling.metrics ?? []).flatMap(({ resource, containerResource }, index) => [
		...shareOf(resource, `metrics[${index}].resource`),
		...(containerResource?.container === container
			? shareOf(containerResource, `metrics[${index}].containerResource`)
			: []),
	]),
];

const shareOf = (of: Metric["resource"], field: string): Share[] =>
	of?.target.averageUtilization === undefined ? [] : [{ field: `${field}.target`, resource: of.name }];

/** Condition by which an autoscaler of a kind reports whether it acts. */
const ACTING: Readonly<Record<string, string>> = { HorizontalPodAutoscaler: "ScalingActive", ScaledObject: "Ready" };

/** Observed autoscalers that report that they can't act. */
export const scalingInactive = (wanted: readonly KubeObject[], observed: ObjectMap): WarningOf<"ScalingInactive">[] =>
	wanted.flatMap((child) => {
		const { kind, metadata } = child;
		const acting = recordsAt(observedOf(observed, child), "status", "conditions").find(
			({ type }) => type === ACTING[kind],
		);
		if (acting?.["status"] !== "False") return [];
		const { name, namespace = "default" } = metadata;
		const { reason } = acting;
		const remedy = { verb: "describe", kind: kind.toLowerCase(), name, namespace } as const;
		return [
			{
				warning: "ScalingInactive",
				scaler: { kind, name },
				because: typeof reason === "string" ? reason : "Unknown",
				remedy,
			},
		];
	});
