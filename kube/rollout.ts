import type { KubeObject } from "../schemas/common.ts";
import type { KubectlCommand } from "../schemas/findings/command.ts";
import { conditionOf } from "./conditions.ts";
import { lastSent } from "./last-sent.ts";
import { asRecord, isRecord, isSameJson, isWorkload, valueAt } from "./object.ts";

// How far a workload is on its way from what was observed to what is about to be sent. Nothing is believed of a child
// that was observed with another desired-hash: its readiness is that of an older specification.

export type RolloutState =
	| "absent"
	/** Observed, but not as it is about to be sent, or its controller has not seen that yet. */
	| "outdated"
	| "deadlineExceeded"
	/** Pods can't even be created. */
	| "refused"
	| "progressing"
	/** It was merely scaled up: all that was available still is. */
	| "growing"
	/** The rollout was complete, and pods are not available. */
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
	/** Whether it is outdated only in its count of pods, or because its controller has not seen its latest change. */
	readonly isLagging?: boolean;
	/** Pods that are not ready may all be of an older revision, and kept: after a change, or after one was reverted. */
	readonly mayKeep?: "changed" | "reverted" | undefined;
	/** Whether it is on its way from one revision to another, and has not merely been scaled. */
	readonly isRolling?: boolean;
	/** Whether the deadline of the rollout has passed. */
	readonly isOverdue?: boolean;
	/** What selects its pods. */
	readonly pods?: Pick<KubectlCommand, "namespace" | "flags">;
}

export const isOutdated = (wanted: KubeObject, observed: KubeObject, hashAnnotation: string): boolean =>
	wanted.metadata.annotations?.[hashAnnotation] !== observed.metadata.annotations?.[hashAnnotation];

/** Whether nothing is about to be sent but another count of pods. Claims of a StatefulSet never change. */
export const isCountAlone = (wanted: KubeObject, observed: KubeObject): boolean => {
	if (!isWorkload(wanted)) return false;
	const sent = lastSent(observed);
	if (valueAt(sent, "spec", "replicas") === valueAt(wanted["spec"], "replicas")) return false;
	return isSameJson(withoutCount(wanted), withoutCount(sent));
};

/** Labels are left out: Metacontroller adds one of its own. */
const withoutCount = ({ spec }: Readonly<Record<string, unknown>>): unknown => ({
	...asRecord(spec),
	replicas: undefined,
	volumeClaimTemplates: undefined,
});

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
	if (seen < (observed.metadata.generation ?? 0)) return { state: "outdated", ...counts, isLagging: true };
	const progressing = conditionOf(observed, "Progressing");
	const isOverdue = progressing?.status === "False";
	// The specific cause outlives the deadline.
	const failure = conditionOf(observed, "ReplicaFailure");
	if (failure?.status === "True") return { state: "refused", ...counts, detail: failure.message, isOverdue };
	if (isOverdue) return { state: "deadlineExceeded", ...counts, detail: progressing.message, pods: podsOf(wanted) };
	const complete = progressing?.reason === "NewReplicaSetAvailable";
	// With no pod at all it is on its way from zero.
	const isWhole = complete && counts.replicas > 0 && counts.replicas === counts.updated;
	if (!isWhole && (counts.updated < desired || counts.replicas > counts.updated))
		return { state: "progressing", ...counts };
	if (counts.available >= desired) return { state: "ready", ...counts };
	return { state: complete ? "unavailable" : "progressing", ...counts };
};

const podsOf = ({ metadata, spec }: KubeObject): NonNullable<Rollout["pods"]> => {
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
	if (seen < (observed.metadata.generation ?? 0)) return { state: "outdated", ...counts, isLagging: true };
	const isChanging = isRecord(status) && status["currentRevision"] !== status["updateRevision"];
	// Those beyond the desired count are on their way out, and count as pods until they are gone.
	if (isChanging || Math.min(counts.replicas, desired) > counts.updated)
		return { state: "progressing", ...counts, isRolling: true, mayKeep: mayKeep(counts, isChanging) };
	if (counts.updated < desired) return { state: "progressing", ...counts };
	return { state: counts.available >= desired ? "ready" : "unavailable", ...counts };
};

/**
 * While a revision is rolled out, a pod of an older one is not ready for as long as it takes to replace it. After a revert the
 * current revision is the one that is rolled out: then pods of neither are left.
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

/** A count below an object's status or spec; undefined when it is not there. */
export const countOf = (value: unknown, field: string): number | undefined => {
	if (!isRecord(value)) return undefined;
	const count = value[field];
	return typeof count === "number" ? count : undefined;
};
