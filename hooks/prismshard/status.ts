import { type Check, firstFound, type StatusCheck } from "../../kube/check-list.ts";
import { childrenOutdated, growing, rolloutIncomplete } from "../../kube/checks.ts";
import { missingAddress } from "../../kube/child-checks.ts";
import { conditionOf, type Verdict } from "../../kube/conditions.ts";
import { isLate } from "../../kube/delays.ts";
import { heldBy, heldVerdict, podHold } from "../../kube/foreign-fields.ts";
import { observedOf, valueAt } from "../../kube/object.ts";
import { refusedVerdict } from "../../kube/response.ts";
import { type Rollout, statefulSetRollout } from "../../kube/rollout.ts";
import { isLongSilent } from "../../kube/roster.ts";
import { withGrowth, withoutFollowers } from "../../kube/scale-up.ts";
import { isRefusal, type Refusal } from "../../kube/spec-refusal.ts";
import { settledFailure } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Finding, Warning } from "../../schemas/findings/finding.ts";
import { DOUBTS, type Doubt, type SilentInstance } from "../../schemas/findings/prismshard.ts";
import type { PrismShardStatus } from "../../schemas/prismshard.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";
import { doubtfulSince, isSilent, type ShardInstance, type ShardSeen, shardNames } from "./observed-shard.ts";
import type { ShardPlan } from "./plan.ts";

/** What the status is computed from. */
export interface Observation extends ShardSeen {
	/** Children as they are about to be sent. */
	readonly children: readonly KubeObject[];
}

/** Input of the checks. */
interface StatusInput extends Observation {
	readonly plan: ShardPlan;
	readonly set: ShardSet | undefined;
}

export interface Judgement {
	readonly verdict: Verdict;
	/** Instances that the verdict is about. */
	readonly doubtfulInstances?: NonNullable<PrismShardStatus["doubtfulInstances"]>;
	/** Since when instances that are ready are in doubt. */
	readonly doubtfulSince?: string;
}

/** The first finding of the ordered checks, or that the shard is Ready. */
export const judged = (plan: ShardPlan | Refusal, observation: Observation): Judgement => {
	if (isRefusal(plan)) return { verdict: refusedVerdict(plan) };
	const input = { ...observation, plan, set: setOf(observation) };
	const found = firstFound(STATUS_CHECKS, input);
	if (found !== undefined) {
		// Namespaces see silent instances in the roster all the same.
		const isDoubtful = observation.instances.some(isSilent);
		return { verdict: found, ...(isDoubtful && { doubtfulSince: doubtBegan(observation) }) };
	}
	const doubt = firstFound(DOUBT_CHECKS, input);
	if (doubt === undefined) return { verdict: ready(input) };
	const since = doubtBegan(observation);
	if (isFresh(since, observation)) return { verdict: ready(input), doubtfulSince: since };
	return { ...doubt, doubtfulSince: since };
};

const MOST_DOUBTS = 16;

type Doubtful = NonNullable<PrismShardStatus["doubtfulInstances"]>[number] & { readonly cause: Doubt };

const doubted = (observation: Observation, finding: Finding, doubtful: readonly Doubtful[]): Judgement => ({
	verdict: { ready: "False", phase: downPhase(observation), finding },
	doubtfulInstances: doubtful.slice(0, MOST_DOUBTS),
});

const pluginNotReady: StatusCheck<StatusInput> = ({ plan: { waiting }, ...observation }) =>
	waiting.length === 0
		? undefined
		: { ready: "False", phase: downPhase(observation), finding: { reason: "PluginNotReady", plugins: waiting } };

/** A shard that has run before is the worse for it; a new one is on its way. */
const downPhase = ({ request }: Observation): "Degraded" | "Pending" => {
	const phase = valueAt(request.parent["status"], "phase");
	return phase === "Running" || phase === "Degraded" ? "Degraded" : "Pending";
};

/** The StatefulSet as it is about to be sent, with its rollout; undefined: there is to be none. */
interface ShardSet {
	readonly wanted: KubeObject;
	readonly rollout: Rollout;
}

const setOf = ({ children, request, now }: Observation): ShardSet | undefined => {
	const wanted = children.find(({ kind }) => kind === "StatefulSet");
	if (wanted === undefined) return undefined;
	const { parent } = request;
	const found = statefulSetRollout(wanted, observedOf(request.children, wanted), DESIRED_HASH_ANNOTATION);
	const available = valueAt(parent["status"], "readyReplicas");
	return { wanted, rollout: withGrowth(found, wanted, { parent, available, now }) };
};

/** Pods of an older revision that are not ready, for longer than it takes to replace one. */
const podsKept: StatusCheck<StatusInput> = ({ set, request, instances, now }) => {
	if (set === undefined || !isLate(request.parent, set.wanted, "PodsKept", now)) return undefined;
	const hold = podHold(set.rollout, instances);
	const { kind, metadata } = set.wanted;
	return hold && heldVerdict(heldBy(hold, { kind, name: metadata.name }, metadata.namespace));
};

const rolloutUnfinished: StatusCheck<StatusInput> = ({ set, ...observation }) => {
	if (set === undefined) return undefined;
	const { wanted, rollout } = set;
	// A StatefulSet does not report whether missing pods failed or have not started yet.
	const isStarting = rollout.state === "unavailable" && downPhase(observation) === "Pending";
	const state = isStarting ? "progressing" : rollout.state;
	const pods = observation.instances.filter((instance) => !instance.ready).map(({ name }) => name);
	return rolloutIncomplete(wanted.metadata.name, { ...rollout, state }, "StatefulSet", pods);
};

