import type { KubeObject } from "../schemas/common.ts";
import type { Warning } from "../schemas/findings/finding.ts";
import type { Installation } from "../schemas/installation.ts";
import { DESIRED_HASH_ANNOTATION, REPLICAS_BEFORE_ANNOTATION } from "../schemas/vocabulary.ts";
import { lastSent } from "./last-sent.ts";
import { valueAt } from "./object.ts";
import { isOutdated } from "./pod-changes.ts";
import { countOf } from "./rollout.ts";

// Desired replica count: from spec or from the autoscaler, and what happens when autoscaling is disabled.

/** Input of a workload's replica count. */
export interface Sizing<Scaler extends Bounds = Bounds> {
	/** The autoscaler; undefined: none. A HorizontalPodAutoscaler does not scale a workload with 0 replicas. */
	readonly autoscaling: Scaler | undefined;
	/** replicas in the spec. */
	readonly given: number;
	/** The count without an autoscaler: that of the spec, or within the bounds of an autoscaler that the installation does not support. */
	readonly replicas: number;
}

interface Bounds {
	readonly minReplicas: number;
	readonly maxReplicas: number;
}

interface Asked extends Bounds {
	readonly enabled: boolean;
	readonly scaler?: string;
}

/** `keda`: whether the installation has KEDA. Without it, the workload is not autoscaled. */
export const sizingOf = <Scaler extends Asked>(
	{ replicas: given, autoscaling }: { readonly replicas: number; readonly autoscaling?: Scaler },
	{ keda }: Pick<Installation, "keda">,
): Sizing<Scaler> => {
	if (autoscaling?.enabled !== true) return { autoscaling: undefined, given, replicas: given };
	if (isKedaMissing(autoscaling, keda)) return { autoscaling: undefined, given, replicas: within(given, autoscaling) };
	return { autoscaling, given, replicas: given };
};

const isKedaMissing = ({ scaler }: Asked, keda: boolean): boolean => scaler === "keda" && !keda;

/** `path`: location of replicas and autoscaling, such as "spec.proxy". */
export const kedaMissing = (
	{ autoscaling }: { readonly autoscaling?: Asked },
	{ keda }: Pick<Installation, "keda">,
	path: string,
): Warning[] =>
	autoscaling?.enabled === true && isKedaMissing(autoscaling, keda) ? [{ warning: "KedaMissing", path }] : [];

/** Minimum number of pods. */
export const leastPods = ({ autoscaling, replicas }: Sizing): number => autoscaling?.minReplicas ?? replicas;

/** Input of the count to send. */
export interface Counted {
	readonly sizing: Sizing;
	/** Location of replicas and autoscaling, such as "spec.proxy". */
	readonly path: string;
	/** Previous number of pods, from the parent's status. */
	readonly had: number | undefined;
	/** undefined: the workload does not exist. */
	readonly observed: KubeObject | undefined;
}

export interface PodCount {
	readonly replicas: number;
	/** The spec's replicas for the workload's annotation; absent: not needed. */
	readonly before?: string;
	readonly warnings: readonly Warning[];
}

/** If autoscaling is disabled, the count stays, unless the spec's replicas were changed while it was enabled. */
export const podCount = ({ sizing, path, had, observed }: Counted): PodCount => {
	const { autoscaling, given, replicas } = sizing;
	const before = observed && valueAt(lastSent(observed), "metadata", "annotations", REPLICAS_BEFORE_ANNOTATION);
	const isSame = before === String(given);
	if (autoscaling !== undefined) {
		const kept = typeof before === "string" ? before : String(given);
		const warnings: Warning[] = kept === String(given) ? [] : [{ warning: "ReplicasUnused", path, replicas: given }];
		return { replicas: autoscaledReplicas(autoscaling, { given, had, observed }), before: kept, warnings };
	}
	const left = isSame && observed !== undefined ? (countOf(lastSent(observed)["spec"], "replicas") ?? 0) : 0;
	if (left === 0 || left === replicas) return { replicas, warnings: [] };
	return {
		replicas: left,
		before: String(given),
		warnings: [{ warning: "ReplicasKept", path, replicas: given, kept: left }],
	};
};

/** The workload with this annotation. The annotation alone is worth no write after an upgrade of the operator: it changes no pod. */
export const remembering = (
	workload: KubeObject,
	{ before }: PodCount,
	observed: KubeObject | undefined,
): KubeObject => {
	const { metadata } = workload;
	const there = observed?.metadata.annotations ?? {};
	const isForgotten = !(REPLICAS_BEFORE_ANNOTATION in there);
	const isWritten = observed === undefined || isOutdated(workload, observed, DESIRED_HASH_ANNOTATION);
	if (before === undefined || (isForgotten && !isWritten)) return workload;
	const annotations = { ...metadata.annotations, [REPLICAS_BEFORE_ANNOTATION]: before };
	return { ...workload, metadata: { ...metadata, annotations } };
};

/**
 * The count to send while an autoscaler owns it: the observed one, within the bounds of the autoscaler. If the operator omitted the
 * field after it had sent it, the Deployment would fall to 1 at once (measured, with both apply strategies). A workload that is
 * created again starts with its previous count.
 */
const autoscaledReplicas = (
	bounds: Bounds,
	{ given, had = 0, observed }: Pick<Counted, "had" | "observed"> & Pick<Sizing, "given">,
): number => within(countOf(observed?.["spec"], "replicas") ?? (had > 0 ? had : given), bounds);

const within = (count: number, { minReplicas, maxReplicas }: Bounds): number =>
	Math.min(Math.max(count, minReplicas), maxReplicas);
