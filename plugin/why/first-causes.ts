import {
	type CauseInput,
	groupedByCause,
	hostOfRoster,
	nextOnTheWay,
	type Reference,
	waitsFor,
} from "../../hooks/first-cause.ts";
import { isReady, judge } from "../../kube/health.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { PrismRoster } from "../../schemas/prismroster.ts";
import { type ClusterView, ownerOf } from "../cluster/cluster-view.ts";
import { isUserKind } from "../cluster/kinds.ts";
import type { Explanation, Known } from "./diagnosis.ts";

// Follows dependencies to the first cause, in the objects that kubectl read.

const surroundingsIn = (view: ClusterView): CauseInput<KubeObject> => ({
	waitsFor,
	isReady,
	find: (reference) => {
		const { kind, namespace, name } = reference.kind === PrismRoster.kind ? hostIn(view, reference) : reference;
		return view.get(kind, namespace, name);
	},
});

/** The shard or stack behind a roster, by its name where the roster was not read: users may read the shard alone. */
export const hostIn = (view: ClusterView, roster: Pick<Reference, "name" | "namespace">): Reference => {
	const { namespace, name } = roster;
	const read = view.get(PrismRoster.kind, namespace, name);
	const owner = read && ownerOf(view, read);
	if (owner !== undefined) return { kind: owner.kind, namespace, name: owner.metadata.name };
	return hostOfRoster(roster, (stack) => view.get("PrismStack", namespace, stack) !== undefined);
};

/** Why the object that this one waits for is not ready; undefined: the cause is its own, or in its workloads. */
export const explanationBehind = (known: Known, object: KubeObject): Explanation | undefined => {
	const next = nextOnTheWay(object, surroundingsIn(known.view));
	return next && known.explain(next);
};

/**
 * First causes, each with all objects that are not ready because of it: failures first, then progress, then suspended
 * objects.
 */
export const causesIn = (view: ClusterView, among: readonly KubeObject[] = view.objects) => {
	const late = among.filter((object) => isUserKind(object) && !isReady(object));
	return [...groupedByCause(late, surroundingsIn(view))]
		.map(([cause, behind]) => ({ cause, behind }))
		.toSorted((left, right) => rank(left.cause) - rank(right.cause));
};

const WORST_FIRST: readonly string[] = ["degraded", "progressing", "gone", "suspended"];

const rank = (object: KubeObject): number => WORST_FIRST.indexOf(judge(object));
