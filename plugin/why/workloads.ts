import { conditionOf } from "../../kube/conditions.ts";
import { compact, recordsAt, valueAt } from "../../kube/object.ts";
import { countOf, podCounts } from "../../kube/rollout.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { listed } from "../../schemas/messages/words.ts";
import { ancestry, namespaceOf } from "../cluster/cluster-view.ts";
import { slashName } from "../cluster/command-lines.ts";
import { isOurs } from "../cluster/kinds.ts";
import { claimsOf } from "../cluster/pod-claims.ts";
import { podTrouble } from "../cluster/pod-trouble.ts";
import { isOver, isPod, isPodReady, type PodTrouble } from "../cluster/pods.ts";
import { deletion } from "./deletion.ts";
import {
	below,
	type Detail,
	detail,
	type Explanation,
	type Known,
	keyOf,
	type LogNeed,
	logOf,
	named,
	shownBy,
	unread,
} from "./diagnosis.ts";
import { describe, edit, kubectl, settingField } from "./next-commands.ts";
import { remediesFor } from "./pod-remedies.ts";
import { rejectionIn } from "./rejections.ts";

// From a workload that is not ready down to the pod that shows the cause.

/** Why a workload is not ready; undefined: it is. */
export const workloadFinding = (known: Known, workload: KubeObject): Explanation | undefined => {
	const { wanted, available } = podCounts(workload);
	const pods = podsOf(known, workload);
	const step = { object: workload, word: `${available}/${wanted} available`, since: lateSince(workload) };
	const troubled = firstTroubled(known, pods);
	const isSettled =
		refusedBy(workload) === undefined &&
		available >= wanted &&
		(countOf(workload["status"], "updatedReplicas") ?? wanted) >= wanted;
	if (isSettled && (troubled === undefined || troubled.trouble.remedy === "wait" || isOver(troubled.pod)))
		return undefined;
	if (troubled !== undefined && troubled.trouble.remedy !== "wait")
		return below(step, podFinding(known, troubled.pod, troubled.trouble, workload));
	const refused = refusal(known, workload);
	if (refused !== undefined) return refused;
	if (valueAt(workload, "spec", "paused") === true) return pausedRollout(known, workload);
	const unscheduled = pods.find((pod) => isUnscheduled(known, pod));
	if (unscheduled !== undefined) return below(step, noScheduler(known, unscheduled));
	if (troubled !== undefined) return below(step, podFinding(known, troubled.pod, troubled.trouble, workload));
	return pods.length === 0 ? noPods(known, workload, wanted) : starting(known, workload, pods);
};

const lateSince = (workload: KubeObject): string | undefined => {
	const available = conditionOf(workload, "Available");
	return available?.status === "False" ? available.lastTransitionTime : undefined;
};

/** Pods of a workload, those of the newest pod template first. */
export const podsOf = ({ view }: Known, workload: KubeObject): KubeObject[] => {
	const owned = (owner: KubeObject, wanted: string) => view.owned(owner).filter(({ kind }) => kind === wanted);
	const makers = workload.kind === "Deployment" ? owned(workload, "ReplicaSet").toSorted(newestFirst) : [workload];
	return makers.flatMap((maker) => owned(maker, "Pod").toSorted(byName));
};

const newestFirst = ({ metadata: left }: KubeObject, { metadata: right }: KubeObject): number =>
	(left.creationTimestamp ?? "") < (right.creationTimestamp ?? "") ? 1 : -1;

const byName = (left: KubeObject, right: KubeObject): number => (left.metadata.name < right.metadata.name ? -1 : 1);

/** A pod with a problem explains more than one that is starting. */
const firstTroubled = (
	{ view }: Known,
	pods: readonly KubeObject[],
): { pod: KubeObject; trouble: PodTrouble } | undefined => {
	const troubled = pods.flatMap((pod) => {
		const trouble = isPodReady(pod) && pod.metadata.deletionTimestamp === undefined ? undefined : podTrouble(pod, view);
		return trouble === undefined ? [] : [{ pod, trouble }];
	});
	return troubled.toSorted((left, right) => rankOf(left) - rankOf(right))[0];
};

