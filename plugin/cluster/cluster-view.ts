import type { Event } from "../../kube/types.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { isUserKind, type Wanted } from "./kinds.ts";

// The objects of a cluster as plain data for all commands. Pure: nothing here reads the cluster.

export interface ClusterView {
	readonly objects: readonly KubeObject[];
	readonly events: readonly Event[];
	/** RFC 3339: time of the read. */
	readonly now: string;
	/** Sentences about what could not be read. */
	readonly notes: readonly string[];
	/** Plurals of resources without the permission to read them: their absence means nothing. */
	readonly unread: readonly string[];
	owned(owner: KubeObject): readonly KubeObject[];
	get(kind: string, namespace: string, name: string): KubeObject | undefined;
	byUid(uid: string): KubeObject | undefined;
	/** Objects of one kind, optionally in one namespace. */
	all(kind: string, namespace?: string): readonly KubeObject[];
	/** Events about an object, newest first. */
	eventsOn(object: KubeObject): readonly Event[];
}

export interface Read {
	readonly objects: readonly KubeObject[];
	readonly events?: readonly KubeObject[];
	readonly now: string;
	readonly notes?: readonly string[];
	readonly unread?: readonly string[];
}

export const viewOf = ({ objects, events = [], now, notes = [], unread = [] }: Read): ClusterView => {
	const byOwner = new Map<string, KubeObject[]>();
	const byKey = new Map<string, KubeObject>();
	const uids = new Map<string, KubeObject>();
	for (const object of objects) {
		byKey.set(keyOf(object.kind, namespaceOf(object), object.metadata.name), object);
		if (object.metadata.uid !== undefined) uids.set(object.metadata.uid, object);
		for (const { uid } of object.metadata.ownerReferences ?? []) {
			const list = byOwner.get(uid);
			if (list === undefined) byOwner.set(uid, [object]);
			else list.push(object);
		}
	}
	const sorted = events.filter(isEvent).toSorted((left, right) => (eventTime(left) < eventTime(right) ? 1 : -1));
	return {
		objects,
		events: sorted,
		now,
		notes,
		unread,
		owned: ({ metadata: { uid } }) => (uid === undefined ? [] : (byOwner.get(uid) ?? [])),
		get: (kind, namespace, name) => byKey.get(keyOf(kind, namespace, name)),
		byUid: (uid) => uids.get(uid),
		all: (kind, namespace) =>
			objects.filter(
				(object) => object.kind === kind && (namespace === undefined || namespaceOf(object) === namespace),
			),
		eventsOn: (object) => sorted.filter((event) => isAbout(event, object)),
	};
};

export const namespaceOf = ({ metadata }: KubeObject): string => metadata.namespace ?? "";

const keyOf = (kind: string, namespace: string, name: string): string => [kind, namespace, name].join("/");

export const isEvent = (object: KubeObject): object is Event => object.kind === "Event";

const isAbout = (
	{ involvedObject: { kind, namespace, name, uid } }: Event,
	{ kind: own, metadata }: KubeObject,
): boolean =>
	kind === own &&
	name === metadata.name &&
	namespace === metadata.namespace &&
	// An object that was deleted and created again also has the events of its predecessor.
	(uid === undefined || uid === metadata.uid);

/** When an event was last seen. */
export const eventTime = (event: Event): string =>
	event.series?.lastObservedTime ??
	event.lastTimestamp ??
	event.eventTime ??
	event.firstTimestamp ??
	event.metadata.creationTimestamp ??
	"";

/** The SyncError events of Metacontroller on an object, newest first. */
export const syncErrors = (view: ClusterView, object: KubeObject): readonly Event[] =>
	view.eventsOn(object).filter(({ reason }) => reason === "SyncError");

/** The last one. */
export const syncError = (view: ClusterView, object: KubeObject): Event | undefined => syncErrors(view, object)[0];

/** The controlling owner of an object, if it was read. */
export const ownerOf = (
	view: ClusterView,
	{ metadata: { ownerReferences = [] } }: KubeObject,
): KubeObject | undefined => {
	const reference = ownerReferences.find(({ controller }) => controller === true) ?? ownerReferences[0];
	return reference && view.byUid(reference.uid);
};

/** An object and its owners, up to the one without an owner. */
export const ancestry = (view: ClusterView, object: KubeObject): KubeObject[] => {
	const chain = [object];
	for (let owner = ownerOf(view, object); owner !== undefined && !chain.includes(owner); owner = ownerOf(view, owner))
		chain.push(owner);
	return chain;
};

/** All descendants of an object, each once. */
export const descendants = (view: ClusterView, object: KubeObject): KubeObject[] => {
	const found = new Set<KubeObject>();
	const walk = (parent: KubeObject) => {
		for (const child of view.owned(parent)) {
			if (found.has(child)) continue;
			found.add(child);
			walk(child);
		}
	};
	walk(object);
	return [...found];
};

/** The objects that a user names. */
export const matching = (view: ClusterView, wanted: Wanted): KubeObject[] =>
	view.objects.filter(
		(object) =>
			object.metadata.name === wanted.name &&
			(wanted.kind === undefined ? isUserKind(object) : object.kind === wanted.kind) &&
			(wanted.namespace === undefined || object.metadata.namespace === wanted.namespace),
	);
