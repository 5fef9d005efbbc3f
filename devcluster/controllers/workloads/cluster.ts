import { controllerOf, objectKey } from "../../../kube/object.ts";
import type { Clock } from "../../../kube/time.ts";
import { timestampOf } from "../../../kube/time.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import type { DeleteOptions, Store } from "../../store.ts";
import type { Informer, InformerEvent, Informers } from "../informer.ts";

// What the stand-ins share: caches to read from, and writes that end only when the cache shows them. So a controller
// that runs twice in a row never makes the second replica of something that it made a moment ago.

const KINDS = {
	nodes: ["v1", "Node"],
	pods: ["v1", "Pod"],
	services: ["v1", "Service"],
	claims: ["v1", "PersistentVolumeClaim"],
	deployments: ["apps/v1", "Deployment"],
	replicaSets: ["apps/v1", "ReplicaSet"],
	statefulSets: ["apps/v1", "StatefulSet"],
	slices: ["discovery.k8s.io/v1", "EndpointSlice"],
} as const;

type Caches = { readonly [Name in keyof typeof KINDS]: Informer };

export interface Writes {
	readonly clock: Clock;
	/** RFC 3339, in seconds. */
	now(): string;
	create(object: KubeObject): Promise<KubeObject>;
	update(object: KubeObject): Promise<KubeObject>;
	updateStatus(object: KubeObject): Promise<KubeObject>;
	/** Deletes this very object. */
	remove(object: KubeObject, options?: DeleteOptions): Promise<void>;
	close(): void;
}

/** What the controllers need. */
export type Cluster = Caches & Writes;
/** What a kubelet needs. */
export type NodeCluster = Pick<Caches, "pods"> & Writes;

/** A write that the cache has not shown by then is forgotten: its event will come, or a new list. */
const PATIENCE = 5_000;

const opener =
	(store: Store, informers: Informers) =>
	async ([apiVersion, kind]: readonly [string, string]) =>
		informers.get(await store.resourceOf(apiVersion, kind));

export const openCluster = async (store: Store, informers: Informers, clock: Clock): Promise<Cluster> => {
	const open = opener(store, informers);
	const [nodes, pods, services, claims, deployments, replicaSets, statefulSets, slices] = await Promise.all([
		open(KINDS.nodes),
		open(KINDS.pods),
		open(KINDS.services),
		open(KINDS.claims),
		open(KINDS.deployments),
		open(KINDS.replicaSets),
		open(KINDS.statefulSets),
		open(KINDS.slices),
	]);
	const caches: Caches = { nodes, pods, services, claims, deployments, replicaSets, statefulSets, slices };
	return { ...caches, ...writesSeenIn(store, clock, Object.values(caches)) };
};

export const openNodes = async (store: Store, informers: Informers, clock: Clock): Promise<NodeCluster> => {
	const pods = await opener(store, informers)(KINDS.pods);
	return { pods, ...writesSeenIn(store, clock, [pods]) };
};

const writesSeenIn = (store: Store, clock: Clock, caches: readonly Informer[]): Writes => {
	const byKind = new Map(caches.map((informer) => [informer.resource.kind, informer]));
	const waiting = new Map<string, Set<() => void>>();
	const wake = ({ object }: InformerEvent) => {
		for (const check of waiting.get(`${object.kind} ${objectKey(object)}`) ?? []) check();
	};
	const subscriptions = [...byKind.values()].map((informer) => informer.subscribe(wake));

	const cached = ({ kind, metadata }: KubeObject) => byKind.get(kind)?.get(metadata.namespace, metadata.name);
	const shown = async (object: KubeObject, isShown: (found: KubeObject | undefined) => boolean): Promise<void> => {
		if (isShown(cached(object))) return;
		const key = `${object.kind} ${objectKey(object)}`;
		const checks = waiting.get(key) ?? new Set();
		waiting.set(key, checks);
		await new Promise<void>((resolve) => {
			const finish = () => {
				cancel();
				checks.delete(check);
				if (checks.size === 0) waiting.delete(key);
				resolve();
			};
			const check = () => {
				if (isShown(cached(object))) finish();
			};
			const cancel = clock.after(PATIENCE, finish);
			checks.add(check);
		});
	};
	const written = async (object: KubeObject): Promise<KubeObject> => {
		await shown(object, (found) => found === undefined || !isOlder(found, object));
		return object;
	};

	return {
		clock,
		now: () => timestampOf(clock.now()),
		async create(object) {
			const created = await store.create(object);
			await shown(created, (found) => found !== undefined && !isOlder(found, created));
			return created;
		},
		update: async (object) => written(await store.update(object)),
		updateStatus: async (object) => written(await store.updateStatus(object)),
		async remove(object, options = {}) {
			const { namespace, name, uid } = object.metadata;
			const resource = byKind.get(object.kind)?.resource ?? (await store.resourceOf(object.apiVersion, object.kind));
			await store.delete(resource, namespace, name, { ...options, ...(uid && { uid }) });
			await shown(object, (found) => found?.metadata.uid !== uid || found?.metadata.deletionTimestamp !== undefined);
		},
		close() {
			for (const unsubscribe of subscriptions) unsubscribe();
		},
	};
};

const isOlder = (found: KubeObject, written: KubeObject): boolean =>
	found.metadata.uid === written.metadata.uid &&
	Number(found.metadata.resourceVersion) < Number(written.metadata.resourceVersion);

/** Key of the object of that kind that controls this one, if there is one. */
export const controllerKey = (object: KubeObject, kind: string): string | undefined => {
	const owner = controllerOf(object);
	return owner?.kind === kind ? `${object.metadata.namespace}/${owner.name}` : undefined;
};

/** "namespace/name" → the cached object. */
export const fromCache = (informer: Informer, key: string): KubeObject | undefined => {
	const slash = key.indexOf("/");
	return informer.get(key.slice(0, slash), key.slice(slash + 1));
};