/** A pod that has ended, or is being deleted, explains less than its successor. */
const rankOf = ({
	pod,
	trouble: { remedy, word },
}: {
	readonly pod: KubeObject;
	readonly trouble: PodTrouble;
}): number => (remedy === "wait" ? 2 : word === "Terminating" || isOver(pod) ? 1 : 0);

// ── Pods ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const TERMINATING_LONG_SECONDS = 120;

export const podFinding = (
	known: Known,
	pod: KubeObject,
	trouble: PodTrouble,
	workload: KubeObject | undefined,
): Explanation => {
	const { container, remedy, word, since } = trouble;
	const need = trouble.logs && logOf(pod, container, trouble.logs === "previous");
	const leaving =
		word === "Terminating" && secondsBetween(since ?? known.view.now, known.view.now) < TERMINATING_LONG_SECONDS;
	const similar = siblingsIn(known, pod, workload, word);
	if (trouble.claim !== undefined) return claimFinding(known, pod, trouble, workload);
	if (word === "Finalizers") return deletion(known, pod);
	return shownBy(pod, word, {
		cause: `${trouble.says}${similar === 0 ? "" : `; ${similar} more ${similar === 1 ? "pod has" : "pods have"} the same problem`}`,
		since,
		evidence: `${named(pod)}${container === undefined ? "" : `, container ${container}`}`,
		details: lastLogLines(known, need),
		next: remediesFor(known, pod, trouble, workload),
		state: remedy === "wait" || leaving ? "waiting" : "broken",
		needs: unread(known, need),
	});
};

/** Seconds within which a scheduler writes the result for a pod. */
const SCHEDULED_SECONDS = 60;

/** For a volume, a scheduler waits up to 10 min without a condition. */
const isUnscheduled = ({ view: { now } }: Known, pod: KubeObject): boolean =>
	isPod(pod) &&
	claimsOf(pod).length === 0 &&
	valueAt(pod["spec"], "nodeName") === undefined &&
	pod.metadata.deletionTimestamp === undefined &&
	recordsAt(pod["status"], "conditions").every(({ type }) => type !== "PodScheduled") &&
	secondsBetween(pod.metadata.creationTimestamp ?? now, now) > SCHEDULED_SECONDS;

const DEFAULT_SCHEDULER = "default-scheduler";
const schedulerOf = (pod: KubeObject): string | undefined => (isPod(pod) ? pod.spec?.schedulerName : undefined);

const noScheduler = (known: Known, pod: KubeObject): Explanation => {
	const isDefault = [undefined, DEFAULT_SCHEDULER].includes(schedulerOf(pod));
	return shownBy(pod, "NoScheduler", {
		cause: `no scheduler has processed it: it waits for the scheduler ${schedulerOf(pod) ?? DEFAULT_SCHEDULER}`,
		since: pod.metadata.creationTimestamp ?? undefined,
		next: [
			describe(known, pod),
			isDefault
				? { say: "does kube-scheduler run?", ...kubectl(known, ["get", "pods", "-n", "kube-system"]) }
				: {
						say: "does that scheduler run? If the spec of no workload names it, admission set it",
						...kubectl(known, ["get", "pods", "-A"]),
					},
		],
	});
};

/** The claim has more information than the scheduler, which only reports that it is unbound. */
const claimFinding = (
	known: Known,
	pod: KubeObject,
	trouble: PodTrouble,
	workload: KubeObject | undefined,
): Explanation => {
	const { name = "", word, says } = trouble.claim ?? {};
	const claim: KubeObject = {
		apiVersion: "v1",
		kind: "PersistentVolumeClaim",
		metadata: { name, namespace: namespaceOf(pod) },
	};
	const found = shownBy(claim, word ?? "", {
		cause: `PersistentVolumeClaim ${name} ${says ?? ""}`,
		since: trouble.since,
		next: [describe(known, claim), ...remediesFor(known, pod, trouble, workload)],
	});
	return below({ object: pod, word: trouble.word, since: trouble.since }, found);
};

const siblingsIn = (known: Known, pod: KubeObject, workload: KubeObject | undefined, word: string): number =>
	workload === undefined
		? 0
		: podsOf(known, workload).filter((other) => other !== pod && podTrouble(other, known.view)?.word === word).length;

