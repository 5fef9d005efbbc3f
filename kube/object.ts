import { stringify } from "safe-stable-stringify";
import type { KubeObject, ObjectMeta, OwnerReference } from "../schemas/common.ts";
import type { ObjectMap } from "../schemas/metacontroller.ts";
import { DESIRED_HASH_ANNOTATION } from "../schemas/vocabulary.ts";
import { sha256Hex } from "./hash.ts";
import type { Written } from "./types.ts";

// Kubernetes objects as plain data: their keys in Metacontroller's maps, and the fields that the operator sends.

/** Key of a kind in `children` and `related`: "Deployment.apps/v1", "Service.v1". */
export const kindKey = (apiVersion: string, kind: string): string => `${kind}.${apiVersion}`;

/** Key of an object below its kind: "namespace/name", for a cluster-scoped object its name. */
export const objectKey = (object: KubeObject): string =>
	object.metadata.namespace === undefined
		? object.metadata.name
		: `${object.metadata.namespace}/${object.metadata.name}`;

/** "Deployment default/prism-dev-proxy", as messages and log lines name an object. */
export const describeObject = (object: KubeObject): string => `${object.kind} ${objectKey(object)}`;

/** The observed object that corresponds to `wanted`. */
export const observedOf = (map: ObjectMap, wanted: KubeObject): KubeObject | undefined =>
	map[kindKey(wanted.apiVersion, wanted.kind)]?.[objectKey(wanted)];

/** Whether other children of the same parent may wait for one of its kind. */
export const isRead = ({ kind }: KubeObject): boolean => ["ConfigMap", "Secret", "PatternRunner"].includes(kind);

export const isWorkload = ({ kind }: Pick<KubeObject, "kind">): boolean =>
	kind === "Deployment" || kind === "StatefulSet";

/** All objects of a map, in a stable order: by kind, namespace and name. */
export const objectsOf = (map: ObjectMap): KubeObject[] =>
	Object.keys(map)
		.toSorted()
		.flatMap((kind) => {
			const objects = map[kind] ?? {};
			return Object.keys(objects)
				.toSorted()
				.flatMap((key) => objects[key] ?? []);
		});

export const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads a field of a value; a value that is no record has none. */
export const asRecord = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});

/** Reads the items of a value; a value that is no list has none. */
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The value at a path in an object; undefined if the path does not exist. */
export const valueAt = (value: unknown, ...path: readonly string[]): unknown =>
	path.reduce<unknown>((inner, field) => (isRecord(inner) ? inner[field] : undefined), value);

/** The objects in the list at a path. */
export const recordsAt = (value: unknown, ...path: readonly string[]): Record<string, unknown>[] => {
	const list = valueAt(value, ...path);
	return Array.isArray(list) ? list.filter(isRecord) : [];
};

/** A list literal without its undefined and false items. */
export const compact = <Item>(items: readonly (Item | undefined | false)[]): Item[] =>
	items.filter((item): item is Item => item !== undefined && item !== false);

/** Whether a value is a Kubernetes object: with apiVersion, kind and name. */
export const isKubeObject = (value: unknown): value is KubeObject =>
	isRecord(value) &&
	typeof value["apiVersion"] === "string" &&
	typeof value["kind"] === "string" &&
	isRecord(value["metadata"]) &&
	typeof value["metadata"]["name"] === "string";

/** The object in a namespace, unless it has another one. */
export const placedIn = (object: KubeObject, namespace = "default"): KubeObject => ({
	...object,
	metadata: { ...object.metadata, namespace: object.metadata.namespace ?? namespace },
});

/** The controlling owner, if there is one. */
export const controllerOf = ({ metadata }: KubeObject): OwnerReference | undefined =>
	metadata.ownerReferences?.find(({ controller }) => controller === true);

/** Whether the object is being deleted: it exists until its finalizers are removed. */
export const isGoing = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp !== undefined;

/** The fields without undefined values, at any depth: JSON omits them anyway. */
export function withoutUndefined<Fields extends object>(fields: NoInfer<Written<Fields>>): Fields;
export function withoutUndefined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
	return changedEntries(fields, prune);
}

