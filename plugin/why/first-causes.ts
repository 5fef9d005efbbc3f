import { type CauseInput, groupedByCause, nextOnTheWay, waitsFor } from "../../hooks/first-cause.ts";
import { isReady, judge } from "../../kube/health.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { PrismRoster } from "../../schemas/prismroster.ts";
import { isUserKind } from "../cluster/kinds.ts";
import { type ClusterView, ownerOf } from "../cluster/view.ts";
import type { Explanation, Known } from "./diagnosis.ts";

// Follows dependencies to the first cause, in the objects that kubectl read.

const surroundingsIn = (view: ClusterView): CauseInput<KubeObject> => ({
	waitsFor,
	isReady,
	find: ({ kind, namespace, name }) => {
		const found = view.get(kind, namespace, name);
		return found?.kind === PrismRoster.kind ? ownerOf(view, found) : found;
	},
});

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
