import type { Clock } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Resource, Store, WatchEvent } from "../store.ts";

// A cache of one resource, kept by list and watch and shared by all who read it. For development and tests only.
// Objects in the cache are shared: no reader may change one.

export interface InformerEvent {
	readonly type: "ADDED" | "MODIFIED" | "DELETED";
	readonly object: KubeObject;
	/** What the cache held before; undefined for ADDED. */
	readonly old?: KubeObject;
}

export type InformerHandler = (event: InformerEvent) => void;

export interface Informer {
	readonly resource: Resource;
	list(namespace?: string): KubeObject[];
	get(namespace: string | undefined, name: string): KubeObject | undefined;
	/** Every object that has an owner reference, controlling or not, to this uid. */
	byOwner(uid: string): KubeObject[];
	/** Calls the handler with ADDED for all that is cached, then with each change. Returns the way to unsubscribe. */
	subscribe(handler: InformerHandler): () => void;
}

export interface Informers {
	/** The one informer of a resource; starts it when needed and resolves after its first list. */
	get(resource: Resource): Promise<Informer>;
	stop(): void;
}

type Log = (message: string) => void;

const FIRST_BACK_OFF = 200;
const LONGEST_BACK_OFF = 10_000;

export const createInformers = (store: Store, clock: Clock, log: Log = () => {}): Informers => {
	const started = new Map<string, Promise<Informer>>();
	const stopping = new AbortController();
	return {
		get(resource) {
			const key = `${resource.apiVersion}/${resource.resource}`;
			const running = started.get(key);
			if (running) return running;
			const cache = createCache(resource, log);
			const ready = new Promise<Informer>((resolve, reject) => {
				stopping.signal.addEventListener("abort", () => reject(new Error(`the informer of ${key} was stopped`)), {
					once: true,
				});
				void follow(store, clock, cache, () => resolve(cache), stopping.signal, log);
			});
			// A caller may have asked without waiting: stopping must not become an unhandled rejection.
			ready.catch(() => {});
			started.set(key, ready);
			return ready;
		},
		stop: () => stopping.abort(),
	};
};

/** Lists, then watches, for ever. A watch that ends is followed by a new list, whose differences become events. */
const follow = async (
	store: Store,
	clock: Clock,
	cache: Cache,
	onListed: () => void,
	signal: AbortSignal,
	log: Log,
): Promise<void> => {
	const { resource } = cache;
	let failures = 0;
	while (!signal.aborted) {
		try {
			const { items, resourceVersion } = await store.list(resource);
			if (signal.aborted) return;
			cache.replace(items);
			onListed();
			const since = clock.now();
			await store.watch(resource, resourceVersion, (event) => cache.take(event), signal);
			// A watch that lived for a while and then ended is the ordinary case: list again without waiting.
			if (clock.now() - since > LONGEST_BACK_OFF) failures = 0;
		} catch (error) {
			if (signal.aborted) return;
			log(`cannot list and watch ${resource.resource}: ${error instanceof Error ? error.message : String(error)}`);
		}
		if (signal.aborted) return;
		await sleep(clock, Math.min(FIRST_BACK_OFF * 2 ** failures, LONGEST_BACK_OFF), signal);
		failures += 1;
	}
};

const sleep = (clock: Clock, ms: number, signal: AbortSignal): Promise<void> =>
	new Promise((resolve) => {
		const wake = () => {
			signal.removeEventListener("abort", wake);
			cancel();
			resolve();
		};
		const cancel = clock.after(ms, wake);
		signal.addEventListener("abort", wake);
	});

// ── Cache ───────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Cache extends Informer {
	replace(items: readonly KubeObject[]): void;
	take(event: WatchEvent): void;
}

const createCache = (resource: Resource, log: Log): Cache => {
	/** namespace ("" for cluster-scoped objects) → name → object */
	const byNamespace = new Map<string, Map<string, KubeObject>>();
	const owned = new Map<string, Set<KubeObject>>();
	const handlers = new Set<InformerHandler>();

	const find = (namespace: string | undefined, name: string) => byNamespace.get(namespace ?? "")?.get(name);
	const all = () => [...byNamespace.values()].flatMap((objects) => [...objects.values()]);

	const deliver = (handler: InformerHandler, event: InformerEvent) => {
		try {
			handler(event);
		} catch (error) {
			// One subscriber's fault must not end the cache for the others.
			log(`a handler of ${resource.resource} failed: ${error instanceof Error ? error.stack : String(error)}`);
		}
	};
	const emit = (event: InformerEvent) => {
		for (const handler of handlers) deliver(handler, event);
	};

	const index = (object: KubeObject) => {
		for (const { uid } of object.metadata.ownerReferences ?? []) {
			const objects = owned.get(uid) ?? new Set();
			owned.set(uid, objects.add(object));
		}
	};
	const unindex = (object: KubeObject) => {
		for (const { uid } of object.metadata.ownerReferences ?? []) {
			const objects = owned.get(uid);
			objects?.delete(object);
			if (objects?.size === 0) owned.delete(uid);
		}
	};

	const forget = (object: KubeObject) => {
		const { namespace = "", name } = object.metadata;
		const old = find(namespace, name);
		if (!old) return;
		unindex(old);
		const names = byNamespace.get(namespace);
		names?.delete(name);
		if (names?.size === 0) byNamespace.delete(namespace);
		emit({ type: "DELETED", object, old });
	};
	const remember = (object: KubeObject) => {
		const { namespace = "", name, uid, resourceVersion } = object.metadata;
		let old = find(namespace, name);
		if (old?.metadata.resourceVersion === resourceVersion && old?.metadata.uid === uid) return;
		// Same name, another object: its deletion was missed.
		if (old && old.metadata.uid !== uid) {
			forget(old);
			old = undefined;
		}
		if (old) unindex(old);
		const names = byNamespace.get(namespace) ?? new Map<string, KubeObject>();
		byNamespace.set(namespace, names.set(name, object));
		index(object);
		emit(old ? { type: "MODIFIED", object, old } : { type: "ADDED", object });
	};

	return {
		resource,
		get: find,
		list: (namespace) => (namespace === undefined ? all() : [...(byNamespace.get(namespace)?.values() ?? [])]),
		byOwner: (uid) => [...(owned.get(uid) ?? [])],
		subscribe(handler) {
			for (const object of all()) deliver(handler, { type: "ADDED", object });
			handlers.add(handler);
			return () => void handlers.delete(handler);
		},
		replace(items) {
			const listed = new Set(items.map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`));
			for (const object of all()) {
				if (!listed.has(`${object.metadata.namespace ?? ""}/${object.metadata.name}`)) forget(object);
			}
			for (const object of items) remember(object);
		},
		take(event) {
			if (event.type === "EXPIRED") return;
			if (event.type === "DELETED") return forget(event.object);
			remember(event.object);
		},
	};
};
