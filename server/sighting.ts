import { conditionsOf } from "../kube/conditions.ts";
import { isAnnotated, valueAt } from "../kube/object.ts";
import { countOf } from "../kube/rollout.ts";
import type { Condition, KubeObject } from "../schemas/common.ts";
import type { RecordedCall } from "../schemas/recorded.ts";
import { PAUSED_ANNOTATION } from "../schemas/vocabulary.ts";
import { type Facts, factsOf, MOST, text } from "./facts.ts";

// What one call of a hook shows of its object, in a few hundred bytes: enough for the overview, which knows the cluster from
// nothing else.

export interface Sighting {
	readonly kind: string;
	readonly namespace: string;
	readonly name: string;
	readonly uid: string;
	readonly generation: number | undefined;
	/** Milliseconds since 1970. */
	readonly seenAt: number;
	/** Time in the hook, in milliseconds. */
	readonly ms: number;
	/** Why the hook answered nothing. */
	readonly failure: string | undefined;
	readonly phase: string | undefined;
	readonly conditions: readonly Condition[];
	readonly owner: { readonly kind: string; readonly name: string } | undefined;
	readonly deleting: boolean;
	readonly paused: boolean;
	readonly workloads: readonly Workload[];
	readonly facts: Facts;
}

/** A child that runs pods, as it was observed. */
export interface Workload {
	readonly kind: string;
	readonly name: string;
	readonly desired: number;
	readonly updated: number;
	readonly available: number;
}

export interface Seen {
	readonly seenAt: number;
	readonly ms: number;
	/** How the object was seen before: a hook that failed shows nothing new. */
	readonly before?: Sighting | undefined;
}

export const sightingOf = (call: RecordedCall, { seenAt, ms, before }: Seen): Sighting => {
	const { parent, response } = call;
	const { metadata } = parent;
	// An answer without a status leaves the status as it is.
	const object = response?.status ? { ...parent, status: response.status } : parent;
	const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
	return {
		kind: parent.kind,
		namespace: metadata.namespace ?? "",
		name: metadata.name,
		uid: metadata.uid ?? "",
		generation: metadata.generation,
		seenAt,
		ms,
		failure: call.failure,
		phase: optional(valueAt(object["status"], "phase")),
		conditions: conditionsOf(object)
			.slice(0, 16)
			.map((condition) => ({ ...condition, message: text(condition.message) })),
		owner: owner && { kind: owner.kind, name: owner.name },
		deleting: metadata.deletionTimestamp !== undefined,
		paused: isAnnotated(parent, PAUSED_ANNOTATION),
		workloads: call.observed.flatMap(workloadOf).slice(0, MOST),
		facts: response === undefined ? (before?.facts ?? factsOf(object, call)) : factsOf(object, call),
	};
};

const workloadOf = ({ kind, metadata, spec, status }: KubeObject): Workload[] => {
	if (kind !== "Deployment" && kind !== "StatefulSet") return [];
	return [
		{
			kind,
			name: metadata.name,
			desired: countOf(spec, "replicas") ?? 1,
			updated: countOf(status, "updatedReplicas") ?? 0,
			available: countOf(status, "availableReplicas") ?? countOf(status, "readyReplicas") ?? 0,
		},
	];
};

const optional = (value: unknown): string | undefined => (typeof value === "string" ? text(value) : undefined);
