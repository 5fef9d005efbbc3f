import type { KubeObject } from "../../../schemas/common.ts";
import type { Cluster } from "./cluster.ts";
import type { Deployment, ReplicaSet } from "./shapes.ts";

// One step of a Deployment's way from its older ReplicaSets to the newest one.

export const REVISION = "deployment.kubernetes.io/revision";

export const revisionOf = ({ metadata }: KubeObject): number => Number(metadata.annotations?.[REVISION] ?? 0);

export const replicasOf = (set: ReplicaSet): number => set.spec.replicas ?? 1;

export const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** Pods that can be counted on: a set that was just scaled down may not have done so yet. */
const availableOf = (set: ReplicaSet): number => Math.min(set.status?.availableReplicas ?? 0, replicasOf(set));

/** How many pods may be missing, and how many there may be beyond the wanted ones. */
export const rollingLimits = ({ spec }: Deployment): { maxUnavailable: number; maxSurge: number } => {
	const replicas = spec.replicas ?? 1;
	if (spec.strategy?.type === "Recreate") return { maxUnavailable: replicas, maxSurge: 0 };
	const { maxSurge = "25%", maxUnavailable = "25%" } = spec.strategy?.rollingUpdate ?? {};
	const surge = resolve(maxSurge, replicas, Math.ceil);
	const unavailable = Math.min(resolve(maxUnavailable, replicas, Math.floor), replicas);
	// Neither would never get anywhere.
	return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
};

const resolve = (value: number | string, replicas: number, round: (share: number) => number): number =>
	typeof value === "number" ? value : round((Number.parseInt(value, 10) * replicas) / 100);

export const roll = async (
	cluster: Cluster,
	deployment: Deployment,
	newest: ReplicaSet,
	older: readonly ReplicaSet[],
): Promise<void> => {
	const wanted = deployment.spec.replicas ?? 1;
	const { maxSurge, maxUnavailable } = rollingLimits(deployment);
	const old = older.filter((set) => replicasOf(set) > 0);
	if (deployment.spec.strategy?.type === "Recreate") {
		for (const set of old) await resize(cluster, set, 0);
		// The old pods have to be gone, not only unwanted: those that are ending still count here, and nowhere else.
		const isEmpty = older.every(({ metadata }) => cluster.pods.byOwner(metadata.uid ?? "").length === 0);
		if (isEmpty) await resize(cluster, newest, wanted);
		return;
	}
	const room = wanted + maxSurge - sum([newest, ...old].map(replicasOf));
	const grown = Math.min(wanted, replicasOf(newest) + Math.max(0, room));
	await resize(cluster, newest, grown);
	const least = wanted - maxUnavailable;
	// Old pods that are not available serve no client: they go first, as far as the new ones leave that free.
	let free = sum(old.map(replicasOf)) + grown - least - (grown - Math.min(availableOf(newest), grown));
	const sizes = new Map(old.map((set) => [set, replicasOf(set)]));
	const shrink = (set: ReplicaSet, by: number) => {
		const size = sizes.get(set) ?? 0;
		const taken = Math.max(0, Math.min(size, by));
		sizes.set(set, size - taken);
		return taken;
	};
	for (const set of old) free -= shrink(set, Math.min(free, replicasOf(set) - availableOf(set)));
	let surplus = Math.min(free, sum([...old, newest].map(availableOf)) - least);
	for (const set of old.toSorted((a, b) => revisionOf(a) - revisionOf(b))) surplus -= shrink(set, surplus);
	for (const [set, size] of sizes) await resize(cluster, set, size);
};

const resize = async (cluster: Cluster, set: ReplicaSet, replicas: number): Promise<void> => {
	if (replicasOf(set) !== replicas) await cluster.update({ ...set, spec: { ...set.spec, replicas } });
};
