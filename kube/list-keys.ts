import { isRecord } from "./object.ts";

// Merge keys of lists in Kubernetes objects: one table, for frozen children, comparisons and diffs.

/** The keys by which Metacontroller merges lists of objects, in its order of precedence. */
const MERGE_KEYS = ["containerPort", "port", "mountPath", "name", "uid", "ip", "path"] as const;

/** Keys of lists that Metacontroller replaces as a whole. */
const OTHER_KEYS = ["topologyKey", "type"] as const;

/** The key by which Metacontroller merges these items; undefined: it replaces the list. */
export const mergeKeyOf = (items: readonly unknown[]): string | undefined =>
	MERGE_KEYS.find((key) => items.every((item) => isRecord(item) && key in item));

/** A key that every item of these lists has, unique within each list; undefined: items are identified by their index. */
export const tellingKeyOf = (...lists: readonly (readonly unknown[])[]): string | undefined =>
	[...MERGE_KEYS, ...OTHER_KEYS].find((key) => lists.every((list) => isUnique(list, key)));

const isUnique = (list: readonly unknown[], key: string): boolean =>
	list.every((item) => isRecord(item) && ["string", "number"].includes(typeof item[key])) &&
	new Set(list.map((item) => (isRecord(item) ? item[key] : undefined))).size === list.length;
