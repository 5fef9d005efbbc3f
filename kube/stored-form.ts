import { changedEntries, changedItems, isRecord } from "./object.ts";

/** Fields that are maps: the API server does not store empty ones. Other empty objects have a meaning. */
const MAPS: readonly string[] = ["annotations", "labels", "limits", "matchLabels", "nodeSelector", "requests"];

/**
 * A field of a built-in object without what the API server does not store: undefined fields, empty lists, empty maps. Otherwise the
 * child would differ from the stored one, and be written again at every sync (measured). Not for custom resources, whose empty
 * lists and maps are stored.
 */
export function asStored<Fields extends object>(fields: NoInfer<Fields>): Fields;
export function asStored(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
	return changedEntries(fields, (value, name) => {
		const inner = stored(value);
		return isEmpty(name, inner) ? undefined : inner;
	});
}

const stored = (value: unknown): unknown => {
	if (Array.isArray(value)) return changedItems(value, stored);
	return isRecord(value) ? asStored<Record<string, unknown>>(value) : value;
};

const isEmpty = (name: string, value: unknown): boolean => {
	if (Array.isArray(value)) return value.length === 0;
	return MAPS.includes(name) && isRecord(value) && Object.keys(value).length === 0;
};
