import { type Reference, waitsFor } from "../hooks/first-cause.ts";
import { conditionsOf } from "../kube/conditions.ts";
import { type Health, isReady, judge } from "../kube/health.ts";
import { controllerOf } from "../kube/object.ts";
import { countOf, podCounts } from "../kube/rollout.ts";
import type { Condition, KubeObject } from "../schemas/common.ts";
import type { RecordedCall } from "../schemas/recorded-call.ts";
import { detailsOf, MOST, type ObjectDetails, shortened } from "./object-details.ts";

// Summary of one webhook call, in a few hundred bytes: enough for the overview, which has no other information about the
// cluster.

export interface ObjectSummary {
	readonly kind: string;
	readonly namespace: string;
	readonly name: string;
	readonly uid: string;
	readonly generation: number | undefined;
	/** Milliseconds since 1970. */
	readonly seenAt: number;
	/** Time in the hook, in milliseconds. */
	readonly ms: number;
	/** Error of a hook without a response. */
	readonly failure: string | undefined;
	readonly conditions: readonly Condition[];
	readonly owner: { readonly kind: string; readonly name: string } | undefined;
	readonly health: Health;
	readonly ready: boolean;
	/** The objects that it waits for, according to its status. */
	readonly waitsFor: readonly Reference[];
	readonly workloads: readonly Workload[];
	readonly details: ObjectDetails;
}

/** An observed child that runs pods. */
export interface Workload {
	readonly kind: string;
	readonly name: string;
	readonly desired: number;
	readonly updated: number;
	readonly available: number;
}

export interface SeenCall {
	readonly seenAt: number;
	readonly ms: number;
	/** The previous summary: a failed hook has no new information. */
	readonly before?: ObjectSummary | undefined;
}

export const summaryOf = (call: RecordedCall, { seenAt, ms, before }: SeenCall): ObjectSummary => {
	const { parent, response } = call;
	const { metadata } = parent;
	// A response without a status leaves the status unchanged.
	const object = response?.status ? { ...parent, status: response.status } : parent;
	const owner = controllerOf(parent);
	return {
		kind: parent.kind,
		namespace: metadata.namespace ?? "",
		name: metadata.name,
		uid: metadata.uid ?? "",
		generation: metadata.generation,
		seenAt,
		ms,
		failure: call.failure,
		conditions: conditionsOf(object)
			.slice(0, 16)
			.map((condition) => ({ ...condition, message: shortened(condition.message) })),
		owner: owner && { kind: owner.kind, name: owner.name },
		health: judge(object),
		ready: call.failure === undefined && isReady(object),
		waitsFor: call.failure === undefined ? waitsFor(object).slice(0, MOST) : [],
		workloads: call.observed.flatMap(workloadOf).slice(0, MOST),
		details: response === undefined ? (before?.details ?? detailsOf(object, call)) : detailsOf(object, call),
	};
};

const workloadOf = (object: KubeObject): Workload[] => {
	const { kind, metadata, status } = object;
	if (kind !== "Deployment" && kind !== "StatefulSet") return [];
	const { wanted: desired, available } = podCounts(object);
	return [{ kind, name: metadata.name, desired, updated: countOf(status, "updatedReplicas") ?? 0, available }];
};
