import type { KubeObject } from "../schemas/common.ts";
import type { KubectlCommand } from "../schemas/findings/command.ts";
import { conditionOf } from "./conditions.ts";
import { isRecord, valueAt } from "./object.ts";
import { arePodsObserved, isCountAlone, isOutdated } from "./pod-changes.ts";

// Progress of a workload from the observed to the desired state. The status of a child with another desired-hash is ignored: it
// describes an older spec.

export type RolloutState =
	| "absent"
	/** Observed, but outdated, or not yet observed by its controller. */
	| "outdated"
	| "deadlineExceeded"
	/** Pods can't be created. */
	| "refused"
	| "progressing"
	/** Only scaled up: all pods that were available still are. */
	| "growing"
	/** The rollout is complete, but pods are unavailable. */
	| "unavailable"
	| "ready";

export interface Rollout {
	readonly state: RolloutState;
	/** Desired replicas. */
	readonly desired: number;
	readonly replicas: number;
	readonly updated: number;
	readonly ready: number;
	readonly available: number;
	/** The message of the workload's controller, if there is one. */
	readonly detail?: string;
	/** Whether it is outdated only in its replica count, sent or not yet observed by its controller. */
	readonly isLagging?: boolean;
	/** Whether all pods that are not ready can be of an older revision, after a change or a revert. */
	readonly mayKeep?: "changed" | "reverted" | undefined;
	/** Whether it is changing from one revision to another, not only scaling. */
	readonly isRolling?: boolean;
	/** Whether the progress deadline is exceeded. */
	readonly isOverdue?: boolean;
	/** The selector of its pods. */
	readonly pods?: Pick<KubectlCommand, "namespace" | "flags">;
}

/** Rollout of a Deployment that is sent as `wanted` and was `observed`. */
export const rolloutOf = (wanted: KubeObject, observed: KubeObject | undefined, hashAnnotation: string): Rollout => {
	const desired = countOf(wanted["spec"], "replicas") ?? 1;
	if (observed === undefined) return { state: "absent", desired, replicas: 0, updated: 0, ready: 0, available: 0 };
	const status = observed["status"];
	const counts = {
		desired,
		replicas: countOf(status, "replicas") ?? 0,
		updated: countOf(status, "updatedReplicas") ?? 0,
		ready: countOf(status, "readyReplicas") ?? 0,
		available: countOf(status, "availableReplicas") ?? 0,
	};
	const seen = countOf(status, "observedGeneration") ?? 0;
	if (isOutdated(wanted, observed, hashAnnotation))
		return { state: "outdated", ...counts, isLagging: isCountAlone(wanted, observed) };
	if (seen < (observed.metadata.generation ?? 0))
		return { state: "outdated", ...counts, isLagging: arePodsObserved(observed) };
	const progressing = conditionOf(observed, "Progressing");
	const isOverdue = progressing?.status === "False";
	// A specific cause has precedence over the deadline.
	const failure = conditionOf(observed, "ReplicaFailure");
	if (failure?.status === "True") return { state: "refused", ...counts, detail: failure.message, isOverdue };
	if (isOverdue)
		return { state: "deadlineExceeded", ...counts, detail: progressing.message, pods: podSelection(wanted) };
	const complete = progressing?.reason === "NewReplicaSetAvailable";
	// Without any pod, it is scaling up from zero.
	const isWhole = complete && counts.replicas > 0 && counts.replicas === counts.updated;
	if (!isWhole && (counts.updated < desired || counts.replicas > counts.updated))
		return { state: "progressing", ...counts };
	if (counts.available >= desired) return { state: "ready", ...counts };
	return { state: complete ? "unavailable" : "progressing", ...counts };
};

/** How kubectl finds the pods of a workload. */
export const podSelection = ({ metadata, spec }: KubeObject): NonNullable<Rollout["pods"]> => {
	const labels = valueAt(spec, "selector", "matchLabels");
	const selector = isRecord(labels) ? Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`) : [];
	return { namespace: metadata.namespace ?? "default", flags: ["-l", selector.toSorted().join(",")] };
};

/**
 * Rollout of a StatefulSet. It reports neither progress nor why pods can't be created. During an update, its revisions show whether
 * missing pods are being created or were lost; after it, nothing does.
 */
export const statefulSetRollout = (
	wanted: KubeObject,
	observed: KubeObject | undefined,
	hashAnnotation: string,
): Rollout => {
	const desired = countOf(wanted["spec"], "replicas") ?? 1;
	if (observed === undefined) return { state: "absent", desired, replicas: 0, updated: 0, ready: 0, available: 0 };
	const status = observed["status"];
	const ready = countOf(status, "readyReplicas") ?? 0;
	const counts = {
		desired,
		replicas: countOf(status, "replicas") ?? 0,
		updated: countOf(status, "updatedReplicas") ?? 0,
		ready,
		// Available, or, from an API server without this field, ready.
		available: Math.min(ready, countOf(status, "availableReplicas") ?? ready),
	};
	const seen = countOf(status, "observedGeneration") ?? 0;
	if (isOutdated(wanted, observed, hashAnnotation))
		return { state: "outdated", ...counts, isLagging: isCountAlone(wanted, observed) };
	if (seen < (observed.metadata.generation ?? 0))
		return { state: "outdated", ...counts, isLagging: arePodsObserved(observed) };
	const isChanging = isRecord(status) && status["currentRevision"] !== status["updateRevision"];
	// Pods beyond the desired count are terminating, and count until they are gone.
	if (isChanging || Math.min(counts.replicas, desired) > counts.updated)
		return { state: "progressing", ...counts, isRolling: true, mayKeep: mayKeep(counts, isChanging) };
	if (counts.updated < desired) return { state: "progressing", ...counts };
	return { state: counts.available >= desired ? "ready" : "unavailable", ...counts };
};

/**
 * During a rollout, a pod of an older revision is not ready for as long as its replacement takes. After a revert, the current
 * revision is the one that is rolled out: then pods of neither revision remain.
 */
const mayKeep = ({ replicas, updated, ready }: Counts, isChanging: boolean): Rollout["mayKeep"] => {
	const [older, unready] = [replicas - updated, replicas - ready];
	if (unready <= 0 || unready > older) return undefined;
	if (!isChanging) return "reverted";
	return ready < older ? "changed" : undefined;
};

type Counts = Pick<Rollout, "replicas" | "updated" | "ready">;

/** Rollout of a Deployment or of a StatefulSet. */
export const workloadRollout: typeof rolloutOf = (wanted, ...rest) =>
	(wanted.kind === "StatefulSet" ? statefulSetRollout : rolloutOf)(wanted, ...rest);

/** Desired and available pods of a workload; ready ones, from an API server without that field. */
export const podCounts = ({ spec, status }: KubeObject) => ({
	wanted: countOf(spec, "replicas") ?? 1,
	available: countOf(status, "availableReplicas") ?? countOf(status, "readyReplicas") ?? 0,
});

/** A count in an object's status or spec; undefined if missing. */
export const countOf = (value: unknown, field: string): number | undefined => {
	if (!isRecord(value)) return undefined;
	const count = value[field];
	return typeof count === "number" ? count : undefined;
};
