import type { KubeObject } from "../schemas/common.ts";
import type { ObjectMap } from "../schemas/metacontroller.ts";
import { conditionOf, type Verdict } from "./conditions.ts";
import { isRecord, observedOf } from "./object.ts";
import { countOf, isOutdated, type Rollout } from "./rollout.ts";

// Checks named by the failure that they find. A kind asks them in order; the first that answers decides.

/** Children that are not there yet, or not yet as they are about to be sent. */
export const childrenOutdated = (
	wanted: readonly KubeObject[],
	observed: ObjectMap,
	hashAnnotation: string,
): Verdict | undefined => {
	const late = wanted.filter((child) => {
		const there = observedOf(observed, child);
		return there === undefined || isOutdated(child, there, hashAnnotation);
	});
	if (late.length === 0) return undefined;
	return {
		ready: "False",
		phase: "Pending",
		reason: "Progressing",
		message: `being created or changed: ${listed(late.map((child) => `${child.kind} ${child.metadata.name}`))}`,
	};
};

const LISTED = 5;

/** "A a, B b and 3 more", sorted: short and stable whatever the order of discovery. */
export const listed = (names: readonly string[]): string => {
	const sorted = names.toSorted();
	const more = sorted.length - LISTED;
	return more <= 0 ? sorted.join(", ") : `${sorted.slice(0, LISTED).join(", ")} and ${more} more`;
};

/** A workload whose rollout is not complete, or whose pods are not available. */
export const rolloutIncomplete = (name: string, rollout: Rollout, kind = "Deployment"): Verdict | undefined => {
	const counts = `${rollout.available} of ${rollout.desired} pods are available`;
	switch (rollout.state) {
		case "ready":
			return undefined;
		case "absent":
		case "outdated":
			return progressing(`${kind} ${name} is being created or changed`);
		case "progressing":
			return progressing(
				`${kind} ${name} is rolling out: ${rollout.updated} of ${rollout.desired} pods are updated, ${counts}`,
			);
		case "unavailable":
			return {
				ready: "False",
				phase: "Degraded",
				reason: "ReplicasUnavailable",
				message: `${kind} ${name}: ${counts}`,
			};
		case "deadlineExceeded":
			return {
				ready: "False",
				phase: "Failed",
				reason: "ProgressDeadlineExceeded",
				message: `${kind} ${name} makes no progress: ${counts}: an image that can't be pulled, a container that ends, a probe that fails, or no room for it. See which: kubectl describe pods ${rollout.pods ?? ""}`,
				stalled: true,
			};
		case "refused":
			return {
				ready: "False",
				phase: "Failed",
				reason: "ReplicaFailure",
				message: `${kind} ${name} can't create its pods: ${rollout.detail ?? "no cause given"}`,
			};
		default:
			return rollout.state satisfies never;
	}
};

const progressing = (message: string): Verdict => ({
	ready: "False",
	phase: "Pending",
	reason: "Progressing",
	message,
});

/** What a parent knows of a child that has a status of its own. */
export interface PartState {
	readonly name: string;
	readonly ready: boolean;
	readonly phase: string;
	readonly reason?: string;
	readonly message?: string;
}

/** State of a child custom resource; one that has not seen its latest specification is pending, whatever it says. */
export const partState = (wanted: KubeObject, observed: ObjectMap, hashAnnotation: string): PartState => {
	const name = wanted.metadata.name;
	const there = observedOf(observed, wanted);
	const pending = { name, ready: false, phase: "Pending", reason: "Progressing" } as const;
	if (there === undefined || isOutdated(wanted, there, hashAnnotation)) return pending;
	if (countOf(there["status"], "observedGeneration") !== there.metadata.generation) return pending;
	const ready = conditionOf(there, "Ready");
	const status = there["status"];
	const phase = isRecord(status) && typeof status["phase"] === "string" ? status["phase"] : "Pending";
	if (ready === undefined) return pending;
	if (ready.status === "True") return { name, ready: true, phase };
	return { name, ready: false, phase, reason: ready.reason, message: ready.message };
};