const lastLogLines = ({ extra }: Known, need: LogNeed | undefined): Detail[] => {
	const text = need && extra.logs.get(keyOf(need))?.trimEnd();
	return text ? detail(need.previous ? "Last log lines" : "Log", text.split("\n")) : [];
};

// ── Workloads without pods ──────────────────────────────────────────────────────────────────────────────────────────

const CREATIONS: readonly string[] = ["FailedCreate", "SuccessfulCreate"];

/** Conditions of a Deployment whose pods, or whose ReplicaSet, can't be created. */
const REFUSALS = ["ReplicaFailure", "Progressing"];
const refusedBy = (workload: KubeObject) =>
	REFUSALS.map((type) => conditionOf(workload, type)).find((condition) =>
		condition?.type === "ReplicaFailure" ? condition.status === "True" : condition?.reason === "ReplicaSetCreateError",
	);

/** Pods can't be created: a quota, an admission policy, or a missing service account. */
const refusal = (known: Known, workload: KubeObject): Explanation | undefined => {
	const { view } = known;
	const condition = refusedBy(workload);
	const sets = view.owned(workload).filter(({ kind }) => kind === "ReplicaSet");
	// If a pod was created later, its event is newer.
	const event = [workload, ...sets].flatMap((object) => {
		const newest = view.eventsOn(object).find(({ reason = "" }) => CREATIONS.includes(reason));
		return newest?.reason === "FailedCreate" ? [newest] : [];
	})[0];
	if (condition === undefined && (event === undefined || podsOf(known, workload).length >= podCounts(workload).wanted))
		return undefined;
	const message = condition?.message ?? `${event?.message}`;
	const rejection = rejectionIn(message);
	const maker = ancestry(view, workload).find(isOurs);
	const field = rejection?.setting && maker && settingField(maker, workload, rejection.setting);
	return shownBy(workload, rejection?.word ?? "FailedCreate", {
		cause: `its pods can't be created: ${message}`,
		since: condition?.lastTransitionTime ?? event?.firstTimestamp,
		next: compact([
			...(rejection?.next(known, workload) ?? []),
			maker && field !== undefined && edit(known, maker, field, "or change it to comply"),
			describe(known, workload),
		]),
	});
};

const pausedRollout = (known: Known, workload: KubeObject): Explanation =>
	shownBy(workload, "RolloutPaused", {
		cause: "a user paused the rollout of this workload (spec.paused)",
		next: [kubectl(known, ["rollout", "resume", slashName(workload)], workload)],
		state: "paused",
	});

const noPods = (known: Known, workload: KubeObject, wanted: number): Explanation => {
	const { view } = known;
	const age = secondsBetween(workload.metadata.creationTimestamp ?? view.now, view.now);
	const seen = countOf(workload["status"], "observedGeneration") ?? 0;
	const unseen = seen < (workload.metadata.generation ?? 0);
	return shownBy(workload, "NoPods", {
		cause: unseen
			? `kube-controller-manager has not reconciled ${workload.kind} ${workload.metadata.name} yet: is it running?`
			: view.unread.includes("pods")
				? "its pods are not available: you may not read pods, which show the cause"
				: `none of the ${wanted} pods exists yet`,
		since: workload.metadata.creationTimestamp ?? undefined,
		next: [describe(known, workload)],
		state: age < 60 ? "waiting" : "broken",
	});
};

const starting = (known: Known, workload: KubeObject, pods: readonly KubeObject[]): Explanation => {
	const late = pods.filter((pod) => !isPodReady(pod));
	const minReady = countOf(workload["spec"], "minReadySeconds") ?? 0;
	const settling = minReady > 0 ? `must stay ready for ${minReady} s` : "the last old pods are being replaced";
	return shownBy(workload, "RollingOut", {
		cause:
			late.length === 0
				? `its pods are ready, and ${settling}`
				: `${listed(late.map(({ metadata }) => metadata.name))} ${late.length === 1 ? "is" : "are"} starting`,
		since: recordsAt(workload, "status", "conditions")
			.map(({ lastUpdateTime }) => lastUpdateTime)
			.find((time) => typeof time === "string"),
		next: [{ say: "wait for it", ...kubectl(known, ["rollout", "status", slashName(workload)], workload) }],
		state: "waiting",
	});
};
