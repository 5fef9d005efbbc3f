import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../schemas/common.ts";

// JSON values, as objects of the API are made of: copied, frozen, compared.

export type JsonObject = Record<string, unknown>;

export const isJsonObject = (value: unknown): value is JsonObject =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** What an API server sends is trusted to be an object of its API when it has metadata. */
export const isKubeObject = (value: unknown): value is KubeObject =>
	isJsonObject(value) && isJsonObject(value["metadata"]);

/** A deep copy as a round trip over the wire makes it: members that are undefined are gone. */
export const copyJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

export const deepFreeze = <Value>(value: Value): Value => {
	if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
	Object.freeze(value);
	for (const member of Object.values(value)) deepFreeze(member);
	return value;
};

/** Equal whatever the order of the members; an undefined member counts as absent only after `copyJson`. */
export const sameJson = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b);

/** Equal but for empty members: the API server adds some of its own, as null, {} or []. */
export const saysTheSame = (a: unknown, b: unknown): boolean => sameJson(withoutEmpty(a), withoutEmpty(b));

const withoutEmpty = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(withoutEmpty);
	if (!isJsonObject(value)) return value ?? undefined;
	const members = Object.entries(value).map(([key, member]) => [key, withoutEmpty(member)] as const);
	const full = members.filter(([, member]) => member !== undefined);
	return full.length === 0 ? undefined : Object.fromEntries(full);
};

/** JSON merge patch: members of objects are merged, null takes one away, anything else takes its place. */
export const mergedJson = (value: unknown, change: unknown): unknown => {
	if (!isJsonObject(change)) return change;
	const merged: JsonObject = isJsonObject(value) ? { ...value } : {};
	for (const [key, member] of Object.entries(change)) {
		if (member === null) delete merged[key];
		else merged[key] = mergedJson(merged[key], member);
	}
	return merged;
};

// Reading through fields of unknown type: what is not there, or is something else, reads as empty.

export const valueAt = (value: unknown, ...path: string[]): unknown => {
	let current: unknown = value;
	for (const key of path) current = isJsonObject(current) ? current[key] : undefined;
	return current;
};

export const objectAt = (value: unknown, ...path: string[]): JsonObject => {
	const found = valueAt(value, ...path);
	return isJsonObject(found) ? found : {};
};

export const objectsAt = (value: unknown, ...path: string[]): JsonObject[] => {
	const found = valueAt(value, ...path);
	return Array.isArray(found) ? found.filter(isJsonObject) : [];
};

export const numberAt = (value: unknown, ...path: string[]): number | undefined => {
	const found = valueAt(value, ...path);
	return typeof found === "number" ? found : undefined;
};

export const stringAt = (value: unknown, ...path: string[]): string | undefined => {
	const found = valueAt(value, ...path);
	return typeof found === "string" ? found : undefined;
};