const outdated: StatusCheck<StatusInput> = ({ children, request: { parent, children: observed } }) =>
	childrenOutdated(withoutFollowers(parent, children, observed), observed, DESIRED_HASH_ANNOTATION);

/** Clients outside have no way to the shard, which was asked for. */
const addressMissing: StatusCheck<StatusInput> = ({ plan: { spec }, request, children, now }) => {
	if (spec.exposure.type !== "LoadBalancer") return undefined;
	const { parent } = request;
	const missing = missingAddress({ parent, wanted: children, observed: request.children, now });
	return missing && { ready: "False", phase: "Degraded", finding: { reason: "NoAddress", ...missing } };
};

const STATUS_CHECKS: readonly StatusCheck<StatusInput>[] = [
	pluginNotReady,
	podsKept,
	rolloutUnfinished,
	outdated,
	addressMissing,
];

// ── Doubt ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Why an instance is silent; undefined: it is not. */
export const silenceOf = ({ name, answer }: ShardInstance): SilentInstance | undefined => {
	if (answer === undefined) return { name, silence: "PodNotReady" };
	if (answer.state !== "unknown") return undefined;
	return { name, silence: settledFailure(answer.failure) };
};

const instancesSilent: Check<StatusInput, Judgement> = ({ set, ...observation }) => {
	const { headless } = shardNames(observation.request.parent);
	// While it grows, those that are not ready are the new ones, or those that go.
	const late = set?.rollout.isLagging === true || set?.rollout.state === "growing" ? [] : [{ service: headless }];
	const silent = observation.instances.flatMap((instance) =>
		instance.ready ? (silenceOf(instance) ?? []) : late.map((silence) => ({ name: instance.name, silence })),
	);
	if (silent.length === 0) return undefined;
	const finding = { reason: "InstancesUnreachable", about: "shard", instances: silent } as const;
	const doubtful = silent.map(({ name, silence }): Doubtful => {
		const cause = DOUBTS.find((doubt) => doubt === silence);
		return { name, cause: cause ?? "NotListed" };
	});
	return doubted(observation, finding, doubtful);
};

/**
 * A list does not show namespaces that came after it was read: it is compared with lists that are no newer. Otherwise an
 * instance whose list is always the oldest would seem to lack something for as long as new namespaces keep coming.
 */
const namespacesDiffer: Check<Observation, Judgement> = (observation) => {
	const sightings = earliestSightings(observation.instances);
	const lacking = observation.instances.flatMap(({ name, answer }) => {
		if (answer?.state !== "known") return [];
		const due = [...sightings.values()].filter((readAt) => readAt <= answer.readAt).length;
		const lacks = due - answer.namespaces.size;
		return lacks > 0 ? [{ name, lacks, of: sightings.size }] : [];
	});
	if (lacking.length === 0) return undefined;
	const doubtful = lacking.map(({ name }): Doubtful => ({ name, cause: "NamespacesMissing" }));
	return doubted(observation, { reason: "NamespacesDiffer", instances: lacking }, doubtful);
};

/** Evaluated after all others: a finding counts only if it lasts. */
const DOUBT_CHECKS: readonly Check<StatusInput, Judgement>[] = [instancesSilent, namespacesDiffer];

/** Namespace → when the oldest list that has it was read. Times of one form compare as texts. */
const earliestSightings = (instances: readonly ShardInstance[]): ReadonlyMap<string, string> => {
	const told = instances.flatMap(({ answer }) => (answer?.state === "known" ? [answer] : []));
	// The oldest comes last, and stays.
	const newestFirst = told.toSorted((left, right) => (left.readAt > right.readAt ? -1 : 1));
	return new Map(newestFirst.flatMap(({ namespaces, readAt }) => [...namespaces.keys()].map((id) => [id, readAt])));
};

const doubtBegan = ({ request, now }: Observation): string => doubtfulSince(request) ?? now;

/**
 * Doubt about what was Ready at this generation, and has not lasted for long. Instances are read one after the other, so that
 * they seem to differ whenever a namespace is just being assigned; and one answer may always be lost.
 */
const isFresh = (since: string, { request: { parent }, now }: Observation): boolean => {
	const before = conditionOf(parent, "Ready");
	return (
		before?.status === "True" && before.observedGeneration === parent.metadata.generation && !isLongSilent(since, now)
	);
};

const ready = ({ set, instances }: StatusInput): Verdict => {
	const { length } = instances;
	if (set?.rollout.state === "growing") return growing(set.wanted.metadata.name, set.rollout, "StatefulSet");
	if (length === 0) return { ready: "True", phase: "Running", finding: { reason: "ScaledToZero" } };
	return { ready: "True", phase: "Running", finding: { reason: "ShardReady", instances: length } };
};

/** Instances that can't be held against their siblings. */
export const unverified = (instances: readonly ShardInstance[]): Warning[] => {
	const names = instances.filter(({ answer }) => answer?.state === "unverifiable").map(({ name }) => name);
	return names.length === 0 ? [] : [{ warning: "Unverifiable", instances: names }];
};
