import type { Clock } from "../../kube/time.ts";
import { valueAt } from "../json.ts";
import { ApiError, type Resource, type Store } from "../store.ts";
import type { Informers } from "./informer.ts";
import { createWorkQueue } from "./work-queue.ts";

// A stand-in for the namespace controller of kube-controller-manager: a deleted namespace takes its objects with it,
// and goes when the last one is gone. For development and tests only.

export interface NamespacesOptions {
	readonly store: Store;
	readonly informers: Informers;
	readonly clock: Clock;
	/** The kinds that are emptied out of a namespace; what is of another kind is forgotten with it. */
	readonly resources: readonly Resource[];
	readonly log?: (message: string) => void;
}

/** While finalizers hold an object back: nothing reports when it goes, because not every kind is watched. */
const LOOK_AGAIN = 500;

export const startNamespaces = async (options: NamespacesOptions): Promise<{ stop(): Promise<void> }> => {
	const { store, informers, clock, log = () => {} } = options;
	const resources = options.resources.filter(({ namespaced }) => namespaced);
	const namespaces = await informers.get(await store.resourceOf("v1", "Namespace"));

	/** Deletes what is in the namespace; returns how much of it is still there. */
	const empty = async (namespace: string): Promise<number> => {
		let left = 0;
		for (const resource of resources) {
			for (const { metadata } of (await store.list(resource, namespace)).items) {
				left += 1;
				if (metadata.deletionTimestamp === undefined) await store.delete(resource, namespace, metadata.name);
			}
		}
		return left;
	};

	const queue = createWorkQueue(
		clock,
		async (name) => {
			const namespace = namespaces.get(undefined, name);
			if (namespace?.metadata.deletionTimestamp === undefined) return undefined;
			const finalizers = valueAt(namespace, "spec", "finalizers");
			if (!Array.isArray(finalizers) || !finalizers.includes("kubernetes")) return undefined;
			if ((await empty(name)) > 0) return LOOK_AGAIN;
			const others = finalizers.filter((finalizer) => finalizer !== "kubernetes");
			await store.update({ ...namespace, spec: { finalizers: others } }).catch((error: unknown) => {
				if (!(error instanceof ApiError && error.status === 404)) throw error;
			});
			return undefined;
		},
		(message) => log(`namespace ${message}`),
	);
	const unsubscribe = namespaces.subscribe(({ object }) => queue.add(object.metadata.name));
	return {
		async stop() {
			unsubscribe();
			await queue.stop();
		},
	};
};
