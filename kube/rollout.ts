import type { KubeObject } from "../schemas/common.ts";
import { conditionOf } from "./conditions.ts";
import { isRecord, valueAt } from "./object.ts";

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
	/** The rollout was complete, and pods are not available. */
	| "unavailable"
	| "ready";

export interface Rollout {
	readonly state: RolloutState;
	/** Replicas that are wanted. */
	readonly desired: number;
	readonly replicas: number;
	readonly updated: number;
	readonly ready: number;
	readonly available: number;
	/** What the workload's own controller says about it, when it says something. */
	readonly detail?: string;
	/** Arguments of kubectl that select its pods: "-n team -l app=prism,runner=kv". */
	readonly pods?: string;
}

export const isOutdated = (wanted: KubeObject, observed: KubeObject, hashAnnotation: string): boolean =>
	wanted.metadata.annotations?.[hashAnnotation] !== observed.metadata.annotations?.[hashAnnotation];

/** Rollout of a Deployment that is about to be sent as `wanted` and was `observed`. */
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
	if (isOutdated(wanted, observed, hashAnnotation) || seen < (observed.metadata.generation ?? 0))
		return { state: "outdated", ...counts };
	const progressing = conditionOf(observed, "Progressing");
	if (progressing?.status === "False")
		return { state: "deadlineExceeded", ...counts, detail: progressing.message, pods: podsOf(wanted) };
	const failure = conditionOf(observed, "ReplicaFailure");
	if (failure?.status === "True") return { state: "refused", ...counts, detail: failure.message };
	if (counts.updated < desired || counts.replicas > counts.updated) return { state: "progressing", ...counts };
	if (counts.available >= desired) return { state: "ready", ...counts };
	const complete = progressing?.reason === "NewReplicaSetAvailable";
	return { state: complete ? "unavailable" : "progressing", ...counts };
};

const podsOf = ({ metadata, spec }: KubeObject): string => {
	const labels = valueAt(spec, "selector", "matchLabels");
	const selector = isRecord(labels) ? Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`) : [];
	return `-n ${metadata.namespace ?? "default"} -l ${selector.toSorted().join(",")}`;
};

/**
 * Rollout of a StatefulSet. It tells neither whether it makes progress nor why pods can't be created; whether pods that
 * are missing are on their way or fell out, its revisions tell for the update, and nothing tells after that.
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
		// Ready for long enough, or, from a server that does not tell, ready.
		available: Math.min(ready, countOf(status, "availableReplicas") ?? ready),
	};
	const seen = countOf(status, "observedGeneration") ?? 0;
	if (isOutdated(wanted, observed, hashAnnotation) || seen < (observed.metadata.generation ?? 0))
		return { state: "outdated", ...counts };
	const rolling = isRecord(status) && status["currentRevision"] !== status["updateRevision"];
	if (rolling || counts.updated < desired || counts.replicas > counts.updated)
		return { state: "progressing", ...counts };
	return { state: counts.available >= desired ? "ready" : "unavailable", ...counts };
};

/** A count below an object's status or spec; undefined when it is not there. */
export const countOf = (value: unknown, field: string): number | undefined => {
	if (!isRecord(value)) return undefined;
	const count = value[field];
	return typeof count === "number" ? count : undefined;
};
