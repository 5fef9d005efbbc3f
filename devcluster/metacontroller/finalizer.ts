import type { KubeObject } from "../../schemas/common.ts";
import type { Resource } from "../store.ts";
import { changeLive } from "./live.ts";
import type { Runtime } from "./runtime.ts";

// The finalizer that gives a controller with a finalize hook the last word over its parents. For development and tests
// only.

export interface Finalizer {
	readonly name: string;
	/** Whether the controller has a finalize hook; without one, a finalizer left from before is taken off. */
	readonly wanted: boolean;
}

export const finalizerOf = ({
	type,
	name,
	finalize,
}: {
	type: string;
	name: string;
	finalize?: unknown;
}): Finalizer => ({
	name: `metacontroller.io/${type}controller-${name}`,
	wanted: finalize !== undefined,
});

export const hasFinalizer = (object: KubeObject, { name }: Finalizer): boolean =>
	object.metadata.finalizers?.includes(name) ?? false;

export const withoutFinalizer = (object: KubeObject, { name }: Finalizer): KubeObject => {
	const { finalizers = [], ...metadata } = object.metadata;
	const others = finalizers.filter((finalizer) => finalizer !== name);
	return { ...object, metadata: { ...metadata, ...(others.length > 0 && { finalizers: others }) } };
};

const withFinalizer = (object: KubeObject, { name }: Finalizer): KubeObject => ({
	...object,
	metadata: { ...object.metadata, finalizers: [...(object.metadata.finalizers ?? []), name] },
});

/** The parent with the finalizer, or without, as wanted. */
export const syncFinalizer = async (runtime: Runtime, resource: Resource, parent: KubeObject, finalizer: Finalizer) => {
	if (hasFinalizer(parent, finalizer) === finalizer.wanted) return parent;
	if (!finalizer.wanted) return removeFinalizer(runtime, resource, parent, finalizer);
	// It may have been ours to take off already, and the API server refuses a new one by now.
	if (parent.metadata.deletionTimestamp !== undefined) return parent;
	return changeLive(runtime, {
		resource,
		original: parent,
		change: (live) => (hasFinalizer(live, finalizer) ? undefined : withFinalizer(live, finalizer)),
		write: (changed) => runtime.store.update(changed),
	});
};

export const removeFinalizer = (runtime: Runtime, resource: Resource, parent: KubeObject, finalizer: Finalizer) =>
	changeLive(runtime, {
		resource,
		original: parent,
		change: (live) => (hasFinalizer(live, finalizer) ? withoutFinalizer(live, finalizer) : undefined),
		write: (changed) => runtime.store.update(changed),
	});

/** Whether children are managed: a parent being deleted has some only for as long as our finalizer holds it. */
export const managesChildren = (parent: KubeObject, finalizer: Finalizer): boolean => {
	if (parent.metadata.deletionTimestamp === undefined) return true;
	// The garbage collector is at work on the children: managing them would be a fight.
	const collected = parent.metadata.finalizers?.some((name) => name === "foregroundDeletion" || name === "orphan");
	return !collected && finalizer.wanted && hasFinalizer(parent, finalizer);
};
