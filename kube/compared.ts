import type { KubeObject } from "../schemas/common.ts";
import { held } from "./hold.ts";
import { isRecord, isSameJson } from "./object.ts";

// Two values held against each other, field by field.

/** A field that differs; `undefined` on the side on which it is not there. */
export interface Difference {
	/** "spec.template.spec.containers[name=proxy].image" */
	readonly path: string;
	readonly before: unknown;
	readonly after: unknown;
}

/** All differences, in the order of the fields' names; a field that is on one side only is one difference, not many. */
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

/** What tells the items of Kubernetes' lists apart. */
const KEYS = ["name", "mountPath", "containerPort", "port", "type"] as const;

const listDifferences = (before: readonly unknown[], after: readonly unknown[], path: string): Difference[] => {
	const key = KEYS.find((name) => isKeyOf(before, name) && isKeyOf(after, name));
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

const isKeyOf = (list: readonly unknown[], key: string): boolean =>
	list.every((item) => isRecord(item) && ["string", "number"].includes(typeof item[key])) &&
	new Set(list.map((item) => (isRecord(item) ? item[key] : undefined))).size === list.length;

const LAST_APPLIED = "metacontroller.k8s.io/last-applied-configuration";

/** By which Metacontroller finds a parent's children; it adds it to what it sends. */
const CLAIM = "metadata.labels.controller-uid";

/**
 * What sending `wanted` changes of an observed child: fields that it sets otherwise, and fields that were sent last time and
 * are not any more. What the API server and others put into the child is nobody's difference.
 */
export const changesOf = (observed: KubeObject, wanted: KubeObject): Difference[] =>
	allChangesOf(observed, wanted).filter(({ path }) => path !== CLAIM);

const allChangesOf = (observed: KubeObject, wanted: KubeObject): Difference[] => {
	const set = differences(observed, wanted).filter(({ after }) => after !== undefined);
	if (observed.metadata.annotations?.[LAST_APPLIED] === undefined) return set;
	const dropped = differences(held(observed), wanted).filter(({ after }) => after === undefined);
	return [...set, ...dropped].toSorted((left, right) => (left.path < right.path ? -1 : 1));
};
