import type { KubeObject } from "../schemas/common.ts";
import type { ObjectMap } from "../schemas/metacontroller.ts";
import { mergeKeyOf } from "./list-keys.ts";
import { withoutDepths } from "./nesting-limit.ts";
import { isKubeObject, isRecord, objectsOf } from "./object.ts";

// Children as observed. A hook that can't decide must not return fewer children, because Metacontroller deletes missing ones. Nor may
// it return fields that the API server or another client set: Metacontroller would own them from then on, and remove them when
// they are no longer sent.

export const LAST_APPLIED = "metacontroller.k8s.io/last-applied-configuration";

/** Every observed child, unchanged. Those that are being deleted are left out. */
export const heldChildren = (observed: ObjectMap): KubeObject[] =>
	objectsOf(observed)
		.filter((child) => child.metadata.deletionTimestamp === undefined)
		.map(held);

/**
 * An observed child with exactly the fields that were applied last, with their current values. So nothing is written: neither a field
 * that a user changed, nor a replica count that an autoscaler changed. Without the annotation of the last applied fields (server-side
 * apply stores them elsewhere), all fields except those of the API server.
 */
export const held = (observed: KubeObject): KubeObject => {
	const lastApplied = lastAppliedOf(observed);
	const values = withoutServerFields(observed);
	if (lastApplied === undefined) return values;
	const ours = projected(values, lastApplied);
	return isKubeObject(ours) ? ours : values;
};

export const lastAppliedOf = (object: KubeObject): Record<string, unknown> | undefined => {
	const text = object.metadata.annotations?.[LAST_APPLIED];
	if (text === undefined) return undefined;
	const known = READ.get(object);
	if (known?.text === text) return known.value;
	const value = appliedIn(text);
	READ.set(object, { text, value });
	return value;
};

/**
 * Cache of a parsed annotation. The checks of one sync parse it ten times, which took a quarter of the time of a sync. It depends only
 * on the text, is immutable, and is collected with the object.
 */
const READ = new WeakMap<KubeObject, { readonly text: string; readonly value: Record<string, unknown> | undefined }>();

const appliedIn = (text: string): Record<string, unknown> | undefined => {
	try {
		const value: unknown = JSON.parse(text);
		// Any client that can annotate a child can write it.
		withoutDepths(value);
		return isRecord(value) ? value : undefined;
	} catch {
		return undefined;
	}
};

/** The object without status and without the metadata of the API server and Metacontroller. */
const withoutServerFields = ({ status: _status, metadata, ...rest }: KubeObject): KubeObject => {
	const { name, namespace, labels, annotations = {}, finalizers } = metadata;
	const kept = Object.entries(annotations).filter(([annotation]) => annotation !== LAST_APPLIED);
	return {
		...rest,
		metadata: {
			name,
			...(namespace !== undefined && { namespace }),
			...(labels !== undefined && { labels }),
			...(kept.length > 0 && { annotations: Object.fromEntries(kept) }),
			...(finalizers !== undefined && { finalizers }),
		},
	};
};

/** The fields of `value` that `shape` has. */
const projected = (value: unknown, shape: unknown): unknown => {
	if (Array.isArray(value) && Array.isArray(shape)) return projectedList(value, shape);
	if (!isRecord(value) || !isRecord(shape)) return value;
	return Object.fromEntries(
		Object.keys(shape)
			.filter((field) => Object.hasOwn(value, field))
			.map((field) => [field, projected(value[field], shape[field])]),
	);
};

const projectedList = (value: readonly unknown[], shape: readonly unknown[]): unknown[] => {
	const key = mergeKeyOf([...value, ...shape]);
	if (key === undefined) return [...value];
	return value.filter(isRecord).flatMap((item) => {
		const same = shape.filter(isRecord).find((candidate) => candidate[key] === item[key]);
		return same === undefined ? [] : [projected(item, same)];
	});
};
