import type { KubeObject } from "../schemas/common.ts";
import {
	CORRECTION_ANNOTATION,
	DESIRED_HASH_ANNOTATION,
	OWNER_LABEL,
	PODS_CHANGED_AFTER_ANNOTATION,
	SENT_BY_ANNOTATION,
	YIELDED_ANNOTATION,
} from "../schemas/vocabulary.ts";
import { LAST_APPLIED, lastAppliedOf } from "./held-children.ts";
import { tellingKeyOf } from "./list-keys.ts";
import { asList, isRecord, isSameJson } from "./object.ts";

// Compares two values, field by field.

/** A field that differs; `undefined`: missing on that side. */
export interface Difference {
	/** "spec.template.spec.containers[name=proxy].image" */
	readonly path: string;
	readonly before: unknown;
	readonly after: unknown;
}

/** All differences, in the order of the field names; a field that exists on one side only is a single difference. */
export const differences = (before: unknown, after: unknown, path = ""): Difference[] => {
	if (isRecord(before) && isRecord(after)) {
		const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
		return fields.flatMap((field) =>
			differences(before[field], after[field], path === "" ? field : `${path}.${field}`),
		);
	}
	if (Array.isArray(before) && Array.isArray(after)) return listDifferences(before, after, path);
	const isOneSided = (before === undefined) !== (after === undefined);
	return !isOneSided && isSameJson(before, after) ? [] : [{ path, before, after }];
};

const listDifferences = (before: readonly unknown[], after: readonly unknown[], path: string): Difference[] => {
	const key = tellingKeyOf(before, after);
	if (key === undefined) {
		return Array.from({ length: Math.max(before.length, after.length) }).flatMap((_, index) =>
			differences(before[index], after[index], `${path}[${index}]`),
		);
	}
	const keyed = (list: readonly unknown[]) => new Map(list.filter(isRecord).map((item) => [String(item[key]), item]));
	const left = keyed(before);
	const right = keyed(after);
	return [...new Set([...left.keys(), ...right.keys()])].flatMap((name) =>
		differences(left.get(name), right.get(name), `${path}[${key}=${name}]`),
	);
};

// ── What sending an object changes ──────────────────────────────────────────────────────────────────────────────────

/** A stored and a desired object, with only the compared fields; undefined: it does not exist. */
export interface Sides {
	readonly before: unknown;
	readonly after: unknown;
}

/** The fields that are sent now or were sent last, without those of the API server or other clients. */
export const sidesOf = (stored: KubeObject | undefined, wanted: KubeObject | undefined): Sides => {
	const after = wanted && stripped(wanted);
	return { before: stored && sentPart(stripped(stored), after, lastAppliedOf(stored)), after };
};

/** The changes of an observed object if `wanted` is sent, by field. */
export const changesOf = (observed: KubeObject, wanted: KubeObject): Difference[] => {
	const { before, after } = sidesOf(observed, wanted);
	return differences(before, after);
};

/** Without status, and with only those metadata that clients set. The hash is left out, because it changes with everything. */
const stripped = ({ status: _status, metadata, ...rest }: KubeObject): Record<string, unknown> => {
	const annotations = Object.entries(metadata.annotations ?? {}).filter(
		([name]) => !OURS.has(name) && name !== LAST_APPLIED && !name.startsWith("kubectl.kubernetes.io/"),
	);
	const labels = Object.entries(metadata.labels ?? {}).filter(([name]) => name !== OWNER_LABEL);
	return {
		...rest,
		metadata: {
			name: metadata.name,
			...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
			...(labels.length > 0 && { labels: Object.fromEntries(labels) }),
			...(annotations.length > 0 && { annotations: Object.fromEntries(annotations) }),
		},
	};
};

/** Annotations that describe the version and the sender of a child, not its content. */
const OURS: ReadonlySet<string> = new Set([
	DESIRED_HASH_ANNOTATION,
	SENT_BY_ANNOTATION,
	CORRECTION_ANNOTATION,
	YIELDED_ANNOTATION,
	PODS_CHANGED_AFTER_ANNOTATION,
]);

/** The fields of `stored` that are sent now, or were sent last. */
export const sentPart = (stored: unknown, wanted: unknown, last: unknown): unknown => {
	if (Array.isArray(stored)) return sentItems(stored, asList(wanted), asList(last));
	if (!isRecord(stored)) return stored;
	const [now, then] = [isRecord(wanted) ? wanted : {}, isRecord(last) ? last : {}];
	return Object.fromEntries(
		Object.keys(stored)
			.filter((field) => Object.hasOwn(now, field) || Object.hasOwn(then, field))
			.map((field) => [field, sentPart(stored[field], now[field], then[field])])
			// A map without our fields counts as missing.
			.filter(
				([field, value]) => Object.hasOwn(now, String(field)) || !isRecord(value) || Object.keys(value).length > 0,
			),
	);
};

const sentItems = (stored: readonly unknown[], wanted: readonly unknown[], last: readonly unknown[]): unknown[] => {
	const key = tellingKeyOf(stored, wanted, last);
	if (key === undefined)
		return stored.map((item, index) => (isRecord(item) ? sentPart(item, wanted[index], last[index]) : item));
	return stored.filter(isRecord).flatMap((item) => {
		const same = (list: readonly unknown[]) => list.filter(isRecord).find((other) => other[key] === item[key]);
		const [now, then] = [same(wanted), same(last)];
		return now === undefined && then === undefined ? [] : [sentPart(item, now, then)];
	});
};
