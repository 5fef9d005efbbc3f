import { conditionOf, conditionsOf } from "../../kube/conditions.ts";
import { isObserved, type Health as Judged, judge } from "../../kube/health.ts";
import { compact, valueAt } from "../../kube/object.ts";
import { seenOf } from "../../kube/partial-object.ts";
import { countOf, podCounts } from "../../kube/rollout.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { PrismRoster } from "../../schemas/prismroster.ts";
import type { Color } from "../text/paint.ts";
import type { ClusterView } from "./cluster-view.ts";
import { isOurs } from "./kinds.ts";
import { podTrouble } from "./pod-trouble.ts";
import { isPodReady, readySince } from "./pods.ts";

// Health of an object as a symbol, a word and a sentence, the same in every command.

export type Mark = "good" | "waiting" | "bad" | "paused" | "plain";

/** They differ in shape and color, and always have a word beside them. */
export const MARKS: Readonly<Record<Mark, string>> = { good: "✔", waiting: "…", bad: "✖", paused: "‖", plain: "·" };

export const MARK_COLORS: Readonly<Record<Mark, Color>> = {
	good: "green",
	waiting: "yellow",
	bad: "red",
	paused: "cyan",
	plain: "dim",
};

export interface Health {
	readonly mark: Mark;
	/** "Ready", or the reason. */
	readonly word: string;
	readonly message: string;
	/** Start of this state; undefined if unknown. */
	readonly since?: string | undefined;
}

/** Words for states that no condition reports. */
export const UNANSWERED = "NotAnswered";
export const OUTDATED = "Outdated";
const DELETING = "Deleting";

export const isPaused = (object: KubeObject): boolean => conditionOf(object, "Paused")?.status === "True";

export const healthOf = (object: KubeObject, view: ClusterView): Health => {
	if (object.kind === "PrismRoster") return rosterHealth(object);
	if (isOurs(object)) return ourHealth(object, view.now);
	if (object.kind === "Pod") return podHealth(object, view);
	if (object.kind === "Deployment" || object.kind === "StatefulSet" || object.kind === "ReplicaSet")
		return replicaHealth(object);
	if (object.kind === "HorizontalPodAutoscaler") return autoscalerHealth(object);
	return { mark: "plain", word: "", message: "" };
};

// ── Ours ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const MARK_OF: Readonly<Record<Judged, Mark>> = {
	healthy: "good",
	progressing: "waiting",
	degraded: "bad",
	suspended: "paused",
	gone: "waiting",
};

/** Seconds within which the operator reconciles a new object; after that, something is wrong. */
export const ANSWERED_WITHIN = 15;

const ourHealth = (object: KubeObject, now: string): Health => {
	const { deletionTimestamp, creationTimestamp } = object.metadata;
	const ready = conditionOf(object, "Ready");
	if (deletionTimestamp !== undefined)
		return {
			mark: secondsBetween(deletionTimestamp, now) > STUCK_AFTER ? "bad" : "waiting",
			word:
				ready !== undefined && ready.status !== "True" && DELETION_REASONS.includes(ready.reason)
					? ready.reason
					: DELETING,
			message:
				ready !== undefined && DELETION_REASONS.includes(ready.reason)
					? ready.message
					: "being deleted, waits for its finalizers",
			since: deletionTimestamp,
		};
	if (ready === undefined) {
		const age = secondsBetween(creationTimestamp ?? now, now);
		const late = age > ANSWERED_WITHIN;
		return {
			mark: late ? "bad" : "waiting",
			word: UNANSWERED,
			message: late
				? "not reconciled yet: Metacontroller does not call the operator, or the operator fails"
				: "new, not reconciled yet",
			since: creationTimestamp ?? undefined,
		};
	}
	if (!isObserved(object))
		return {
			mark: "waiting",
			word: OUTDATED,
			message: `status describes generation ${countOf(object["status"], "observedGeneration") ?? 0}, spec is at generation ${object.metadata.generation}`,
			since: changedAt(object),
		};
	const since = ready.lastTransitionTime;
	const mark = MARK_OF[judge(object)];
	if (ready.status !== "True") return { mark, word: ready.reason, message: ready.message, since };
	return mark === "paused"
		? { mark, word: "Paused", message: `ready, and paused: ${ready.message}`, since }
		: { mark, word: "Ready", message: [ready.message, ...warningsOf(object)].join("; "), since };
};

