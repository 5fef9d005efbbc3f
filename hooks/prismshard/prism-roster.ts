import { isRecord, valueAt } from "../../kube/object.ts";
import type { Refreshed } from "../../kube/response.ts";
import { isLongSilent, rosterInstance } from "../../kube/roster.ts";
import type { Own } from "../../kube/types.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { PrismRoster, RosterInstance } from "../../schemas/prismroster.ts";
import { API_VERSION, ROSTER_LABELS, servesLabel } from "../../schemas/vocabulary.ts";
import {
	doubtfulSince,
	heldNamespaces,
	isSilent,
	listedBefore,
	type ShardInstance,
	type ShardSeen,
} from "./observed-shard.ts";
import type { ShardPlan } from "./plan.ts";

/**
 * What PrismNamespaces relate to. It changes only when an assignment could change, or when an instance has been silent for
 * long: nothing in it moves with metrics, time or one lost answer, for every write wakes all namespaces of the shard.
 */
export const shardRoster = (plan: ShardPlan, seen: ShardSeen): Own<typeof PrismRoster> => {
	const { spec, names, namespace } = plan;
	return {
		apiVersion: API_VERSION,
		kind: "PrismRoster",
		metadata: { name: names.base, namespace, labels: { ...plan.selector, ...matchedLabels(plan) } },
		spec: {
			instances: rosterInstances(seen),
			port: spec.adminPort,
			backends: spec.backends.toSorted(),
			weight: spec.weight,
			accepting: spec.accepting && !spec.draining && isFull(plan, seen.instances, seen.request) !== true,
			draining: spec.draining,
			deleting: false,
			allowedNamespaces: spec.allowedNamespaces,
		},
	};
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
	(seen: ShardSeen): Refreshed =>
	(child) =>
		child.kind === "PrismRoster" && isRecord(child["spec"])
			? { ...child, spec: { ...child["spec"], instances: rosterInstances(seen) } }
			: child;

const rosterInstances = ({ instances, request, now }: ShardSeen): RosterInstance[] => {
	const before = listedBefore(request);
	const isTold = isLongSilent(doubtfulSince(request), now);
	return instances.map((instance) => {
		const { name, answer } = instance;
		const told = answer?.state === "known" ? answer.storeId : undefined;
		const last = before.find((other) => other["name"] === name)?.["storeId"];
		// One that does not answer has the store that it had: silence changes nothing.
		const storeId = told ?? (typeof last === "string" ? last : undefined);
		return rosterInstance({ ...instance, storeId, isSilent: isTold && isSilent(instance) }, before, now);
	});
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

/** A child of a shard that is being deleted: its roster accepts no namespaces, and those that it has leave, or are abandoned. */
export const leaving =
	(deleting: "deleting" | "draining") =>
	(child: KubeObject): KubeObject =>
		child.kind === "PrismRoster" && isRecord(child["spec"])
			? {
					...child,
					spec: { ...child["spec"], accepting: false, draining: true, deleting: deleting === "deleting" },
				}
			: child;
