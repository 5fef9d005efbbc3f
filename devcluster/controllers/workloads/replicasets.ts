import { controllerOf } from "../../../kube/object.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { saysTheSame } from "../../json.ts";
import { ApiError } from "../../store.ts";
import { type Cluster, fromCache } from "./cluster.ts";
import { availableIn, podFrom, withoutZeros } from "./pods.ts";
import { type Condition, isActive, isPod, isReady, isReplicaSet, type Pod, type ReplicaSet } from "./shapes.ts";

// As many pods as a ReplicaSet has replicas.

/** Milliseconds after which pods that were refused are tried again: nothing reports that a quota has grown. */
export const RETRY_MS = 2_000;

/** Works on one ReplicaSet; returns after how many ms to look again, when a pod is about to become available. */
export const syncReplicaSet = async (cluster: Cluster, key: string): Promise<number | undefined> => {
	const set = fromCache(cluster.replicaSets, key);
	if (!isReplicaSet(set)) return undefined;
	// As the real controller does it: the status is that of the pods before this sync, and their changes bring the next one.
	const pods = podsOf(cluster, set);
	const failure = set.metadata.deletionTimestamp === undefined ? await scale(cluster, set) : undefined;
	const waits = pods.map((pod) => availableIn(pod, set.spec.minReadySeconds ?? 0, cluster.clock.now()));
	const counts = {
		observedGeneration: set.metadata.generation ?? 0,
		replicas: pods.length,
		fullyLabeledReplicas: pods.length,
		readyReplicas: pods.filter(isReady).length,
		availableReplicas: waits.filter((wait) => wait === 0).length,
	};
	const conditions = failureCondition(cluster, set, failure);
	const status = { ...withoutZeros(counts), replicas: counts.replicas, ...(conditions.length > 0 && { conditions }) };
	if (!saysTheSame(status, set.status)) await cluster.updateStatus({ ...set, status });
	const soonest = Math.min(
		...waits.filter((wait) => wait > 0),
		failure === undefined ? Number.POSITIVE_INFINITY : RETRY_MS,
	);
	return Number.isFinite(soonest) ? soonest : undefined;
};

const podsOf = (cluster: Cluster, set: ReplicaSet): Pod[] =>
	cluster.pods
		.byOwner(set.metadata.uid ?? "")
		.filter(isPod)
		.filter((pod) => isActive(pod) && controllerOf(pod)?.uid === set.metadata.uid);

/** Returns why a pod could not be made. */
const scale = async (cluster: Cluster, set: ReplicaSet): Promise<string | undefined> => {
	const pods = podsOf(cluster, set);
	const missing = (set.spec.replicas ?? 1) - pods.length;
	if (missing < 0) {
		const surplus = pods.toSorted(firstToGo).slice(0, -missing);
		await Promise.all(surplus.map((pod) => cluster.remove(pod)));
	}
	if (missing <= 0) return undefined;
	try {
		await Promise.all(Array.from({ length: missing }, () => cluster.create(newPod(set))));
		return undefined;
	} catch (error) {
		if (error instanceof ApiError && [403, 422].includes(error.status)) return error.message;
		throw error;
	}
};

/** What is not ready goes first, then what is younger. */
const firstToGo = (a: Pod, b: Pod): number =>
	Number(isReady(a)) - Number(isReady(b)) ||
	(b.metadata.creationTimestamp ?? "").localeCompare(a.metadata.creationTimestamp ?? "") ||
	b.metadata.name.localeCompare(a.metadata.name);

const newPod = (set: ReplicaSet): KubeObject => {
	const pod = podFrom(set, set.spec.template);
	return { ...pod, metadata: { ...pod.metadata, generateName: `${set.metadata.name}-` } };
};

const failureCondition = (cluster: Cluster, set: ReplicaSet, message: string | undefined): Condition[] => {
	if (message === undefined) return [];
	const before = set.status?.conditions?.find(({ type }) => type === "ReplicaFailure");
	// Once reported, it stays as it is: the message names a pod that is another one at each attempt.
	if (before !== undefined) return [before];
	const lastTransitionTime = cluster.now();
	return [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message, lastTransitionTime }];
};
