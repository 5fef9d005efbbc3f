import type { Autoscaling, Metric } from "../schemas/autoscaling.ts";
import type { KubeObject, ObjectMeta } from "../schemas/common.ts";
import type { Warning, WarningOf } from "../schemas/findings/finding.ts";
import type { ObjectMap } from "../schemas/metacontroller.ts";
import type { Resources } from "../schemas/placement.ts";
import { observedOf, recordsAt } from "./object.ts";
import { canonicalQuantity } from "./quantity.ts";
import { asStored } from "./stored.ts";
import type { HorizontalPodAutoscaler, MetricSpec, PodDisruptionBudget, ScaledObject, Written } from "./types.ts";

/** One pod at a time may be evicted; pods that are broken anyway don't hold up a node's drain. */
export const podDisruptionBudget = (
	metadata: ObjectMeta,
	selector: Readonly<Record<string, string>>,
): PodDisruptionBudget => ({
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

export type Autoscaler = HorizontalPodAutoscaler | ScaledObject;

/** The autoscaler of a workload, of the sort that its spec asks for. */
export const autoscaler = (
	metadata: ObjectMeta,
	name: string,
	autoscaling: Autoscaling,
	kind: ScaleTarget["kind"] = "Deployment",
): Autoscaler =>
	autoscaling.scaler === "keda"
		? scaledObject(metadata, { kind, name }, autoscaling)
		: horizontalPodAutoscaler(metadata, { kind, name }, autoscaling);

/** KEDA's ScaledObject of a workload; KEDA makes a HorizontalPodAutoscaler of its own from it. */
const scaledObject = (metadata: ObjectMeta, { kind, name }: ScaleTarget, autoscaling: Autoscaling): ScaledObject => ({
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

// ── Warnings ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What is scaled, as its warnings name it. */
export interface Scaled {
	readonly autoscaling: Scaling;
	/** Of the container that its spec is about. */
	readonly resources: Resources | undefined;
	readonly container: string;
	/** Containers beside it, which have resources of their own. */
	readonly others?: readonly string[];
	/** Where autoscaling and resources are, such as "spec.proxy". */
	readonly path: string;
}

/** What keeps an autoscaler from acting, as far as the spec shows it. */
export const autoscalerWarnings = (scaled: Scaled): Warning[] => [
	...nothingRequested(scaled),
	...containerUnknown(scaled),
];

/** Admission may add containers: that this one is not there can't be known, only that nobody here makes it. */
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

/** A limit is a request, too, where there is none. What a LimitRange adds is not known here. */
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

/** Where a share of the pods' requests is to be held. */
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

/** Autoscalers that were observed and report that they can't act. */
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
