import type { Clock } from "../../kube/time.ts";
import { timestampOf } from "../../kube/time.ts";
import type { KindDescriptor, KubeObject } from "../../schemas/common.ts";
import {
	alreadyExists,
	badRequest,
	forbidden,
	namespaceTerminating,
	noSuchResource,
	notFound,
	otherRecord,
	undeclared,
	versionOnCreate,
} from "../api/errors.ts";
import {
	copyJson,
	deepFreeze,
	isKubeObject,
	type JsonObject,
	mergedJson,
	numberAt,
	sameJson,
	stringAt,
} from "../json.ts";
import type { ApplyOptions, DeleteOptions, Resource, Store } from "../store.ts";
import { conform, type SchemaNode } from "./admission.ts";
import { mergeApplied } from "./apply.ts";
import { builtInKinds, definedKinds, describedKind, type MemoryKind } from "./kinds.ts";
import { createEventLog, type EventLog } from "./log.ts";
import { born, checkPreconditions, deleting, released, statusUpdated, updated } from "./object.ts";
import { quotaExceeded } from "./quota.ts";

// The API server's contract without an API server, for development and tests only: versions, conflicts, finalizers,
// the status subresource, watches, server-side apply in the small. Not evaluated: transition rules, and any schema of the
// built-in kinds. Deterministic: time comes from the clock, uids and versions are counted. Objects that it returns
// are frozen, so that no reader can change what is stored.

export interface MemoryStoreOptions {
	readonly clock: Clock;
	readonly kinds: readonly KindDescriptor[];
	/** Objects that are there from the start, stored as they are; their namespaces are made where they are missing. */
	readonly seed?: readonly KubeObject[];
	/** How many events of one resource a watch can look back on. */
	readonly history?: number;
}

interface Table {
	readonly kind: MemoryKind;
	/** "namespace/name" → object, in the order of creation */
	readonly objects: Map<string, KubeObject>;
	readonly log: EventLog;
}

const keyOf = (namespace: string | undefined, name: string) => `${namespace ?? ""}/${name}`;

