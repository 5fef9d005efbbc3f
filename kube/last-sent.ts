import type { KubeObject } from "../schemas/common.ts";
import { RESTARTED_AT_ANNOTATION, YIELDED_ANNOTATION } from "../schemas/vocabulary.ts";
import { fieldPath, itemPath, sameItem } from "./drift.ts";
import { lastAppliedOf } from "./held-children.ts";
import { mergeKeyOf } from "./list-keys.ts";
import { asList, asRecord, canonicalJson, changedEntries, changedItems, isRecord, valueAt } from "./object.ts";

// The last applied state of an object. Admission can change any field, so decisions depend on this, and never on the stored state.

/** Fields of a child that another client changes after every write, as the child stores them. */
export interface Yielded {
	/** Sent as stored, each with the value that the spec leads to; null: too long to be stored. */
	readonly stored: ReadonlyMap<string, unknown>;
	/** Changed again although they were sent as stored; since then, sent as the spec has them. */
	readonly sent: ReadonlySet<string>;
}

export const yieldedFields = ({ metadata }: KubeObject): Yielded => {
	const fields = parsed(metadata.annotations?.[YIELDED_ANNOTATION]);
	return {
		stored: new Map(Object.entries(asRecord(valueAt(fields, "stored")))),
		sent: new Set(asList(valueAt(fields, "sent")).filter((path) => typeof path === "string")),
	};
};

/** Any client can have written it. */
const parsed = (text: string | undefined): unknown => {
	if (text === undefined) return undefined;
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};

/** The child with these fields in its annotation. */
export const remembering = (child: KubeObject, { stored, sent }: Yielded): KubeObject => {
	if (stored.size === 0 && sent.size === 0) return child;
	const { metadata } = child;
	const short = [...stored].map(([path, value]): [string, unknown] => [
		path,
		canonicalJson(value).length > LONGEST ? null : value,
	]);
	const text = canonicalJson({ stored: Object.fromEntries(short), sent: [...sent].toSorted() });
	return {
		...child,
		metadata: { ...metadata, annotations: { ...metadata.annotations, [YIELDED_ANNOTATION]: text } },
	};
};

/** Maximum length of a field's JSON: annotations are stored twice, and their size is limited. */
const LONGEST = 1024;

/** The last applied fields of an object; without the annotation, the whole stored object. */
export const lastSent = (object: KubeObject): Record<string, unknown> => {
	const last = lastAppliedOf(object) ?? object;
	const { stored } = yieldedFields(object);
	return stored.size === 0 ? last : asRecord(restored(last, object, stored, ""));
};

/** Fields of a record that were sent and are not stored. */
const leftOut = (value: Record<string, unknown>, yielded: Yielded["stored"], prefix: string) =>
	[...yielded].flatMap(([path, sent]) => {
		const field = path.slice(prefix.length);
		const isBelow = Object.keys(value).some((key) => field === key || field.startsWith(`${key}.`));
		const isOwn = path.startsWith(prefix) && !field.includes("[") && !isBelow;
		return isOwn && sent !== null ? [[field, sent] as const] : [];
	});

/** `value` with the values of the spec in each yielded field. */
const restored = (value: unknown, there: unknown, sent: Yielded["stored"], path: string): unknown => {
	const own = sent.get(path);
	if (own !== undefined && own !== null) return own;
	if (isRecord(value)) {
		const fields = changedEntries(value, (inner, field) =>
			restored(inner, valueAt(there, field), sent, fieldPath(path, field)),
		);
		const missing = leftOut(value, sent, path === "" ? "" : `${path}.`);
		return missing.length === 0 ? fields : { ...fields, ...Object.fromEntries(missing) };
	}
	const [items, others] = [asList(value), asList(there)];
	const key = items.length === 0 ? undefined : mergeKeyOf([...items, ...others]);
	if (key === undefined) return value;
	return changedItems(items, (item) => restored(item, sameItem(others, key, item), sent, itemPath(path, key, item)));
};

/** Whether an annotation of the parent requests a restart of all pods. */
export const isRestarting = (observed: KubeObject, restartedAt: string | undefined): boolean =>
	restartedAt !== undefined &&
	restartedAt !== valueAt(lastSent(observed), "spec", "template", "metadata", "annotations", RESTARTED_AT_ANNOTATION);
