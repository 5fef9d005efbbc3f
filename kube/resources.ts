import type { KubeObject, ObjectMeta } from "../schemas/common.ts";
import type { FieldProblem } from "../schemas/findings/specs.ts";
import type { Installation } from "../schemas/installation.ts";
import { Resources } from "../schemas/scheduling.ts";
import { DEFAULT_RESOURCES_ANNOTATION } from "../schemas/vocabulary.ts";
import { isExtended } from "./child-values.ts";
import { isRestarting, lastSent } from "./last-sent.ts";
import { canonicalJson, valueAt } from "./object.ts";
import { isMultiple, isSameQuantity, lesserQuantity } from "./quantity.ts";
import { checkOf } from "./schema.ts";

// Default resources of containers, from the installation. A workload keeps those with which it was created, in an annotation: another
// template would replace every pod, which neither an upgrade nor a change of the setting justifies.

const Recorded = Resources("As an annotation.");

/** Default resources of a workload's containers; undefined: it was created before there were defaults. */
export const defaultResources = (
	observed: KubeObject | undefined,
	{ resources = {} }: Pick<Installation, "resources">,
	restartedAt?: string,
): Resources | undefined => {
	if (observed === undefined) return resources;
	if (isRestarting(observed, restartedAt)) return resources;
	return recordedIn(valueAt(lastSent(observed), "metadata", "annotations", DEFAULT_RESOURCES_ANNOTATION));
};

const isRecorded = checkOf(Recorded);

const recordedIn = (text: unknown): Resources | undefined => {
	if (typeof text !== "string") return undefined;
	try {
		const value: unknown = JSON.parse(text);
		return isRecorded(value) ? value : undefined;
	} catch {
		return undefined;
	}
};

/** Metadata of a workload, with the annotation that stores them. */
export const recording = (metadata: ObjectMeta, byDefault: Resources | undefined): ObjectMeta =>
	byDefault === undefined
		? metadata
		: {
				...metadata,
				annotations: { ...metadata.annotations, [DEFAULT_RESOURCES_ANNOTATION]: canonicalJson(byDefault) },
			};

/**
 * Resources with defaults for missing ones. A default request never exceeds the limit, because the API server would reject the pod; if
 * only a limit is set, Kubernetes requests the same amount.
 */
export const withDefaultResources = (
	own: Resources | undefined,
	byDefault: Resources | undefined,
): Resources | undefined => {
	if (byDefault === undefined) return own;
	const { requests = {}, limits = {} } = own ?? {};
	const allLimits = { ...limits };
	for (const [name, limit] of Object.entries(byDefault.limits ?? {})) {
		const request = requests[name];
		allLimits[name] ??= request !== undefined && lesserQuantity(limit, request) === limit ? request : limit;
	}
	const allRequests = { ...requests };
	for (const [name, request] of Object.entries(byDefault.requests ?? {})) {
		const limit = allLimits[name];
		if (limits[name] === undefined)
			allRequests[name] ??= limit === undefined ? request : lesserQuantity(request, limit);
	}
	const isEmpty = Object.keys(allRequests).length + Object.keys(allLimits).length === 0;
	return isEmpty ? own : { requests: allRequests, limits: allLimits };
};

/** Values that the API server would reject in every pod: negative ones, and requests above limits. */
export const resourceProblems = ({ requests = {}, limits = {} }: Resources, path: string): FieldProblem[] => [
	...[...namedAmounts("requests", requests), ...namedAmounts("limits", limits)]
		.filter(({ amount }) => lesserQuantity<string | number>(0, amount) !== 0)
		.map(({ field, amount }) => ({
			field: `${path}.${field}`,
			expected: { words: "must not be below zero" },
			got: amount,
		})),
	...Object.entries(requests).flatMap(([name, amount]): FieldProblem[] => {
		const limit = limits[name];
		if (limit === undefined || lesserQuantity(amount, limit) === amount) return [];
		if (isExtended(name) || name.startsWith("hugepages-")) return [];
		const words = `must be at most ${path}.limits.${name}, which is ${limit}`;
		return [{ field: `${path}.requests.${name}`, expected: { words }, got: amount }];
	}),
	...notShared({ requests, limits }, path),
	...[...namedAmounts("requests", requests), ...namedAmounts("limits", limits)].flatMap(({ field, amount }) => {
		const [, size] = /\.hugepages-(.*)$/.exec(field) ?? [];
		if (size === undefined || isMultiple(amount, size)) return [];
		return [{ field: `${path}.${field}`, expected: { words: `must be a multiple of ${size}` }, got: amount }];
	}),
];

/** Kubernetes does not overcommit extended resources and huge pages: request and limit must be equal. */
const notShared = ({ requests = {}, limits = {} }: Resources, path: string): FieldProblem[] =>
	Object.entries(requests)
		.filter(([name]) => isExtended(name) || name.startsWith("hugepages-"))
		.filter(([name, amount]) => limits[name] === undefined || !isSameQuantity(amount, limits[name]))
		.map(([name]) => ({ field: `${path}.requests.${name}`, expected: { resource: "asLimit" } }));

const namedAmounts = (field: "requests" | "limits", amounts: NonNullable<Resources["requests"]>) =>
	Object.entries(amounts).map(([name, amount]) => ({ field: `${field}.${name}`, amount }));
