import type { KubeObject } from "../schemas/common.ts";
import { CORRECTION_ANNOTATION, DESIRED_HASH_ANNOTATION, YIELDED_ANNOTATION } from "../schemas/vocabulary.ts";
import { mergeKeyOf } from "./list-keys.ts";
import {
	asList,
	asRecord,
	changedEntries,
	changedItems,
	compact,
	isRecord,
	isSameJson,
	valueAt,
	withoutUndefined,
} from "./object.ts";
import { isSameQuantity } from "./quantity.ts";

// Fields of a child that the operator sets and that another client changed: a user, or an admission policy. Metacontroller sends them
// again at every sync. An annotation that is sent with them shows whether they are accepted and changed again, or rejected.

export interface Deviation {
	/** "spec.ports[port=8080]" */
	readonly path: string;
	readonly sent: unknown;
	/** undefined: missing. */
	readonly stored: unknown;
	/** Whether it is only another notation of what was sent. */
	readonly isAlike: boolean;
}

/**
 * Fields that are not stored as they are sent, in the order in which they are sent: because of each of them, Metacontroller writes the
 * child at every sync. Fields that the API server adds do not count.
 */
export const deviations = (wanted: KubeObject, observed: KubeObject): Deviation[] => {
	const found: Deviation[] = [];
	changedWhereDifferent(wanted, observed, (deviation) => {
		found.push(deviation);
		return deviation.sent;
	});
	return found;
};

/** Those with another meaning than what was sent. */
export const changedFields = (wanted: KubeObject, observed: KubeObject): Deviation[] =>
	deviations(wanted, observed).filter(({ isAlike }) => !isAlike);

/** The child with another value in each field that is not stored as it is sent; undefined: without the field. */
export const changedWhereDifferent = (wanted: KubeObject, observed: KubeObject, change: Change): KubeObject => {
	const { apiVersion, kind, metadata, status: _status, ...fields } = wanted;
	const { labels, annotations } = metadata;
	const given = { metadata: withoutUndefined({ labels, annotations }), ...fields };
	const isUncompared = (path: string) => path === MEMORY || UNCOMPARED[kind]?.(path, observed) === true;
	const changed = changedRecord(given, observed, "", (deviation) =>
		isUncompared(deviation.path) ? deviation.sent : change(deviation),
	);
	if (changed === given) return wanted;
	const { metadata: marks, ...rest } = changed;
	return { apiVersion, kind, metadata: { ...metadata, ...asRecord(marks) }, ...rest };
};

type Change = (deviation: Deviation) => unknown;

/** The annotation describes what is sent, and is no part of it. */
const MEMORY = `metadata.annotations.${YIELDED_ANNOTATION}`;

/**
 * Autoscalers, users and admission change the replica count, which is reported separately. Values of a Secret are hidden from
 * recordings.
 */
const UNCOMPARED: Readonly<Record<string, (path: string, observed: KubeObject) => boolean>> = {
	Deployment: (path, observed) => path === "spec.replicas" && !isCountWrittenByUs(observed),
	StatefulSet: (path, observed) => path === "spec.replicas" && !isCountWrittenByUs(observed),
	Secret: (path) => path.startsWith("data."),
};

/** Whether the writer of the operator's annotations set the count last. Then admission changed it, if it differs. */
export const isCountWrittenByUs = ({ metadata }: KubeObject): boolean => {
	const managed = asList(metadata.managedFields).filter(isRecord);
	const counting = managed.filter(({ fieldsV1 }) => valueAt(fieldsV1, "f:spec", "f:replicas") !== undefined);
	return (
		counting.length > 0 &&
		counting.every(
			({ fieldsV1 }) => valueAt(fieldsV1, "f:metadata", "f:annotations", `f:${DESIRED_HASH_ANNOTATION}`) !== undefined,
		)
	);
};

const changedValue = (wanted: unknown, observed: unknown, path: string, change: Change): unknown => {
	if (isRecord(wanted) && isRecord(observed)) return changedRecord(wanted, observed, path, change);
	const key =
		Array.isArray(wanted) && Array.isArray(observed) ? mergeKeyOf([...asList(wanted), ...asList(observed)]) : undefined;
	if (key !== undefined) return changedList(asList(wanted), asList(observed), key, path, change);
	if (observed !== undefined && isSameJson(wanted, observed)) return wanted;
	const isAlike = (isNothing(wanted) && isNothing(observed)) || isSameAmount(path, wanted, observed);
	return change({ path, sent: wanted, stored: observed, isAlike });
};

const changedRecord = (
	wanted: Record<string, unknown>,
	observed: Readonly<Record<string, unknown>>,
	path: string,
	change: Change,
): Record<string, unknown> =>
	changedEntries(wanted, (value, field) => changedValue(value, observed[field], fieldPath(path, field), change));

const changedList = (
	wanted: readonly unknown[],
	observed: readonly unknown[],
	key: string,
	path: string,
	change: Change,
): readonly unknown[] => {
	const items = changedItems(wanted, (item) =>
		changedValue(item, sameItem(observed, key, item), itemPath(path, key, item), change),
	);
	return items.includes(undefined) ? compact(items) : items;
};

