import { listed } from "../../kube/checks.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import { countOf } from "../../kube/rollout.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { isPodReady, type PodTrouble, podTrouble } from "../cluster/pods.ts";
import { kubectlCommand, placeOf } from "../cluster/speech.ts";
import { namespaceOf } from "../cluster/view.ts";
import { describe } from "./advice.ts";
import { cureFor } from "./cures.ts";
import { below, type Detail, type Finding, type Known, keyOf, type Need, named, shownBy } from "./diagnosis.ts";

// From a Deployment or StatefulSet that is not ready down to the pod that shows why.

/** Why a workload is not ready; undefined: it is. */
export const workloadFinding = (known: Known, workload: KubeObject): Finding | undefined => {
	const wanted = countOf(workload["spec"], "replicas") ?? 1;
	const available =
		countOf(workload["status"], "availableReplicas") ?? countOf(workload["status"], "readyReplicas") ?? 0;
	const pods = podsOf(known, workload);
	const step = { object: workload, word: `${available}/${wanted} available`, since: lateSince(workload) };
	const troubled = firstTroubled(known, pods);
	const isSettled = available >= wanted && (countOf(workload["status"], "updatedReplicas") ?? wanted) >= wanted;
	if (isSettled && (troubled === undefined || troubled.trouble.cure === "wait")) return undefined;
	if (troubled !== undefined && troubled.trouble.cure !== "wait")
		return below(step, podFinding(known, troubled.pod, troubled.trouble, workload));
	const refused = refusal(known, workload);
	if (refused !== undefined) return refused;
	if (valueAt(workload, "spec", "paused") === true) return haltedRollout(known, workload);
	if (troubled !== undefined) return below(step, podFinding(known, troubled.pod, troubled.trouble, workload));
	return pods.length === 0 ? noPods(known, workload, wanted) : starting(known, workload, pods);
};

const lateSince = (workload: KubeObject): string | undefined => {
	const available = conditionOf(workload, "Available");
	return available?.status === "False" ? available.lastTransitionTime : undefined;
};

/** Pods of a workload, those of the newest template first: they are the ones that are to come. */
export const podsOf = ({ view }: Known, workload: KubeObject): KubeObject[] => {
	if (workload.kind === "ReplicaSet" || workload.kind === "StatefulSet")
		return [...view.owned(workload)].filter(({ kind }) => kind === "Pod").toSorted(byName);
	return view
		.owned(workload)
		.filter(({ kind }) => kind === "ReplicaSet")
		.toSorted((left, right) =>
			(left.metadata.creationTimestamp ?? "") < (right.metadata.creationTimestamp ?? "") ? 1 : -1,
		)
		.flatMap((set) => [...view.owned(set)].filter(({ kind }) => kind === "Pod").toSorted(byName));
};

const byName = (left: KubeObject, right: KubeObject): number => (left.metadata.name < right.metadata.name ? -1 : 1);

/** A pod that can't get ready explains more than one that is on its way. */
const firstTroubled = (
	{ view }: Known,
	pods: readonly KubeObject[],
): { pod: KubeObject; trouble: PodTrouble } | undefined => {
	const troubled = pods.flatMap((pod) => {
		const trouble = isPodReady(pod) && pod.metadata.deletionTimestamp === undefined ? undefined : podTrouble(pod, view);
		return trouble === undefined ? [] : [{ pod, trouble }];
	});
	return troubled.toSorted((left, right) => rankOf(left.trouble) - rankOf(right.trouble))[0];
};

const rankOf = ({ cure, word }: PodTrouble): number => (cure === "wait" ? 2 : word === "Terminating" ? 1 : 0);

// ── Pods ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const TERMINATING_LONG_SECONDS = 120;

export const podFinding = (
	known: Known,
	pod: KubeObject,
	trouble: PodTrouble,
	workload: KubeObject | undefined,
): Finding => {
	const { container, cure, word, since } = trouble;
	const need: Need | undefined =
		trouble.logs === undefined
			? undefined
			: {
					need: "logs",
					namespace: namespaceOf(pod),
					pod: pod.metadata.name,
					container,
					previous: trouble.logs === "previous",
				};
	const leaving =
		word === "Terminating" && secondsBetween(since ?? known.view.now, known.view.now) < TERMINATING_LONG_SECONDS;
	const similar = siblingsIn(known, pod, workload, word);
	return shownBy(pod, word, {
		cause: `${trouble.says}${similar === 0 ? "" : `; ${similar} more ${similar === 1 ? "pod does" : "pods do"} the same`}`,
		since,
		evidence: `${named(pod)}${container === undefined ? "" : `, container ${container}`}`,
		details: need === undefined ? [] : lastWords(known, need),
		next: cureFor(known, pod, trouble, workload),
		state: cure === "wait" || leaving ? "waiting" : "broken",
		needs: need === undefined || known.extra.logs.has(keyOf(need)) ? [] : [need],
	});
};

