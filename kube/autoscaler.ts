import type { Autoscaling, Metric } from "../schemas/autoscaling.ts";
import type { KubeObject, ObjectMeta } from "../schemas/common.ts";
import type { Warning, WarningOf } from "../schemas/findings/finding.ts";
import type { ObjectMap } from "../schemas/metacontroller.ts";
import type { Resources } from "../schemas/scheduling.ts";
import type { HorizontalPodAutoscaler } from "./children/horizontal-pod-autoscaler.ts";
import { horizontalPodAutoscaler, type ScaleTarget, type Scaling } from "./children/horizontal-pod-autoscaler.ts";
import type { ScaledObject } from "./children/scaled-object.ts";
import { scaledObject } from "./children/scaled-object.ts";
import { observedOf, recordsAt } from "./object.ts";

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

/** Admission may add containers, so a missing container is not certain: only that the operator does not create it. */
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
