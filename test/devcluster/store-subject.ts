import { expect } from "vitest";
import { ApiError, type Resource, type Store, type WatchEvent } from "../../devcluster/store.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { widgetDefinition } from "./widget.ts";

// What the cases of the contract are run on: a store with the widgets' definition and a namespace.

export interface Subject {
	readonly store: Store;
	readonly widgets: Resource;
	readonly configMaps: Resource;
	readonly pods: Resource;
	/** What is stored under the kind, namespace and name of an object. */
	get(object: KubeObject): Promise<KubeObject>;
	/** The events from the start of `act` on, once there are as many as `count`. */
	watching(resource: Resource, count: number, act: () => Promise<unknown>): Promise<WatchEvent[]>;
}

export const prepare = async (store: Store): Promise<Subject> => {
	await store.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "contract" } });
	// No controller makes it here, and without it a real API server takes no pod.
	await store.create({
		apiVersion: "v1",
		kind: "ServiceAccount",
		metadata: { name: "default", namespace: "contract" },
	});
	await store.apply(widgetDefinition, { fieldManager: "test" });
	return {
		store,
		widgets: await eventually(() => store.resourceOf("test.prism.io/v1", "Widget")),
		configMaps: await store.resourceNamed("v1", "configmaps"),
		pods: await store.resourceOf("v1", "Pod"),
		async get({ apiVersion, kind, metadata }) {
			const found = await store.get(await store.resourceOf(apiVersion, kind), metadata.namespace, metadata.name);
			if (!found) throw new Error(`${metadata.name} is not there`);
			return found;
		},
		async watching(resource, count, act) {
			const { resourceVersion } = await store.list(resource);
			const events: WatchEvent[] = [];
			const stop = new AbortController();
			const ended = store.watch(resource, resourceVersion, (event) => void events.push(event), stop.signal);
			await act();
			await eventually(async () => expect(events.length).toBeGreaterThanOrEqual(count));
			stop.abort();
			await ended;
			return events;
		},
	};
};

/** What a call is refused with. */
export const refused = async (call: Promise<unknown>) => {
	const error = await call.then(
		() => new Error("it was not refused"),
		(reason: unknown) => reason,
	);
	if (!(error instanceof ApiError)) throw error;
	return { status: error.status, reason: error.reason, message: error.message };
};

export const withMetadata = (object: KubeObject, metadata: Partial<KubeObject["metadata"]>): KubeObject => ({
	...object,
	metadata: { ...object.metadata, ...metadata },
});

export const withSpec = (object: KubeObject, spec: Record<string, unknown>): KubeObject => ({ ...object, spec });

/** The call's answer, once it succeeds. */
export const eventually = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
	for (let attempt = 1; ; attempt += 1) {
		try {
			return await call();
		} catch (error) {
			if (attempt === 100) throw error;
			await new Promise((resolve) => void setTimeout(resolve, 50));
		}
	}
};