export const createMemoryStore = ({ clock, kinds, seed = [], history = 1000 }: MemoryStoreOptions): Store => {
	const tables = new Map<string, Table>();
	/** uid → field manager → what it applied last */
	const applications = new Map<string, Map<string, JsonObject>>();
	let revision = 0;
	let number = 0;

	const addTable = (kind: MemoryKind) => {
		const id = `${kind.apiVersion}/${kind.resource}`;
		if (!tables.has(id)) tables.set(id, { kind, objects: new Map(), log: createEventLog(history) });
	};
	const tableOf = ({ apiVersion, resource }: Pick<Resource, "apiVersion" | "resource">): Table => {
		const table = tables.get(`${apiVersion}/${resource}`);
		if (!table) throw noSuchResource();
		return table;
	};
	const tableOfObject = ({ apiVersion, kind }: { apiVersion: string; kind: string }): Table => {
		for (const table of tables.values()) {
			if (table.kind.apiVersion === apiVersion && table.kind.kind === kind) return table;
		}
		throw noSuchResource();
	};

	/** RFC 3339 in seconds, as the API server writes it. */
	const now = (later = 0) => timestampOf(clock.now() + later);
	const birth = () => {
		number += 1;
		return { uid: `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`, now: now(), number };
	};

	/** Stores the next state of an object, or removes it, and notifies the watches. */
	const put = (table: Table, next: KubeObject, type: "ADDED" | "MODIFIED" | "DELETED"): KubeObject => {
		revision += 1;
		const stored = copyJson(next);
		stored.metadata.resourceVersion = String(revision);
		deepFreeze(stored);
		const key = keyOf(stored.metadata.namespace, stored.metadata.name);
		if (type === "DELETED") {
			table.objects.delete(key);
			applications.delete(stored.metadata.uid ?? "");
		} else table.objects.set(key, stored);
		table.log.append(revision, { type, object: stored });
		if (stored.kind === "CustomResourceDefinition" && type === "ADDED") definedKinds(stored).forEach(addTable);
		return stored;
	};
	const replace = (table: Table, live: KubeObject, next: KubeObject): KubeObject => {
		if (next === live) return live;
		return put(table, next, released(next) ? "DELETED" : "MODIFIED");
	};

	const existing = (table: Table, { namespace, name }: KubeObject["metadata"]): KubeObject => {
		const object = table.objects.get(keyOf(table.kind.namespaced ? namespace : undefined, name));
		if (!object) throw notFound(table.kind, name);
		return object;
	};

	const checkNamespace = ({ kind }: Table, { metadata }: KubeObject) => {
		if (!kind.namespaced) return;
		if (!metadata.namespace) throw badRequest("an empty namespace may not be set during creation");
		const namespaces = tableOf({ apiVersion: "v1", resource: "namespaces" });
		const namespace = namespaces.objects.get(keyOf(undefined, metadata.namespace));
		if (!namespace) throw notFound(namespaces.kind, metadata.namespace);
		if (namespace.metadata.deletionTimestamp) throw namespaceTerminating(kind, metadata.name, metadata.namespace);
	};

	const checkQuota = ({ kind, objects }: Table, pod: KubeObject) => {
		if (kind.kind !== "Pod") return;
		const inNamespace = (all: ReadonlyMap<string, KubeObject>) =>
			[...all.values()].filter(({ metadata }) => metadata.namespace === pod.metadata.namespace);
		const quotas = inNamespace(tableOf({ apiVersion: "v1", resource: "resourcequotas" }).objects);
		const problem = quotas.length === 0 ? undefined : quotaExceeded(pod, quotas, inNamespace(objects));
		if (problem !== undefined) throw forbidden(kind, pod.metadata.name, problem);
	};

	const bear = (object: KubeObject, dryRun = false): KubeObject => {
		const table = tableOfObject(object);
		if (object.metadata.resourceVersion) throw versionOnCreate();
		const named = copyJson(object);
		if (!named.metadata.name && named.metadata.generateName) {
			named.metadata.name = `${named.metadata.generateName}${(number + 1).toString(36).padStart(5, "0")}`;
		}
		if (!table.kind.namespaced) delete named.metadata.namespace;
		checkNamespace(table, named);
		const next = born(table.kind, named, birth());
		if (table.objects.has(keyOf(next.metadata.namespace, next.metadata.name))) {
			throw alreadyExists(table.kind, next.metadata.name);
		}
		checkQuota(table, next);
		return dryRun ? deepFreeze(next) : put(table, next, "ADDED");
	};

	const applied = (object: KubeObject, { fieldManager, dryRun = false }: ApplyOptions): KubeObject => {
		const table = tableOfObject(object);
		const { kind, objects } = table;
		if (object.metadata.managedFields) throw badRequest("metadata.managedFields must be nil");
		const configuration = copyJson(object) as KubeObject & JsonObject;
		if (kind.statusSubresource) delete configuration["status"];
		if (kind.descriptor) {
			const fields = conform(kind.descriptor, configuration).undeclared;
			if (fields.length > 0) throw undeclared(object, kind.kind, fields);
		}
		const live = objects.get(keyOf(kind.namespaced ? object.metadata.namespace : undefined, object.metadata.name));
		if (!live) {
			const created = bear(configuration, dryRun);
			if (!dryRun) applications.set(created.metadata.uid ?? "", new Map([[fieldManager, configuration]]));
			return created;
		}
		checkPreconditions(kind, live, object);
		const managers = applications.get(live.metadata.uid ?? "") ?? new Map<string, JsonObject>();
		const others = [...managers].filter(([manager]) => manager !== fieldManager).map(([, fields]) => fields);
		const merged = mergeApplied(live, managers.get(fieldManager) ?? {}, configuration, others, schemaOf(kind));
		const next = updated(kind, live, merged);
		if (dryRun) return deepFreeze(next);
		applications.set(live.metadata.uid ?? "", managers.set(fieldManager, configuration));
		return replace(table, live, next);
	};

	const remove = (table: Table, live: KubeObject, options: DeleteOptions): void => {
		const { uid, propagationPolicy, gracePeriodSeconds } = options;
		if (uid && uid !== live.metadata.uid) throw otherRecord(table.kind, live.metadata.name, uid, live.metadata.uid);
		const finalizers = new Set(live.metadata.finalizers);
		if (propagationPolicy === "Foreground") finalizers.add("foregroundDeletion").delete("orphan");
		if (propagationPolicy === "Orphan") finalizers.add("orphan").delete("foregroundDeletion");
		const grace = gracefulSeconds(live, gracePeriodSeconds);
		const marked = deleting(table.kind, live, [...finalizers], now(1000 * grace), grace);
		if (released(marked)) return void put(table, marked, "DELETED");
		if (!live.metadata.deletionTimestamp) return void put(table, marked, "MODIFIED");
		// Already marked: all that a second call can change is the finalizer for the propagation, or the end of the grace period.
		const again = copyJson(live);
		if (finalizers.size > 0) again.metadata.finalizers = [...finalizers];
		again.metadata.deletionGracePeriodSeconds = Math.min(grace, live.metadata.deletionGracePeriodSeconds ?? 0);
		replace(table, live, sameJson(again, live) ? live : again);
	};

	[...builtInKinds, ...kinds.map(describedKind)].forEach(addTable);
	for (const name of ["default", "kube-system", ...seed.map(({ metadata }) => metadata.namespace)]) {
		const { kind, objects } = tableOf({ apiVersion: "v1", resource: "namespaces" });
		if (name && !objects.has(keyOf(undefined, name))) bear({ apiVersion: "v1", kind: kind.kind, metadata: { name } });
	}
	for (const object of seed) plant(object);

	function plant(object: KubeObject): void {
		const table = tableOfObject(object);
		const fresh = born(table.kind, object, birth());
		const given = { ...fresh.metadata, ...object.metadata };
		put(table, { ...fresh, metadata: given, ...("status" in object && { status: object["status"] }) }, "ADDED");
	}

	return {
		resourceOf: async (apiVersion, kind) => tableOfObject({ apiVersion, kind }).kind,
		resourceNamed: async (apiVersion, resource) => tableOf({ apiVersion, resource }).kind,
		get: async (resource, namespace, name) => {
			const { kind, objects } = tableOf(resource);
			return objects.get(keyOf(kind.namespaced ? namespace : undefined, name));
		},
		list: async (resource, namespace) => {
			const items = [...tableOf(resource).objects.values()];
			return {
				items: namespace === undefined ? items : items.filter(({ metadata }) => metadata.namespace === namespace),
				resourceVersion: String(revision),
			};
		},
		watch: async (resource, resourceVersion, onEvent, signal) =>
			tableOf(resource).log.watch(Number(resourceVersion), onEvent, signal),
		create: async (object) => bear(object),
		update: async (object) => {
			const table = tableOfObject(object);
			const live = existing(table, object.metadata);
			checkPreconditions(table.kind, live, object);
			return replace(table, live, updated(table.kind, live, object));
		},
		updateStatus: async (object) => {
			const table = tableOfObject(object);
			if (!table.kind.statusSubresource) throw noSuchResource();
			const live = existing(table, object.metadata);
			checkPreconditions(table.kind, live, object);
			return replace(table, live, statusUpdated(table.kind, live, object));
		},
		patch: async (resource, namespace, name, change) => {
			const table = tableOf(resource);
			const live = existing(table, { namespace: namespace ?? "", name });
			return replace(table, live, updated(table.kind, live, patched(live, change)));
		},
		delete: async (resource, namespace, name, options = {}) => {
			const table = tableOf(resource);
			const live = table.objects.get(keyOf(table.kind.namespaced ? namespace : undefined, name));
			if (live) remove(table, live, options);
		},
		apply: async (object, options) => applied(object, options),
		close: async () => {},
	};
};

const patched = (live: KubeObject, change: Readonly<Record<string, unknown>>): KubeObject => {
	const merged = mergedJson(live, change);
	if (!isKubeObject(merged)) throw badRequest("the patch leaves no object behind");
	return merged;
};

const schemaOf = ({ descriptor }: MemoryKind): SchemaNode | undefined =>
	descriptor && { properties: { spec: descriptor.spec, status: descriptor.status } };

/** A pod on a node is given time to end: it goes when the kubelet deletes it with no grace left. */
const gracefulSeconds = (object: KubeObject, asked: number | undefined): number => {
	if (object.kind !== "Pod" || object.apiVersion !== "v1") return 0;
	const phase = stringAt(object, "status", "phase");
	if (!stringAt(object, "spec", "nodeName") || phase === "Succeeded" || phase === "Failed") return 0;
	return asked ?? numberAt(object, "spec", "terminationGracePeriodSeconds") ?? 30;
};
