import type { Clock } from "../../kube/time.ts";
import type { KubeObject, OwnerReference } from "../../schemas/common.ts";
import { ApiError, type DeleteOptions, type Resource, type Store } from "../store.ts";
import type { Informer, InformerEvent, Informers } from "./informer.ts";
import { createWorkQueue } from "./work-queue.ts";

// A stand-in for the garbage collector of kube-controller-manager: what is owned goes with its last owner, before it
// (Foreground), after it (Background), or stays (Orphan). For development and tests only.

export interface GarbageCollectorOptions {
	readonly store: Store;
	readonly informers: Informers;
	readonly clock: Clock;
	/** The kinds that own or are owned; an owner of another kind is looked up, but its end is not noticed. */
	readonly resources: readonly Resource[];
	readonly log?: (message: string) => void;
}

export interface GarbageCollector {
	stop(): Promise<void>;
}

const FOREGROUND = "foregroundDeletion";
const ORPHAN = "orphan";

export const startGarbageCollector = async (options: GarbageCollectorOptions): Promise<GarbageCollector> => {
	const { store, informers, clock, resources, log = () => {} } = options;
	const caches = await Promise.all(resources.map((resource) => informers.get(resource)));
	/** uid → where the object is */
	const known = new Map<string, { readonly cache: Informer; readonly object: KubeObject }>();
	const dependentsOf = (uid: string) => caches.flatMap((cache) => cache.byOwner(uid));

	const collect = async (uid: string): Promise<void> => {
		const found = known.get(uid);
		if (!found) return;
		const { cache, object } = found;
		if (isEnding(object, ORPHAN)) return orphan(store, cache.resource, object, dependentsOf(uid));
		if (isEnding(object, FOREGROUND)) return endDependents(cache.resource, object);
		if (object.metadata.deletionTimestamp === undefined) await endUnlessOwned(cache.resource, object);
	};

	const resourceFor = async ({ apiVersion, kind }: { apiVersion: string; kind: string }): Promise<Resource> =>
		resources.find((resource) => resource.apiVersion === apiVersion && resource.kind === kind) ??
		(await store.resourceOf(apiVersion, kind));

	/** Whether the owner is there, gone, or waiting for its dependents to go. */
	const stateOf = async (owner: OwnerReference, namespace: string | undefined) => {
		const cached = known.get(owner.uid)?.object;
		if (cached) return isEnding(cached, FOREGROUND) ? "waiting" : "there";
		try {
			const resource = await resourceFor(owner);
			const live = await store.get(resource, resource.namespaced ? namespace : undefined, owner.name);
			if (live?.metadata.uid !== owner.uid) return "gone";
			return isEnding(live, FOREGROUND) ? "waiting" : "there";
		} catch (error) {
			// Of a kind that is not served: it can't be known, so nothing is deleted for it.
			if (error instanceof ApiError && error.status === 404) return "there";
			throw error;
		}
	};

	const endUnlessOwned = async (resource: Resource, { metadata: { namespace, name, uid = "" } }: KubeObject) => {
		const cached = known.get(uid)?.object.metadata.ownerReferences ?? [];
		if (cached.every((owner) => isThere(known.get(owner.uid)?.object))) return;
		// The object's owners in the cache may be outdated, and a deletion can't be taken back.
		const live = await store.get(resource, namespace, name);
		if (live?.metadata.uid !== uid || live.metadata.deletionTimestamp !== undefined) return;
		const owners = live.metadata.ownerReferences ?? [];
		const states = await Promise.all(owners.map((owner) => stateOf(owner, namespace)));
		if (owners.length === 0 || states.every((state) => state === "there")) return;
		if (states.includes("there")) {
			await store.update(
				withOwners(
					live,
					owners.filter((_, index) => states[index] === "there"),
				),
			);
			return;
		}
		await store.delete(resource, namespace, name, { uid, propagationPolicy: policyFor(live, states) });
	};

	const policyFor = (
		{ metadata }: KubeObject,
		ownerStates: readonly string[],
	): Required<DeleteOptions>["propagationPolicy"] => {
		if (metadata.finalizers?.includes(ORPHAN)) return "Orphan";
		const isAwaited = ownerStates.includes("waiting") && dependentsOf(metadata.uid ?? "").length > 0;
		return isAwaited || metadata.finalizers?.includes(FOREGROUND) ? "Foreground" : "Background";
	};

	/** Ends what an owner waits for, and lets the owner go when nothing of that is left. */
	const endDependents = async (resource: Resource, owner: KubeObject): Promise<void> => {
		const blocking = dependentsOf(owner.metadata.uid ?? "").filter(({ metadata }) =>
			metadata.ownerReferences?.some(({ uid, blockOwnerDeletion }) => uid === owner.metadata.uid && blockOwnerDeletion),
		);
		if (blocking.length === 0) return release(store, resource, owner, FOREGROUND);
		for (const { metadata } of blocking) if (metadata.uid !== undefined) queue.add(metadata.uid);
	};

	const queue = createWorkQueue(clock, collect, (message) => log(`garbage collector: ${message}`));
	const follow =
		(cache: Informer) =>
		({ type, object }: InformerEvent) => {
			const { uid = "", ownerReferences = [] } = object.metadata;
			if (type !== "DELETED") {
				known.set(uid, { cache, object });
				queue.add(uid);
				return;
			}
			known.delete(uid);
			for (const dependent of dependentsOf(uid)) queue.add(dependent.metadata.uid ?? "");
			for (const owner of ownerReferences) queue.add(owner.uid);
		};
	const subscriptions = caches.map((cache) => cache.subscribe(follow(cache)));
	return {
		async stop() {
			for (const unsubscribe of subscriptions) unsubscribe();
			await queue.stop();
		},
	};
};

const isEnding = ({ metadata }: KubeObject, finalizer: string): boolean =>
	metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(finalizer) === true;

const isThere = (owner: KubeObject | undefined): boolean => owner !== undefined && !isEnding(owner, FOREGROUND);

const withOwners = (object: KubeObject, ownerReferences: OwnerReference[]): KubeObject => ({
	...object,
	metadata: { ...object.metadata, ownerReferences },
});

const orphan = async (
	store: Store,
	resource: Resource,
	owner: KubeObject,
	dependents: readonly KubeObject[],
): Promise<void> => {
	for (const { metadata, ...rest } of dependents) {
		const others = metadata.ownerReferences?.filter(({ uid }) => uid !== owner.metadata.uid) ?? [];
		await unlessGone(store.update(withOwners({ ...rest, metadata }, others)));
	}
	await release(store, resource, owner, ORPHAN);
};

const release = async (
	store: Store,
	resource: Resource,
	{ metadata }: KubeObject,
	finalizer: string,
): Promise<void> => {
	const live = await store.get(resource, metadata.namespace, metadata.name);
	if (live?.metadata.uid !== metadata.uid || !live?.metadata.finalizers?.includes(finalizer)) return;
	const finalizers = live.metadata.finalizers.filter((other) => other !== finalizer);
	await unlessGone(store.update({ ...live, metadata: { ...live.metadata, finalizers } }));
};

const unlessGone = async (call: Promise<unknown>): Promise<void> => {
	try {
		await call;
	} catch (error) {
		if (!(error instanceof ApiError && error.status === 404)) throw error;
	}
};