/** What the API server can omit when it stores an object. */
const isNothing = (value: unknown): boolean =>
	value === undefined ||
	value === null ||
	value === false ||
	value === "" ||
	value === 0 ||
	(Array.isArray(value) && value.length === 0) ||
	(isRecord(value) && Object.keys(value).length === 0);

export const sameItem = (items: readonly unknown[], key: string, item: unknown) =>
	items.filter(isRecord).find((other) => other[key] === valueAt(item, key));

export const fieldPath = (path: string, field: string): string => (path === "" ? field : `${path}.${field}`);

export const itemPath = (path: string, key: string, item: unknown): string =>
	`${path}[${key}=${String(valueAt(item, key))}]`;

const isAmount = (value: unknown): value is string | number => typeof value === "string" || typeof value === "number";

const isSameAmount = (path: string, wanted: unknown, observed: unknown): boolean =>
	/\.(requests|limits)\.[^[]*$/.test(path) &&
	isAmount(wanted) &&
	isAmount(observed) &&
	isSameQuantity(wanted, observed);

// ── Corrections ─────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Metacontroller's merge keeps the fields of others. If only one of two fields is allowed, such as minAvailable and maxUnavailable, or
 * a port of the same name with another number, the API server rejects the merge at every sync. So the operator first sends such a field
 * as it is stored, as if it were its own; then it no longer sends the field, and the merge removes it.
 */
const ONE_OF: readonly (readonly string[])[] = [
	["minAvailable", "maxUnavailable"],
	["httpGet", "tcpSocket", "grpc", "exec", "sleep"],
	["value", "valueFrom"],
	["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"],
	[
		"configMap",
		"secret",
		"emptyDir",
		"persistentVolumeClaim",
		"projected",
		"hostPath",
		"ephemeral",
		"downwardAPI",
		"csi",
	],
	["service", "resource"],
	["number", "name"],
];

/** Stored fields that are mutually exclusive with a field that is sent. */
const intruders = (wanted: Record<string, unknown>, observed: Record<string, unknown>): string[] =>
	ONE_OF.filter((fields) => fields.some((field) => field in wanted && !(field in observed)))
		.flat()
		.filter((field) => field in observed && !(field in wanted));

/** The child with those fields instead of its own; the same object if there are none. */
export const adopting = (wanted: KubeObject, observed: KubeObject): KubeObject => {
	const { apiVersion, kind, metadata, ...fields } = wanted;
	const taken = adopted(fields, observed);
	return taken === fields || !isRecord(taken) ? wanted : { apiVersion, kind, metadata, ...taken };
};

const adopted = (wanted: unknown, observed: unknown): unknown => {
	if (Array.isArray(wanted) && Array.isArray(observed)) return adoptedItems(wanted, observed);
	if (!isRecord(wanted) || !isRecord(observed)) return wanted;
	const foreign = intruders(wanted, observed);
	const entries = Object.entries(wanted)
		.filter(([field]) => foreign.length === 0 || field in observed)
		.map(([field, value]) => [field, adopted(value, observed[field])] as const);
	if (foreign.length === 0 && entries.every(([field, value]) => value === wanted[field])) return wanted;
	return Object.fromEntries([...entries, ...foreign.map((field) => [field, observed[field]])]);
};

const adoptedItems = (wanted: readonly unknown[], observed: readonly unknown[]): readonly unknown[] => {
	const key = mergeKeyOf([...wanted, ...observed]);
	if (key === undefined) return wanted;
	const own = wanted.filter(isRecord);
	const isWhole = own.every((item) => sameItem(observed, key, item) !== undefined);
	const foreign = isWhole ? [] : observed.filter(isRecord).filter((item) => sameItem(own, key, item) === undefined);
	const kept = foreign.length === 0 ? own : own.filter((item) => sameItem(observed, key, item) !== undefined);
	const items = kept.map((item) => adopted(item, sameItem(observed, key, item)));
	return foreign.length === 0 && items.every((item, index) => item === own[index]) ? wanted : [...items, ...foreign];
};

const ADOPTING = "adopting";

/** Whether the child was written as sent, and still differs: then another client changes it during the write. */
export const isRewritten = ({ metadata }: KubeObject, since: string): boolean =>
	metadata.annotations?.[CORRECTION_ANNOTATION] === since;

/** A child that has differed since then, with the correction. */
export const correction = (wanted: KubeObject, observed: KubeObject, since: string): KubeObject => {
	const before = observed.metadata.annotations?.[CORRECTION_ANNOTATION];
	const taken = before === since || before === `${since} ${ADOPTING}` ? wanted : adopting(wanted, observed);
	const { metadata } = taken;
	const text = taken === wanted ? since : `${since} ${ADOPTING}`;
	return {
		...taken,
		metadata: { ...metadata, annotations: { ...metadata.annotations, [CORRECTION_ANNOTATION]: text } },
	};
};
