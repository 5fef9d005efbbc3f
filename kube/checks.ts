import type { KubeObject } from "../schemas/common.ts";
import type { FindingOf } from "../schemas/findings/finding.ts";
import type { Quoted } from "../schemas/findings/quoted-condition.ts";
import type { WorkloadState } from "../schemas/findings/workloads.ts";
import type { ObjectMap } from "../schemas/metacontroller.ts";
import { conditionOf, type Verdict } from "./conditions.ts";
import { isGoing, isRecord, observedOf } from "./object.ts";
import { isCountAlone, isOutdated } from "./pod-changes.ts";
import { countOf, type Rollout } from "./rollout.ts";

// Checks, each named after the failure that it finds. A kind runs them in order; the first failure decides.

/** Children that do not exist yet, or are outdated. */
export const childrenOutdated = (
	wanted: readonly KubeObject[],
	observed: ObjectMap,
	hashAnnotation: string,
): Verdict | undefined => {
	const late = wanted.filter((child) => {
		const there = observedOf(observed, child);
		return there === undefined || (isOutdated(child, there, hashAnnotation) && !isCountAlone(child, there));
	});
	if (late.length === 0) return undefined;
	const children = late.map(({ kind, metadata: { name } }) => ({ kind, name }));
	return progressing({ reason: "Progressing", about: "children", children });
};

/** A workload whose rollout is not complete, or whose pods are not available. */
export const rolloutIncomplete = (
	name: string,
	rollout: Rollout,
	kind = "Deployment",
	unready: readonly string[] = [],
): Verdict | undefined => {
	const workload = { kind, name };
	const { desired, replicas, updated, ready, available } = rollout;
	const state: WorkloadState = {
		about: "workload",
		workload,
		desired,
		updated,
		updatedReady: Math.min(updated, Math.max(0, ready - Math.max(0, replicas - updated))),
		available,
		...(unready.length > 0 && { unready }),
	};
	switch (rollout.state) {
		case "ready":
		case "growing":
			return undefined;
		case "absent":
		case "outdated":
			return progressing({ reason: "Progressing", about: "sending", workload });
		case "progressing":
			return progressing({ reason: "Progressing", ...state });
		case "unavailable":
			return { ready: "False", phase: "Degraded", finding: { reason: "ReplicasUnavailable", ...state } };
		case "deadlineExceeded": {
			const remedy = { verb: "describe", kind: "pods", ...rollout.pods } as const;
			return {
				ready: "False",
				phase: "Failed",
				finding: { reason: "ProgressDeadlineExceeded", ...state, remedy },
				stalled: true,
			};
		}
		case "refused":
			return {
				ready: "False",
				phase: "Failed",
				finding: { reason: "ReplicaFailure", workload, words: rollout.detail },
				stalled: rollout.isOverdue === true,
			};
		default:
			return rollout.state satisfies never;
	}
};

/** Stays Ready while it is scaled up. */
export const growing = (name: string, { desired, available }: Rollout, kind = "Deployment"): Verdict => ({
	ready: "True",
	phase: "Running",
	finding: { reason: "Progressing", about: "growing", workload: { kind, name }, desired, available },
});

const progressing = (finding: FindingOf<"Progressing">): Verdict => ({ ready: "False", phase: "Pending", finding });

const SEVERITY: readonly string[] = ["Failed", "Degraded"];

/** A failure explains more than progress; equal ones keep their order. */
export const worstFirst = <Item extends { readonly phase: string }>(items: readonly Item[]): Item[] =>
	items.toSorted((left, right) => rankOf(left) - rankOf(right));

const rankOf = ({ phase }: { readonly phase: string }): number => {
	const rank = SEVERITY.indexOf(phase);
	return rank < 0 ? SEVERITY.length : rank;
};

/** The state of a child in the status of its parent. */
export interface PartState {
	readonly name: string;
	readonly ready: boolean;
	readonly phase: string;
	/** Its own reason for not being ready; absent: its status does not describe what is sent now. */
	readonly its?: Quoted;
}

/** State of a child custom resource; it is pending until it has observed its latest generation. */
export const partState = (wanted: KubeObject, observed: ObjectMap, hashAnnotation: string): PartState => {
	const name = wanted.metadata.name;
	const there = observedOf(observed, wanted);
	const pending = { name, ready: false, phase: "Pending" } as const;
	if (there === undefined || isGoing(there) || isOutdated(wanted, there, hashAnnotation)) return pending;
	if (countOf(there["status"], "observedGeneration") !== there.metadata.generation) return pending;
	const ready = conditionOf(there, "Ready");
	const status = there["status"];
	const phase = isRecord(status) && typeof status["phase"] === "string" ? status["phase"] : "Pending";
	if (ready === undefined) return pending;
	if (ready.status === "True") return { name, ready: true, phase };
	return { name, ready: false, phase, its: { reason: ready.reason, words: ready.message } };
};