const prune = (value: unknown): unknown => {
	if (Array.isArray(value)) return changedItems(value, prune);
	return isRecord(value) ? withoutUndefined<Record<string, unknown>>(value) : value;
};

/**
 * Maps each value, and leaves out those that become undefined. If nothing changes, as usual, it returns the object itself: every
 * sync walks through the children several times, and copies would be the main cost.
 */
export const changedEntries = (
	fields: Readonly<Record<string, unknown>>,
	change: (value: unknown, name: string) => unknown,
): Record<string, unknown> => {
	const names = Object.keys(fields);
	let changed: Record<string, unknown> | undefined;
	for (const [index, name] of names.entries()) {
		const before = fields[name];
		const after = change(before, name);
		if (changed === undefined) {
			if (after === before && after !== undefined) continue;
			changed = {};
			for (const same of names.slice(0, index)) changed[same] = fields[same];
		}
		if (after !== undefined) changed[name] = after;
	}
	return changed ?? fields;
};

/** Maps each item; returns the list itself if none changes. */
export const changedItems = (items: readonly unknown[], change: (item: unknown) => unknown): readonly unknown[] => {
	let changed: unknown[] | undefined;
	for (const [index, before] of items.entries()) {
		const after = change(before);
		if (after === before) continue;
		changed ??= [...items];
		changed[index] = after;
	}
	return changed ?? items;
};

/** JSON with sorted keys: two values that are equal as JSON give the same text. */
export const canonicalJson = (value: unknown): string => stringify(value) ?? "null";

/** Whether two values are equal as JSON: in any order of their fields, and a field that is undefined is none. */
export const isSameJson = (left: unknown, right: unknown): boolean => {
	if (left === right) return true;
	if (Array.isArray(left)) {
		if (!Array.isArray(right) || left.length !== right.length) return false;
		const items: readonly unknown[] = right;
		return left.every((item, index) => isSameJson(item, items[index]));
	}
	if (!isRecord(left) || !isRecord(right)) return false;
	return (
		Object.keys(left).every((name) => isSameJson(left[name], ownField(right, name))) &&
		Object.keys(right).every((name) => right[name] === undefined || Object.hasOwn(left, name))
	);
};

const ownField = (fields: Readonly<Record<string, unknown>>, name: string): unknown =>
	Object.hasOwn(fields, name) ? fields[name] : undefined;

/** First 16 hexadecimal digits of the SHA-256 of the canonical JSON: enough to distinguish versions of one object. */
export const contentHash = (value: unknown): string => sha256Hex(canonicalJson(value)).slice(0, 16);

/** Adds an annotation with the hash of the object, without the fields that `without` removes. */
export const stamped = (
	object: KubeObject,
	annotation: string,
	without: (object: KubeObject) => unknown = (whole) => whole,
): KubeObject => {
	const { apiVersion, kind, metadata, ...rest } = object;
	const clean: KubeObject = { apiVersion, kind, metadata, ...withoutUndefined<Record<string, unknown>>(rest) };
	const annotations = { ...metadata.annotations, [annotation]: contentHash(without(clean)) };
	return { ...clean, metadata: { ...metadata, annotations } };
};

/** A workload without fields of its spec that its desired-hash does not cover. */
export const withoutSpec =
	(...fields: readonly string[]) =>
	(object: KubeObject): unknown => {
		if (!isRecord(object["spec"])) return object;
		const kept = Object.entries(object["spec"]).filter(([field]) => !fields.includes(field));
		return { ...object, spec: Object.fromEntries(kept) };
	};

/** A workload without the count that an autoscaler owns. */
export const withoutReplicas = withoutSpec("replicas");

/** The desired children, each with the hash of its desired state; a builder of a child that must not exist returns undefined. */
export const stampedChildren = (children: readonly (KubeObject | undefined)[]): KubeObject[] =>
	compact(children).map((child) => stamped(child, DESIRED_HASH_ANNOTATION));

/** Metadata of a child, with the labels that a plan has for all of them. */
export const childMetadata = (
	{ namespace, labels }: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
	name: string,
	annotations?: Readonly<Record<string, string>>,
): ObjectMeta => ({ name, namespace, labels: { ...labels }, ...(annotations && { annotations }) });
