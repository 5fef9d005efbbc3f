import { stringify } from "safe-stable-stringify";
import type { KubeObject } from "../schemas/common.ts";
import { LAST_APPLIED } from "./held-children.ts";
import { mergeKeyOf } from "./list-keys.ts";
import { isKubeObject, isRecord } from "./object.ts";

// "Dynamic apply" of Metacontroller: a three-way merge of last applied, desired and observed state, without knowledge of kinds: it
// guesses which lists are maps. Pure.
//
// It reproduces the quirks, because hooks must cope with them: if the types of values differ, the observed one wins; a null
// that was sent stays a null (and so differs at every sync); and two list entries with the same key (containerPort 53 for TCP
// and for UDP) collapse into the last one.

type JsonObject = Record<string, unknown>;

// ── Merge ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const own = (record: JsonObject, key: string): unknown => (Object.hasOwn(record, key) ? record[key] : undefined);
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const recordOr = (value: unknown): JsonObject => (isRecord(value) ? value : {});

/** What `observed` becomes when the difference between `lastApplied` and `desired` is applied to it. */
export const merge = (observed: JsonObject, lastApplied: JsonObject, desired: JsonObject): JsonObject => {
	const merged = new Map(
		Object.entries(observed).filter(([key]) => !Object.hasOwn(lastApplied, key) || Object.hasOwn(desired, key)),
	);
	for (const [key, value] of Object.entries(desired)) {
		merged.set(key, mergeValue(merged.get(key), own(lastApplied, key), value));
	}
	return Object.fromEntries(merged);
};

const mergeValue = (observed: unknown, lastApplied: unknown, desired: unknown): unknown => {
	if (isRecord(observed)) return merge(observed, recordOr(lastApplied), recordOr(desired));
	if (!isList(observed)) return desired;
	const last = isList(lastApplied) ? lastApplied : [];
	const wanted = isList(desired) ? desired : [];
	const entries = [...observed, ...last, ...wanted];
	const key = entries.length === 0 ? undefined : mergeKeyOf(entries);
	if (key !== undefined) return mergeList(key, observed, last, wanted);
	return isList(desired) ? desired : null;
};

const mergeList = (
	key: string,
	observed: readonly unknown[],
	lastApplied: readonly unknown[],
	desired: readonly unknown[],
): unknown[] => {
	const nameOf = (entry: unknown): string => {
		const name = recordOr(entry)[key];
		return typeof name === "string" ? name : (stringify(name) ?? "");
	};
	const byName = (entries: readonly unknown[]): JsonObject =>
		Object.fromEntries(entries.map((entry) => [nameOf(entry), entry]));
	const merged = merge(byName(observed), byName(lastApplied), byName(desired));
	const kept = observed.map(nameOf).filter((name) => Object.hasOwn(merged, name));
	const added = new Set(desired.map(nameOf).filter((name) => !kept.includes(name)));
	return [...kept, ...added].map((name) => merged[name]);
};

// ── Objects ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Metadata that only the API server sets: values in a response are ignored. */
export const SYSTEM_METADATA: readonly string[] = [
	"selfLink",
	"uid",
	"resourceVersion",
	"generation",
	"creationTimestamp",
	"deletionTimestamp",
	"deletionGracePeriodSeconds",
	"managedFields",
];

/** The form in which it is kept on the object: keys sorted, HTML escaped, as Go's encoder writes it. */
const encode = (applied: unknown): string =>
	(stringify(applied) ?? "null").replace(
		/[<>&\u2028\u2029]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);

const lastAppliedOf = (object: KubeObject): JsonObject => {
	const text = object.metadata.annotations?.[LAST_APPLIED];
	if (!text) return {};
	try {
		return recordOr(JSON.parse(text));
	} catch (cause) {
		throw new Error(`cannot read the annotation ${LAST_APPLIED}`, { cause });
	}
};

/** The object with `applied` (by default itself) as its last applied state. */
export const withLastApplied = (object: KubeObject, applied: KubeObject): KubeObject => ({
	...object,
	metadata: {
		...object.metadata,
		annotations: { ...object.metadata.annotations, [LAST_APPLIED]: encode(applied) },
	},
});

/** A hook that returns what it observed must not nest one annotation in the next. */
const withoutLastApplied = (object: KubeObject): KubeObject => {
	const { annotations } = object.metadata;
	if (!annotations || !Object.hasOwn(annotations, LAST_APPLIED)) return object;
	const { [LAST_APPLIED]: _, ...others } = annotations;
	return { ...object, metadata: { ...object.metadata, annotations: others } };
};

/** `merged` with the named fields as they are in `observed`, or absent as they are there. */
const revert = (merged: JsonObject, observed: JsonObject, fields: readonly string[]): JsonObject =>
	Object.fromEntries([
		...Object.entries(merged).filter(([field]) => !fields.includes(field)),
		...fields.filter((field) => Object.hasOwn(observed, field)).map((field) => [field, observed[field]]),
	]);

/** The whole child as it should be written: the observed one with the desired fields in it. */
export const applyUpdate = (observed: KubeObject, desired: KubeObject): KubeObject => {
	const applied = withoutLastApplied(desired);
	const merged = revert(merge(observed, lastAppliedOf(observed), applied), observed, ["status"]);
	const child = { ...merged, metadata: revert(recordOr(merged["metadata"]), observed.metadata, SYSTEM_METADATA) };
	if (!isKubeObject(child)) throw new Error("cannot merge: the result is not an object");
	return withLastApplied(child, applied);
};
