import type { KindDescriptor, KubeObject } from "../schemas/common.ts";
import type { CompositeRequest, ObjectMap } from "../schemas/metacontroller.ts";
import type { ChildKind } from "./hook.ts";
import { kindKey, objectKey } from "./object.ts";
import { defaulted } from "./read.ts";

// Requests without a cluster: what Metacontroller would send for a manifest and some observed objects.

/** A manifest with what an API server would have given it: namespace, generation, creation time, defaults of spec. */
export const admitted = (kind: KindDescriptor, object: KubeObject, now: string): KubeObject => ({
	...object,
	metadata: {
		...object.metadata,
		namespace: object.metadata.namespace ?? "default",
		generation: object.metadata.generation ?? 1,
		creationTimestamp: object.metadata.creationTimestamp ?? now,
		uid: object.metadata.uid ?? `${kind.singular}-${object.metadata.namespace ?? "default"}-${object.metadata.name}`,
	},
	spec: defaulted(kind, object),
});

/** A sync request for `parent`. Observed objects of other kinds or namespaces than its children's are left out. */
export const syncRequest = (
	parent: KubeObject,
	children: readonly ChildKind[],
	observed: readonly KubeObject[],
	related: readonly KubeObject[],
): CompositeRequest => ({
	controller: {},
	parent,
	children: {
		...Object.fromEntries(children.map(({ apiVersion, kind }) => [kindKey(apiVersion, kind), {}])),
		...objectMap(
			observed.filter(
				(object) =>
					object.metadata.namespace === parent.metadata.namespace &&
					children.some(({ apiVersion, kind }) => apiVersion === object.apiVersion && kind === object.kind),
			),
		),
	},
	related: objectMap(related),
	finalizing: false,
});

/** Objects by kind and name, as Metacontroller's maps have them. */
export const objectMap = (objects: readonly KubeObject[]): ObjectMap => {
	const keys = new Set(objects.map(({ apiVersion, kind }) => kindKey(apiVersion, kind)));
	return Object.fromEntries(
		[...keys].map((key) => [
			key,
			Object.fromEntries(
				objects
					.filter(({ apiVersion, kind }) => kindKey(apiVersion, kind) === key)
					.map((object) => [objectKey(object), object]),
			),
		]),
	);
};
