import { copyJson, isJsonObject, type JsonObject, valueAt } from "../json.ts";
import { memberSchema, type SchemaNode } from "./admission.ts";

// Server-side apply in the small: what a manager applies is merged into what is stored, and what it applied before and
// applies no longer goes, unless another manager applies it too. Plain updates own nothing.

/** `previous` is the manager's last application, `others` are those of the other managers. */
export const mergeApplied = <Stored extends JsonObject>(
	live: Stored,
	previous: JsonObject,
	applied: JsonObject,
	others: readonly JsonObject[],
	schema?: SchemaNode,
): Stored => {
	const result = copyJson(live);
	removeAbandoned(result, previous, applied, others, schema);
	overlay(result, applied, schema);
	return result;
};

const removeAbandoned = (
	target: JsonObject,
	previous: JsonObject,
	applied: JsonObject,
	others: readonly JsonObject[],
	schema: SchemaNode | undefined,
): void => {
	for (const [key, before] of Object.entries(previous)) {
		const now = target[key];
		if (now === undefined) continue;
		const wanted = applied[key];
		const elsewhere = others.map((other) => other[key]).filter((value) => value !== undefined);
		const member = memberSchema(schema, key);
		if (isJsonObject(now) && isJsonObject(before)) {
			removeAbandoned(now, before, isJsonObject(wanted) ? wanted : {}, elsewhere.filter(isJsonObject), member);
			const abandoned = wanted === undefined && elsewhere.length === 0;
			if (Object.keys(now).length > 0 && !(abandoned && isDefaults(now, member))) continue;
		}
		const keys = listKeys(key, member, [now, before, ...(wanted === undefined ? [] : [wanted]), ...elsewhere]);
		if (keys) {
			const rest = removeItems(keys, now, before, wanted, elsewhere, member?.items);
			target[key] = rest;
			if (rest.length > 0) continue;
		}
		if (wanted === undefined && elsewhere.length === 0) delete target[key];
	}
};

/** Whether nothing is left but what the schema's defaults added: no manager owns that, and it goes with its object. */
const isDefaults = (object: JsonObject, schema: SchemaNode | undefined): boolean =>
	Object.keys(object).every((key) => schema?.properties?.[key]?.default !== undefined);

const removeItems = (
	keys: readonly string[],
	now: unknown,
	before: unknown,
	wanted: unknown,
	elsewhere: readonly unknown[],
	schema: SchemaNode | undefined,
): unknown[] => {
	const [items, previous, applied] = [now, before, wanted ?? []].map((list) => byKey(keys, list));
	const others = elsewhere.map((list) => byKey(keys, list));
	for (const [id, old] of previous ?? []) {
		const item = items?.get(id);
		const still = applied?.get(id);
		const also = others.map((list) => list.get(id)).filter((value) => value !== undefined);
		if (still === undefined && also.length === 0) items?.delete(id);
		else if (isJsonObject(item) && isJsonObject(old)) {
			removeAbandoned(item, old, isJsonObject(still) ? still : {}, also.filter(isJsonObject), schema);
		}
	}
	return [...(items?.values() ?? [])];
};

const overlay = (target: JsonObject, applied: JsonObject, schema: SchemaNode | undefined): void => {
	for (const [key, wanted] of Object.entries(applied)) {
		const now = target[key];
		const member = memberSchema(schema, key);
		if (isJsonObject(now) && isJsonObject(wanted)) {
			overlay(now, wanted, member);
			continue;
		}
		const keys = now === undefined ? undefined : listKeys(key, member, [now, wanted]);
		target[key] = keys ? overlayItems(keys, now, wanted, member?.items) : copyJson(wanted);
	}
};

const overlayItems = (keys: readonly string[], now: unknown, wanted: unknown, schema: SchemaNode | undefined) => {
	const items = byKey(keys, now);
	for (const [id, item] of byKey(keys, wanted)) {
		const existing = items.get(id);
		if (isJsonObject(existing) && isJsonObject(item)) overlay(existing, item, schema);
		else items.set(id, copyJson(item));
	}
	return [...items.values()];
};

// ── Lists ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Keys that built-in kinds know their list entries by; the first that every entry has, and no two share, is taken. */
const USUAL_KEYS = ["mountPath", "containerPort", "name", "port", "uid"];

/** The keys by which entries of a list are merged; [] for a set of scalars, undefined for a list that is replaced. */
const listKeys = (name: string, schema: SchemaNode | undefined, lists: readonly unknown[]) => {
	if (!lists.every((list): list is unknown[] => Array.isArray(list))) return undefined;
	if (schema) return schema["x-kubernetes-list-map-keys"];
	if (name === "finalizers") return [];
	if (!lists.flat().every(isJsonObject)) return undefined;
	const key = USUAL_KEYS.find((candidate) =>
		lists.every((list) => {
			const values = new Set(list.map((item) => valueAt(item, candidate)));
			return values.size === list.length && !values.has(undefined);
		}),
	);
	return key === undefined ? undefined : [key];
};

const byKey = (keys: readonly string[], list: unknown): Map<string, unknown> =>
	new Map(
		(Array.isArray(list) ? list : []).map((item: unknown) => [
			JSON.stringify(keys.length === 0 ? item : keys.map((key) => valueAt(item, key))),
			item,
		]),
	);