const siblingsIn = (known: Known, pod: KubeObject, workload: KubeObject | undefined, word: string): number =>
	workload === undefined
		? 0
		: podsOf(known, workload).filter((other) => other !== pod && podTrouble(other, known.view)?.word === word).length;

const lastWords = ({ extra }: Known, need: Need): Detail[] => {
	const text = extra.logs.get(keyOf(need))?.trimEnd();
	if (text === undefined || text === "" || need.need !== "logs") return [];
	return [{ title: need.previous ? "Its last words" : "What it logs", lines: text.split("\n") }];
};

// ── Workloads without pods ──────────────────────────────────────────────────────────────────────────────────────────

/** Pods can't even be created: a quota, an admission policy, a service account that is not there. */
const refusal = (known: Known, workload: KubeObject): Finding | undefined => {
	const { view } = known;
	const condition = conditionOf(workload, "ReplicaFailure");
	const sets = view.owned(workload).filter(({ kind }) => kind === "ReplicaSet");
	const event = [workload, ...sets]
		.flatMap((object) => [...view.eventsOn(object)])
		.find(({ reason }) => reason === "FailedCreate");
	if (condition?.status !== "True" && (event === undefined || podsOf(known, workload).length > 0)) return undefined;
	const said = condition?.status === "True" ? condition.message : String(event?.["message"]);
	const quota = /exceeded quota: ([^,]+)/.exec(said)?.[1];
	const policy = /violates PodSecurity "([^"]+)"/.exec(said)?.[1];
	return shownBy(workload, "FailedCreate", {
		cause: `its pods can't be created: ${said}`,
		since: condition?.lastTransitionTime ?? event?.["firstTimestamp"]?.toString(),
		next: [
			describe(known, workload),
			...(quota === undefined
				? []
				: [
						{
							say: "what the quota allows, and what is used",
							command: kubectlCommand(known.speech, "describe", "resourcequota", quota, ...placeOf(workload)),
						},
					]),
			...(policy === undefined
				? []
				: [
						{
							say: `the namespace enforces Pod Security "${policy}": take back what podSecurity relaxes, or relax the namespace`,
						},
					]),
		],
	});
};

const haltedRollout = (known: Known, workload: KubeObject): Finding =>
	shownBy(workload, "RolloutPaused", {
		cause: "somebody paused the rollout of this workload (spec.paused)",
		next: [
			{
				command: kubectlCommand(
					known.speech,
					"rollout",
					"resume",
					`${workload.kind.toLowerCase()}/${workload.metadata.name}`,
					...placeOf(workload),
				),
			},
		],
		state: "paused",
	});

const noPods = (known: Known, workload: KubeObject, wanted: number): Finding => {
	const { view } = known;
	const age = secondsBetween(workload.metadata.creationTimestamp ?? view.now, view.now);
	const seen = countOf(workload["status"], "observedGeneration") ?? 0;
	const unseen = seen < (workload.metadata.generation ?? 0);
	return shownBy(workload, "NoPods", {
		cause: unseen
			? `Kubernetes' own controller has not looked at ${workload.kind} ${workload.metadata.name} yet: is kube-controller-manager running?`
			: `there is none of the ${wanted} pods yet`,
		since: workload.metadata.creationTimestamp ?? undefined,
		next: [describe(known, workload)],
		state: age < 60 ? "waiting" : "broken",
	});
};

const starting = (known: Known, workload: KubeObject, pods: readonly KubeObject[]): Finding => {
	const late = pods.filter((pod) => !isPodReady(pod));
	const minReady = countOf(workload["spec"], "minReadySeconds") ?? 0;
	const claims = late.length === 0 && minReady > 0;
	const what =
		late.length === 0
			? claims
				? `its pods are ready, and have to stay so for ${minReady} s`
				: "its pods are ready, and the last of them are being replaced or counted"
			: `${listed(late.map(({ metadata }) => metadata.name))} ${late.length === 1 ? "is" : "are"} starting`;
	return shownBy(workload, "RollingOut", {
		cause: what,
		since: recordsAt(workload, "status", "conditions")
			.map(({ lastUpdateTime }) => lastUpdateTime)
			.find((time) => typeof time === "string"),
		next: [
			{
				say: "wait for it",
				command: kubectlCommand(
					known.speech,
					"rollout",
					"status",
					`${workload.kind.toLowerCase()}/${workload.metadata.name}`,
					...placeOf(workload),
				),
			},
		],
		state: "waiting",
	});
};
