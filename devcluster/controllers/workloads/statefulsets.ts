import { controllerOf } from "../../../kube/object.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { saysTheSame } from "../../json.ts";
import { ApiError } from "../../store.ts";
import { ensureClaims, removeClaims, withClaims } from "./claims.ts";
import { type Cluster, fromCache } from "./cluster.ts";
import { availableIn, podFrom, templateHash, withoutZeros } from "./pods.ts";
import { RETRY_MS } from "./replicasets.ts";
import { isActive, isPod, isReady, isStatefulSet, type Pod, type StatefulSet } from "./shapes.ts";

// StatefulSets: pods with a number and volumes of their own. Unlike the real controller it keeps no ControllerRevisions:
// a pod below the partition that goes missing comes back with the new template.

const REVISION = "controller-revision-hash";

/** Works on one StatefulSet; returns after how many ms to look again, when a pod is about to become available. */
export const syncStatefulSet = async (cluster: Cluster, key: string): Promise<number | undefined> => {
	const set = fromCache(cluster.statefulSets, key);
	if (!isStatefulSet(set)) return undefined;
	// As the real controller does it: the status is that of the pods before this sync, and their changes bring the next one.
	const pods = [...podsOf(cluster, set).values()];
	const isRefused = set.metadata.deletionTimestamp === undefined && (await refuses(converge(cluster, set)));
	const status = statefulSetStatus(cluster, set, pods);
	if (!saysTheSame(status, set.status)) await cluster.updateStatus({ ...set, status });
	const waits = pods.map((pod) => availableIn(pod, set.spec.minReadySeconds ?? 0, cluster.clock.now()));
	const soonest = Math.min(...waits.filter((wait) => wait > 0), isRefused ? RETRY_MS : Number.POSITIVE_INFINITY);
	return Number.isFinite(soonest) ? soonest : undefined;
};

/** Whether a pod could not be created: no status of a StatefulSet reports that. */
const refuses = async (step: Promise<void>): Promise<boolean> => {
	try {
		await step;
		return false;
	} catch (error) {
		if (error instanceof ApiError && [403, 422].includes(error.status)) return true;
		throw error;
	}
};

const revisionOf = (set: StatefulSet): string => `${set.metadata.name}-${templateHash(set.spec.template)}`;

/** ordinal → pod, also those that are on their way out: their name is taken. */
const podsOf = (cluster: Cluster, set: StatefulSet): Map<number, Pod> =>
	new Map(
		cluster.pods
			.byOwner(set.metadata.uid ?? "")
			.filter(isPod)
			.filter((pod) => controllerOf(pod)?.uid === set.metadata.uid)
			.map((pod) => [Number(pod.metadata.name.slice(set.metadata.name.length + 1)), pod] as const)
			.toSorted(([a], [b]) => a - b),
	);

const isAvailable = (cluster: Cluster, set: StatefulSet, pod: Pod): boolean =>
	isActive(pod) && availableIn(pod, set.spec.minReadySeconds ?? 0, cluster.clock.now()) === 0;

/** One step: missing pods first, then surplus ones, then old ones. In order, each step waits for the pod before it. */
const converge = async (cluster: Cluster, set: StatefulSet): Promise<void> => {
	const pods = podsOf(cluster, set);
	const first = set.spec.ordinals?.start ?? 0;
	const last = first + (set.spec.replicas ?? 1) - 1;
	const isWanted = (ordinal: number) => ordinal >= first && ordinal <= last;
	const isOrdered = set.spec.podManagementPolicy !== "Parallel";
	for (let ordinal = first; ordinal <= last; ordinal += 1) {
		const pod = pods.get(ordinal);
		if (!pod) {
			await ensureClaims(cluster, set, ordinal);
			await cluster.create(newPod(set, ordinal));
		}
		if (isOrdered && (!pod || !isAvailable(cluster, set, pod))) return;
	}
	const surplus = [...pods].filter(([ordinal]) => !isWanted(ordinal)).toReversed();
	for (const [, pod] of surplus) {
		if (isActive(pod)) await cluster.remove(pod);
		if (isOrdered) return;
	}
	await removeClaims(cluster, set, (ordinal) => isWanted(ordinal) || pods.has(ordinal));
	if (set.spec.updateStrategy?.type !== "OnDelete") await replaceOld(cluster, set, pods, first, last);
};

/** From the highest number down to the partition, one at a time; a pod that is not ready holds up the rest. */
const replaceOld = async (
	cluster: Cluster,
	set: StatefulSet,
	pods: ReadonlyMap<number, Pod>,
	first: number,
	last: number,
): Promise<void> => {
	const lowest = first + (set.spec.updateStrategy?.rollingUpdate?.partition ?? 0);
	for (let ordinal = last; ordinal >= lowest; ordinal -= 1) {
		const pod = pods.get(ordinal);
		// Missing: it was made a moment ago.
		if (!pod || !isActive(pod)) return;
		if (pod.metadata.labels?.[REVISION] !== revisionOf(set)) return cluster.remove(pod);
		if (!isAvailable(cluster, set, pod)) return;
	}
};

const newPod = (set: StatefulSet, ordinal: number): KubeObject => {
	const pod = podFrom(set, set.spec.template);
	const name = `${set.metadata.name}-${ordinal}`;
	const labels = {
		...pod.metadata.labels,
		[REVISION]: revisionOf(set),
		"statefulset.kubernetes.io/pod-name": name,
		"apps.kubernetes.io/pod-index": String(ordinal),
	};
	const { serviceName } = set.spec;
	const identity = { hostname: name, ...(serviceName && { subdomain: serviceName }) };
	return {
		...pod,
		metadata: { ...pod.metadata, name, labels },
		spec: withClaims(set, { ...pod.spec, ...identity }, ordinal),
	};
};

const statefulSetStatus = (cluster: Cluster, set: StatefulSet, pods: readonly Pod[]) => {
	const updateRevision = revisionOf(set);
	const of = (revision: string) =>
		pods.filter((pod) => isActive(pod) && pod.metadata.labels?.[REVISION] === revision).length;
	const readyReplicas = pods.filter((pod) => isActive(pod) && isReady(pod)).length;
	const updatedReplicas = of(updateRevision);
	const isComplete = [updatedReplicas, readyReplicas, pods.length].every((count) => count === (set.spec.replicas ?? 1));
	const currentRevision = isComplete ? updateRevision : (set.status?.currentRevision ?? updateRevision);
	return {
		observedGeneration: set.metadata.generation ?? 0,
		replicas: pods.length,
		...withoutZeros({ readyReplicas, currentReplicas: of(currentRevision), updatedReplicas }),
		currentRevision,
		updateRevision,
		collisionCount: 0,
		availableReplicas: pods.filter((pod) => isAvailable(cluster, set, pod)).length,
	};
};
