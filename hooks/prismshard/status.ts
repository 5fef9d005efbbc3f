import { refusedVerdict } from "../../kube/answer.ts";
import { childrenOutdated, listed, rolloutIncomplete } from "../../kube/checks.ts";
import { conditionOf, type Verdict } from "../../kube/conditions.ts";
import { observedOf, valueAt } from "../../kube/object.ts";
import { isRefusal, type Refusal } from "../../kube/refusal.ts";
import { statefulSetRollout } from "../../kube/rollout.ts";
import { secondsBetween } from "../../kube/time.ts";
import { ADMIN_FAILURES, type AdminFailure } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";
import { type ShardInstance, shardNames } from "./observed.ts";
import type { ShardPlan } from "./plan.ts";

/** What the status is computed from. */
export interface Observation {
	readonly request: CompositeRequest;
	readonly instances: readonly ShardInstance[];
	/** Children as they are about to be sent. */
	readonly children: readonly KubeObject[];
	readonly now: string;
}

export interface Judgement {
	readonly verdict: Verdict;
	/** Since when instances that are ready are in doubt. */
	readonly doubtfulSince?: string;
}

/** Ordered checks: the first that finds something decides. */
export const judged = (plan: ShardPlan | Refusal, observation: Observation): Judgement => {
	if (isRefusal(plan)) return { verdict: refusedVerdict(plan) };
	const { request, children } = observation;
	const found =
		pluginNotReady(plan, observation) ??
		rolloutUnfinished(observation) ??
		childrenOutdated(children, request.children, DESIRED_HASH_ANNOTATION);
	if (found !== undefined) return { verdict: found };
	const doubt = instancesSilent(observation) ?? namespacesDiffer(observation);
	if (doubt === undefined) return { verdict: ready(observation) };
	const doubtfulSince = doubtBegan(observation);
	return { verdict: isFresh(doubtfulSince, observation) ? ready(observation) : doubt, doubtfulSince };
};

const pluginNotReady = ({ waiting }: ShardPlan, observation: Observation): Verdict | undefined =>
	waiting.length === 0
		? undefined
		: { ready: "False", phase: downPhase(observation), reason: "PluginNotReady", message: waiting.join("; ") };

/** A shard that has run before is the worse for it; a new one is on its way. */
const downPhase = ({ request }: Observation): "Degraded" | "Pending" => {
	const phase = valueAt(request.parent["status"], "phase");
	return phase === "Running" || phase === "Degraded" ? "Degraded" : "Pending";
};

const rolloutUnfinished = (observation: Observation): Verdict | undefined => {
	const { children, request, instances } = observation;
	const wanted = children.find(({ kind }) => kind === "StatefulSet");
	if (wanted === undefined) return undefined;
	const rollout = statefulSetRollout(wanted, observedOf(request.children, wanted), DESIRED_HASH_ANNOTATION);
	// A StatefulSet does not tell whether pods that are missing fell out or have not come up yet.
	const isStarting = rollout.state === "unavailable" && downPhase(observation) === "Pending";
	const state = isStarting ? "progressing" : rollout.state;
	const found = rolloutIncomplete(wanted.metadata.name, { ...rollout, state }, "StatefulSet");
	const late = instances.filter((instance) => !instance.ready).map(({ name }) => name);
	if (found === undefined || state === "absent" || state === "outdated" || late.length === 0) return found;
	const [first] = late;
	return { ...found, message: `${found.message}; not ready: ${listed(late)}. See why: kubectl describe pod ${first}` };
};

// ── Doubt ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Failures that come and go while somebody is out of reach: one sentence for all of them, so that it stays the same. */
const PASSING: readonly AdminFailure[] = ["Unreachable", "DeadlineExceeded", "CircuitOpen", "Overloaded"];

/** Why an instance is silent, as "prism-live-1 does not answer"; undefined: it is not. */
export const silenceOf = ({ name, answer }: ShardInstance): string | undefined => {
	if (answer === undefined) return `${name} is not ready`;
	if (answer.state !== "unknown") return undefined;
	return `${name} ${PASSING.includes(answer.failure) ? "does not answer" : ADMIN_FAILURES[answer.failure]}`;
};

const instancesSilent = (observation: Observation): Verdict | undefined => {
	const { headless } = shardNames(observation.request.parent);
	const silent = observation.instances.flatMap((instance) =>
		instance.ready
			? (silenceOf(instance) ?? [])
			: [`${instance.name} is not among the ready endpoints of Service ${headless}`],
	);
	if (silent.length === 0) return undefined;
	return { ready: "False", phase: downPhase(observation), reason: "InstancesUnreachable", message: listed(silent) };
};

/**
 * A list says nothing of namespaces that came after it was read: it is held against lists that are no newer. Otherwise an
 * instance whose list is always the oldest would seem to lack something for as long as new namespaces keep coming.
 */
const namespacesDiffer = (observation: Observation): Verdict | undefined => {
	const sightings = earliestSightings(observation.instances);
	const lacking = observation.instances.flatMap(({ name, answer }) => {
		if (answer?.state !== "known") return [];
		const due = [...sightings.values()].filter((readAt) => readAt <= answer.readAt).length;
		return due > answer.namespaces.size
			? [`${name} lacks ${due - answer.namespaces.size} of ${sightings.size} namespaces`]
			: [];
	});
	if (lacking.length === 0) return undefined;
	return { ready: "False", phase: downPhase(observation), reason: "NamespacesDiffer", message: listed(lacking) };
};

/** Namespace → when the oldest list that has it was read. Times of one form compare as texts. */
const earliestSightings = (instances: readonly ShardInstance[]): ReadonlyMap<string, string> => {
	const told = instances.flatMap(({ answer }) => (answer?.state === "known" ? [answer] : []));
	// The oldest comes last, and stays.
	const newestFirst = told.toSorted((left, right) => (left.readAt > right.readAt ? -1 : 1));
	return new Map(newestFirst.flatMap(({ namespaces, readAt }) => [...namespaces.keys()].map((id) => [id, readAt])));
};

/**
 * Seconds for which a shard that was Ready stays so although its instances are in doubt. They are read one after the
 * other, so that they seem to differ whenever a namespace is just being assigned; and one answer may always be lost.
 */
const DOUBT_SECONDS = 30;

const doubtBegan = ({ request, now }: Observation): string => {
	const since = valueAt(request.parent["status"], "doubtfulSince");
	return typeof since === "string" ? since : now;
};

/** Doubt about what was Ready at this generation, and has not lasted for long. */
const isFresh = (since: string, { request: { parent }, now }: Observation): boolean => {
	const before = conditionOf(parent, "Ready");
	return (
		before?.status === "True" &&
		before.observedGeneration === parent.metadata.generation &&
		secondsBetween(since, now) < DOUBT_SECONDS
	);
};

const ready = ({ instances }: Observation): Verdict => {
	const count = instances.length;
	if (count === 0)
		return { ready: "True", phase: "Running", reason: "ScaledToZero", message: "no pods are wanted, and none run" };
	return {
		ready: "True",
		phase: "Running",
		reason: "ShardReady",
		message: `${count} of ${count} pods are ready and answer`,
	};
};

/** Instances that can't be held against their siblings. */
export const unverified = (instances: readonly ShardInstance[]): string[] => {
	const names = instances.filter(({ answer }) => answer?.state === "unverifiable").map(({ name }) => name);
	return names.length === 0
		? []
		: [`these offer no way to list their namespaces, so that what they hold is not verified: ${listed(names)}`];
};
