import type { Refreshed } from "../../kube/answer.ts";
import { isRecord, recordsAt, stamped, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { PrismRosterSpec, RosterInstance } from "../../schemas/prismroster.ts";
import { API_VERSION, DESIRED_HASH_ANNOTATION, ROSTER_LABELS, servesLabel } from "../../schemas/vocabulary.ts";
import { heldNamespaces, observedRoster, type ShardInstance } from "./observed.ts";
import type { ShardPlan } from "./plan.ts";

/**
 * What PrismNamespaces relate to. It changes only when an assignment could change: nothing in it moves with metrics, time
 * or silence, for every write wakes all namespaces of the shard.
 */
export const shardRoster = (
	plan: ShardPlan,
	instances: readonly ShardInstance[],
	request: CompositeRequest,
): KubeObject => {
	const { spec, names } = plan;
	const roster: PrismRosterSpec = {
		instances: rosterInstances(instances, request),
		port: spec.adminPort,
		backends: spec.backends.toSorted(),
		weight: spec.weight,
		accepting: spec.accepting && !spec.draining && isFull(plan, instances, request) !== true,
		draining: spec.draining,
		deleting: false,
		allowedNamespaces: spec.allowedNamespaces,
	};
	const child = {
		apiVersion: API_VERSION,
		kind: "PrismRoster",
		metadata: { name: names.base, namespace: names.namespace, labels: { ...plan.selector, ...matchedLabels(plan) } },
		spec: roster,
	};
	return stamped(child, DESIRED_HASH_ANNOTATION);
};

const matchedLabels = ({ spec: { product, feature, slaTier, backends } }: ShardPlan): Record<string, string> => ({
	component: "shard",
	...(product !== undefined && { [ROSTER_LABELS.product]: product }),
	...(feature !== undefined && { [ROSTER_LABELS.feature]: feature }),
	...(slaTier !== undefined && { [ROSTER_LABELS.slaTier]: slaTier }),
	...Object.fromEntries(backends.map((backend) => [servesLabel(backend), "true"])),
});

/**
 * The roster of a shard whose spec is not carried out, because it is paused or refused: which pods are ready, and with
 * which store, was observed all the same. Namespaces would go on being sent to a pod that is gone.
 */
export const refreshedRoster =
	(instances: readonly ShardInstance[], request: CompositeRequest): Refreshed =>
	(child) =>
		child.kind === "PrismRoster" && isRecord(child["spec"])
			? { ...child, spec: { ...child["spec"], instances: rosterInstances(instances, request) } }
			: child;

const rosterInstances = (instances: readonly ShardInstance[], request: CompositeRequest): RosterInstance[] => {
	const before = recordsAt(observedRoster(request), "spec", "instances");
	return instances.map((instance) => rosterInstance(instance, before));
};

const rosterInstance = (
	{ name, ready, answer }: ShardInstance,
	before: readonly Record<string, unknown>[],
): RosterInstance => {
	const told = answer?.state === "known" ? answer.storeId : undefined;
	const last = before.find((instance) => instance["name"] === name)?.["storeId"];
	// One that does not answer has the store that it had: silence is no news.
	const storeId = told ?? last;
	return { name, ready, ...(typeof storeId === "string" && { storeId }) };
};

// ── Capacity ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Share of the capacity below which a shard that was full takes new namespaces again, so that it does not flap. */
const REOPENED_BELOW = 0.95;

/** Whether the shard has reached its capacity; undefined when it has none. */
export const isFull = (
	{ spec: { capacity } }: Pick<ShardPlan, "spec">,
	instances: readonly ShardInstance[],
	{ parent }: CompositeRequest,
): boolean | undefined => {
	const { maxNamespaces } = capacity;
	if (maxNamespaces === undefined) return undefined;
	const before = valueAt(parent["status"], "full") === true;
	const held = heldNamespaces(instances)?.size;
	if (held === undefined) return before;
	return held >= maxNamespaces || (before && held >= REOPENED_BELOW * maxNamespaces);
};

// ── Leaving ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A child of a shard on its way out: its roster takes nothing new, and what it has is to leave, or is let go of. */
export const leaving =
	(deleting: "deleting" | "draining") =>
	(child: KubeObject): KubeObject =>
		child.kind === "PrismRoster" && isRecord(child["spec"])
			? {
					...child,
					spec: { ...child["spec"], accepting: false, draining: true, deleting: deleting === "deleting" },
				}
			: child;
