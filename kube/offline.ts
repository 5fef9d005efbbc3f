import type { KindDescriptor, KubeObject } from "../schemas/common.ts";
import type { CompositeRequest, ObjectMap } from "../schemas/metacontroller.ts";
import type { ChildKind } from "./hook.ts";
import { isRelatedKind } from "./namesakes.ts";
import { isRead, isSameJson, kindKey, objectKey, observedOf } from "./object.ts";
import { defaulted } from "./received-object.ts";

// Requests without a cluster: what Metacontroller would send for a manifest and some observed objects.

/** A manifest with what an API server would add: namespace, generation, creation time, defaults of spec. */
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

/** A sync request for `parent`, without observed objects of other kinds or namespaces than those of its children. */
export const syncRequest = (
	parent: KubeObject,
	children: readonly ChildKind[],
	observed: readonly KubeObject[],
	related: readonly KubeObject[],
): CompositeRequest => ({
	controller: {},
	parent,
	children: {
		...emptyMaps(children),
		...objectMap(
			observed.filter(
				(object) =>
					object.metadata.namespace === parent.metadata.namespace &&
					children.some(({ apiVersion, kind }) => apiVersion === object.apiVersion && kind === object.kind),
			),
		),
	},
	related: { ...emptyMaps(children.filter(({ kind }) => isRelatedKind(kind))), ...objectMap(related) },
	finalizing: false,
});

const emptyMaps = (kinds: readonly ChildKind[]): ObjectMap =>
	Object.fromEntries(kinds.map(({ apiVersion, kind }) => [kindKey(apiVersion, kind), {}]));

/** Maximum number of rounds: configuration, rosters, pods. */
const MOST_ROUNDS = 4;

/**
 * The final response of a hook, with the status of its first one: a hook holds back children that depend on children which were not
 * observed yet. Each round observes those of the previous one.
 */
export const untilComplete = <Answer extends { readonly children: readonly KubeObject[] }>(
	request: CompositeRequest,
	answer: (request: CompositeRequest) => Answer,
): Answer => {
	const first = answer(request);
	let { children } = first;
	for (let round = 1; round < MOST_ROUNDS; round += 1) {
		const next = answer({ ...request, children: withSent(request.children, children) }).children;
		if (isSameJson(next, children)) break;
		children = next;
	}
	return { ...first, children };
};

/** The observed children, and the desired ones that other children wait for. */
const withSent = (observed: ObjectMap, sent: readonly KubeObject[]): ObjectMap => {
	const changed = sent.filter(isRead).map((child) => {
		const there = observedOf(observed, child);
		if (there === undefined) return child;
		const { metadata, ...rest } = child;
		return { ...there, ...rest, metadata: { ...there.metadata, ...metadata } };
	});
	return Object.fromEntries(
		Object.entries({ ...observed, ...objectMap(changed) }).map(([kind, objects]) => [
			kind,
			{ ...observed[kind], ...objects },
		]),
	);
};

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
