import { conditionOf } from "../../kube/conditions.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import {
	isBehind,
	isPaused,
	isReady,
	LEAVING,
	OUTDATED,
	STUCK_AFTER,
	UNANSWERED,
	warningsOf,
} from "../cluster/health.ts";
import { isOurs } from "../cluster/kinds.ts";
import { podTrouble } from "../cluster/pods.ts";
import { prismCommand, type Speech } from "../cluster/speech.ts";
import { ancestry, type ClusterView, descendants } from "../cluster/view.ts";
import { describe } from "./advice.ts";
import { type Advice, type Extra, type Finding, type Known, type Need, named } from "./diagnosis.ts";
import { deletion, isLetGo } from "./leaving.ts";
import { explainerOf } from "./reasons.ts";
import { brokenLink, recentSyncError, unanswered } from "./unanswered.ts";
import { podFinding, workloadFinding } from "./workloads.ts";

// `why`: the first cause. From an object's own condition down to whatever shows why: a child, a workload, a pod, another
// object, or Metacontroller that does not call.

export interface Diagnosis {
	readonly object: KubeObject;
	/** undefined: it is ready. */
	readonly finding: Finding | undefined;
	/** What else is worth a look: other problems below it, warnings, failed syncs. */
	readonly also: readonly string[];
	/** Of the object when it is ready. */
	readonly message: string;
	readonly since: string | undefined;
	readonly needs: readonly Need[];
}

export const diagnose = (view: ClusterView, extra: Extra, speech: Speech, object: KubeObject): Diagnosis => {
	const known = knownFrom(view, extra, speech);
	const finding = known.explain(object);
	const ready = conditionOf(object, "Ready");
	return {
		object,
		finding,
		also: alsoOf(known, object, finding),
		message: ready?.message ?? "",
		since: ready?.lastTransitionTime,
		needs: finding?.needs ?? [],
	};
};

const knownFrom = (view: ClusterView, extra: Extra, speech: Speech): Known => {
	// Shards and plugins explain each other: an object that is being explained is not explained again.
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

/** Nobody is left without a next command: where nothing better is known, the object that shows the cause is looked at. */
const advised = (known: Known, finding: Finding | undefined): Finding | undefined => {
	const last = finding?.steps.at(-1);
	if (finding === undefined || last === undefined) return finding;
	if (finding.next.length + finding.needs.length > 0) return { ...finding, next: finding.next.filter(isFirst) };
	return { ...finding, next: [describe(known, last.object)] };
};

/** A command that two steps of the way advise is told once. */
const isFirst = ({ command }: Advice, index: number, all: readonly Advice[]): boolean =>
	command === undefined || all.findIndex((other) => other.command === command) === index;

/** Ordered checks: the first that finds something decides. */
const explained = (known: Known, object: KubeObject): Finding | undefined => {
	if (!isOurs(object)) return explainedOther(known, object);
	const ready = conditionOf(object, "Ready");
	if (object.kind === "PrismRoster") return undefined;
	if (object.metadata.deletionTimestamp !== undefined) return leavingFinding(known, object);
	if (ready === undefined) return unanswered(known, object, UNANSWERED);
	if (isBehind(object, ready)) return unanswered(known, object, OUTDATED);
	if (isReady(object)) return undefined;
	return explainerOf(ready.reason)(known, object);
};

/** By the reason that it gives; unless nobody is left who would bring that up to date, or others hold it. */
const leavingFinding = (known: Known, object: KubeObject): Finding => {
	const ready = conditionOf(object, "Ready");
	if (ready === undefined || ready.status === "True" || !LEAVING.includes(ready.reason) || isLetGo(object))
		return deletion(known, object);
	const finding = explainerOf(ready.reason)(known, object);
	const { machinery } = known.extra;
	const { now } = known.view;
	if (secondsBetween(object.metadata.deletionTimestamp ?? now, now) <= STUCK_AFTER) return finding;
	if (machinery === undefined) return { ...finding, needs: [...finding.needs, { need: "machinery" }] };
	if (brokenLink(known, object) !== undefined) return deletion(known, object);
	if (machinery.kindsInstalled) return finding;
	const doctor = {
		say: "Metacontroller is not installed here: unless it runs outside of the cluster, nobody lets this go",
		command: prismCommand(known.speech, "doctor"),
	};
	return { ...finding, next: [...finding.next, doctor] };
};

const explainedOther = (known: Known, object: KubeObject): Finding | undefined => {
	if (object.kind === "Pod") {
		const trouble = podTrouble(object, known.view);
		const owner = ancestry(known.view, object).find(({ kind }) => kind === "Deployment" || kind === "StatefulSet");
		return trouble && podFinding(known, object, trouble, owner);
	}
	if (["Deployment", "StatefulSet", "ReplicaSet"].includes(object.kind)) return workloadFinding(known, object);
	return undefined;
};

// ── Beside the cause ────────────────────────────────────────────────────────────────────────────────────────────────

const MOST = 5;

const alsoOf = (known: Known, object: KubeObject, finding: Finding | undefined): string[] => {
	const onTrail = new Set(finding?.steps.map((step) => step.object));
	const others = descendants(known.view, object)
		.filter((child) => isOurs(child) && child.kind !== "PrismRoster" && !onTrail.has(child) && !isReady(child))
		.map((child) => `${named(child)} is not ready either: ${conditionOf(child, "Ready")?.reason ?? "no status"}`);
	const error =
		finding?.steps.some(({ word }) => word === "SyncError") === true ? undefined : recentSyncError(known, object);
	const paused =
		isPaused(object) && finding?.state !== "paused" ? ["it is paused: nothing that its spec says is carried out"] : [];
	const all = [...paused, ...warningsOf(object), ...(error === undefined ? [] : [error]), ...others];
	return all.length <= MOST ? all : [...all.slice(0, MOST), `and ${all.length - MOST} more: kubectl prism status`];
};
