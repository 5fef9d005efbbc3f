import { conditionOf } from "../../kube/conditions.ts";
import { isObserved, isReady } from "../../kube/health.ts";
import { compact, isWorkload } from "../../kube/object.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { ancestry, type ClusterView, descendants } from "../cluster/cluster-view.ts";
import type { Speech } from "../cluster/command-lines.ts";
import { DELETION_REASONS, isPaused, OUTDATED, STUCK_AFTER, UNANSWERED, warningsOf } from "../cluster/health.ts";
import { isOurs, isUserKind } from "../cluster/kinds.ts";
import { podTrouble } from "../cluster/pod-trouble.ts";
import { warningRemedies } from "../text/findings.ts";
import { deletion, hasOnlyForeignFinalizers } from "./deletion.ts";
import { type Advice, below, type Explanation, type Extra, type Known, named, reported, stepOf } from "./diagnosis.ts";
import { explanationBehind } from "./first-causes.ts";
import { brokenLink } from "./missing-link.ts";
import { describe, prism, remedy } from "./next-commands.ts";
import { recentSyncError, unanswered } from "./not-reconciled.ts";
import { explainerOf } from "./reasons.ts";
import { ingressNeeds, unservedIngresses } from "./unserved-ingress.ts";
import { podFinding, workloadFinding } from "./workloads.ts";

// `why`: the first cause, from the condition of an object down to what shows the cause: a child, a workload, a pod, another
// object, or Metacontroller that does not call the operator.

export type Diagnosis = ReturnType<typeof diagnose>;

export const diagnose = (view: ClusterView, extra: Extra, speech: Speech, object: KubeObject) => {
	const known = knownFrom(view, extra, speech);
	/** undefined: it is ready. */
	const finding = known.explain(object);
	/** Message of a ready object. */
	const { cause: message, since } = reported(object);
	const needs = [...(finding?.needs ?? []), ...ingressNeeds(known, object)];
	return { object, finding, also: alsoOf(known, object, finding), message, since, needs };
};

const knownFrom = (view: ClusterView, extra: Extra, speech: Speech): Known => {
	// Shards and plugins explain each other: do not explain an object again while it is being explained.
	const path = new Set<KubeObject>();
	const known: Known = {
		view,
		extra,
		speech,
		explain(object) {
			if (path.has(object)) return undefined;
			path.add(object);
			try {
				return advised(known, explained(known, object));
			} finally {
				path.delete(object);
			}
		},
	};
	return known;
};

/** Every explanation has a next command: by default, describe the object that shows the cause. */
const advised = (known: Known, finding: Explanation | undefined): Explanation | undefined => {
	const last = finding?.steps.at(-1);
	if (finding === undefined || last === undefined) return finding;
	if (finding.next.length + finding.needs.length > 0) return { ...finding, next: finding.next.filter(isFirst) };
	return { ...finding, next: [describe(known, last.object)] };
};

/** Removes commands that an earlier step already has. */
const isFirst = ({ command }: Advice, index: number, all: readonly Advice[]): boolean =>
	command === undefined || all.findIndex((other) => other.command === command) === index;

/** Ordered checks: the first one that finds a problem applies. */
const explained = (known: Known, object: KubeObject): Explanation | undefined => {
	if (!isOurs(object)) return explainedOther(known, object);
	const ready = conditionOf(object, "Ready");
	if (object.kind === "PrismRoster") return undefined;
	if (object.metadata.deletionTimestamp !== undefined) return deletionFinding(known, object);
	if (ready === undefined) return unanswered(known, object, UNANSWERED);
	if (!isObserved(object)) return unanswered(known, object, OUTDATED);
	if (isReady(object)) return undefined;
	// The rollout has more information about the shard that blocks it than the shard itself.
	const behind = object.kind === "PrismPlugin" ? undefined : explanationBehind(known, object);
	return behind === undefined ? explainerOf(ready.reason)(known, object) : below(stepOf(object), behind);
};

/** By its reason, unless no controller updates the status any more, or only other controllers' finalizers remain. */
const deletionFinding = (known: Known, object: KubeObject): Explanation => {
	const ready = conditionOf(object, "Ready");
	if (
		ready === undefined ||
		ready.status === "True" ||
		!DELETION_REASONS.includes(ready.reason) ||
		hasOnlyForeignFinalizers(object)
	)
		return deletion(known, object);
	const finding = explainerOf(ready.reason)(known, object);
	const { machinery } = known.extra;
	const { now } = known.view;
	if (secondsBetween(object.metadata.deletionTimestamp ?? now, now) <= STUCK_AFTER) return finding;
	if (machinery === undefined) return { ...finding, needs: [...finding.needs, { need: "machinery" }] };
	if (brokenLink(known, object) !== undefined) return deletion(known, object);
	if (machinery.kindsInstalled) return finding;
	const doctor = {
		say: "Metacontroller is not installed in this cluster: unless it runs outside, nothing removes the finalizer",
		...prism(known, ["doctor"]),
	};
	return { ...finding, next: [...finding.next, doctor] };
};

const explainedOther = (known: Known, object: KubeObject): Explanation | undefined => {
	if (object.kind === "Pod") {
		const trouble = podTrouble(object, known.view);
		const owner = ancestry(known.view, object).find(isWorkload);
		return trouble && podFinding(known, object, trouble, owner);
	}
	if (["Deployment", "StatefulSet", "ReplicaSet"].includes(object.kind)) return workloadFinding(known, object);
	return undefined;
};

// ── Beside the cause ────────────────────────────────────────────────────────────────────────────────────────────────

const MOST = 5;

/** Further problems: of descendants, warnings, failed syncs. */
const alsoOf = (known: Known, object: KubeObject, finding: Explanation | undefined): string[] => {
	const onTrail = new Set(finding?.steps.map((step) => step.object));
	const others = descendants(known.view, object)
		.filter((child) => isUserKind(child) && !onTrail.has(child) && !isReady(child))
		.map((child) => `${named(child)} is not ready either: ${conditionOf(child, "Ready")?.reason ?? "no status"}`);
	const isExplained = ["SyncError", "ChildRefused"].some((each) => finding?.steps.some(({ word }) => word === each));
	const all = compact([
		isPaused(object) && finding?.state !== "paused" && "it is paused: changes of its spec are not applied",
		...warningsOf(object),
		...warningRemedies(known.view, object).map(
			(command) => `to fix a warning: ${remedy(known, command, object).command}`,
		),
		!isExplained && recentSyncError(known, object),
		...unservedIngresses(known, object),
		...others,
	]);
	return all.length <= MOST ? all : [...all.slice(0, MOST), `and ${all.length - MOST} more: kubectl prism status`];
};