/** Reasons that name what a deletion waits for. */
export const DELETION_REASONS: readonly string[] = [
	"Terminating",
	"Revoking",
	"NamespacesRemain",
	"NamespacesUnknown",
	"PluginInUse",
];
/** Seconds after which a deletion counts as stuck. */
export const STUCK_AFTER = 120;

/** Messages of the Warning condition. */
export const warningsOf = (object: KubeObject): string[] =>
	conditionsOf(object)
		.filter(({ type, status }) => type === "Warning" && status === "True")
		.map(({ message }) => `warning: ${message}`);

/** Time of the last write of spec, according to managedFields. */
export const changedAt = ({ metadata: { managedFields = [], creationTimestamp } }: KubeObject): string | undefined => {
	const times = managedFields
		.filter(
			(entry) => valueAt(entry, "subresource") === undefined && valueAt(entry, "fieldsV1", "f:spec") !== undefined,
		)
		.map((entry) => valueAt(entry, "time"))
		.filter((time) => typeof time === "string");
	return times.toSorted().at(-1) ?? creationTimestamp ?? undefined;
};

const rosterHealth = (roster: KubeObject): Health => {
	const { instances = [], draining, deleting, accepting } = seenOf(PrismRoster, roster).spec;
	const message = compact([
		`${instances.filter(({ ready }) => ready === true).length}/${instances.length} instances ready`,
		draining === true && "draining",
		deleting === true && "deleting",
		accepting === false && "accepts no new namespaces",
	]);
	return { mark: "plain", word: "", message: message.join(", ") };
};

// ── Kubernetes' ─────────────────────────────────────────────────────────────────────────────────────────────────────

const podHealth = (pod: KubeObject, view: ClusterView): Health => {
	const trouble = podTrouble(pod, view);
	if (trouble === undefined) {
		const [mark, word] = isPodReady(pod) ? (["good", "Ready"] as const) : (["waiting", "Pending"] as const);
		return { mark, word, message: "", since: readySince(pod) };
	}
	return {
		mark: trouble.remedy === "wait" || trouble.word === "Terminating" ? "waiting" : "bad",
		word: trouble.word,
		message: trouble.says,
		since: trouble.since,
	};
};

const replicaHealth = (object: KubeObject): Health => {
	const { wanted, available } = podCounts(object);
	const message = `${available}/${wanted} available`;
	if (object.kind === "ReplicaSet" && wanted === 0 && (countOf(object["status"], "replicas") ?? 0) === 0)
		return { mark: "plain", word: "", message: "old" };
	const failing =
		conditionOf(object, "Progressing")?.status === "False" || conditionOf(object, "ReplicaFailure")?.status === "True";
	const mark = available >= wanted ? "good" : failing ? "bad" : "waiting";
	const since = conditionOf(object, "Available")?.lastTransitionTime;
	return { mark, word: available >= wanted ? "Ready" : failing ? "Failing" : "Progressing", message, since };
};

const autoscalerHealth = (object: KubeObject): Health => {
	const broken = conditionsOf(object).find(
		({ type, status }) => status === "False" && (type === "ScalingActive" || type === "AbleToScale"),
	);
	const current = countOf(object["status"], "currentReplicas");
	const bounds = `${countOf(object["spec"], "minReplicas") ?? 1} to ${countOf(object["spec"], "maxReplicas") ?? "?"}`;
	if (broken !== undefined)
		return { mark: "bad", word: broken.reason, message: broken.message, since: broken.lastTransitionTime };
	return { mark: "plain", word: "", message: `${current === undefined ? "" : `${current} of `}${bounds} replicas` };
};
