import { conditionOf, conditionsOf } from "../../kube/conditions.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import { countOf } from "../../kube/rollout.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { Condition, KubeObject } from "../../schemas/common.ts";
import type { Colour } from "../text/paint.ts";
import { textAt } from "./fields.ts";
import { isOurs } from "./kinds.ts";
import { isPodReady, podTrouble } from "./pods.ts";
import type { ClusterView } from "./view.ts";

// How an object does, in one mark, one word and one sentence: the same in every command.

export type Mark = "good" | "waiting" | "bad" | "paused" | "plain";

/** Told apart by shape as well as by colour, and always with a word beside them. */
export const MARKS: Readonly<Record<Mark, string>> = { good: "✔", waiting: "…", bad: "✖", paused: "‖", plain: "·" };

export const MARK_COLOURS: Readonly<Record<Mark, Colour>> = {
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
	/** Since when it is so; undefined where nobody tells. */
	readonly since?: string | undefined;
}

/** Words of ours for what no condition tells. */
export const UNANSWERED = "NotAnswered";
export const OUTDATED = "Outdated";
const DELETING = "Deleting";

export const isPaused = (object: KubeObject): boolean => conditionOf(object, "Paused")?.status === "True";

/** Ready at the generation that is stored. */
export const isReady = (object: KubeObject): boolean => {
	const ready = conditionOf(object, "Ready");
	return ready?.status === "True" && !isBehind(object, ready) && object.metadata.deletionTimestamp === undefined;
};

/** Whether a condition is about an older spec than the one that is stored. */
export const isBehind = ({ metadata: { generation = 0 } }: KubeObject, { observedGeneration }: Condition): boolean =>
	(observedGeneration ?? 0) < generation;

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

/** Phases in which something that worked, or should work, does not. */
const BROKEN_PHASES: readonly unknown[] = ["Failed", "Degraded", "RolledBack"];
/** Seconds within which a new object has been answered for, or something is wrong. */
export const ANSWERED_WITHIN = 15;

const ourHealth = (object: KubeObject, now: string): Health => {
	const { deletionTimestamp, creationTimestamp } = object.metadata;
	const ready = conditionOf(object, "Ready");
	if (deletionTimestamp !== undefined)
		return {
			mark: secondsBetween(deletionTimestamp, now) > STUCK_AFTER ? "bad" : "waiting",
			word: ready !== undefined && ready.status !== "True" && LEAVING.includes(ready.reason) ? ready.reason : DELETING,
			message:
				ready !== undefined && LEAVING.includes(ready.reason)
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
				? "the hooks have not answered for it yet: Metacontroller does not call them, or they fail"
				: "new, the hooks have not answered yet",
			since: creationTimestamp ?? undefined,
		};
	}
	if (isBehind(object, ready))
		return {
			mark: "waiting",
			word: OUTDATED,
			message: `status is about generation ${ready.observedGeneration ?? 0}, spec is at ${object.metadata.generation}`,
			since: changedAt(object),
		};
	const since = ready.lastTransitionTime;
	if (ready.status === "True") {
		const message = [ready.message, ...warningsOf(object)].join("; ");
		return isPaused(object)
			? { mark: "paused", word: "Paused", message: `ready, and paused: ${ready.message}`, since }
			: { mark: "good", word: "Ready", message, since };
	}
	const broken =
		conditionOf(object, "Stalled")?.status === "True" || BROKEN_PHASES.includes(valueAt(object, "status", "phase"));
	const mark = isPaused(object) ? "paused" : broken ? "bad" : "waiting";
	return { mark, word: ready.reason, message: ready.message, since };
};

/** Reasons that tell what a deletion waits for. */
export const LEAVING: readonly string[] = [
	"Terminating",
	"Revoking",
	"NamespacesRemain",
	"NamespacesUnknown",
	"PluginInUse",
];
/** Seconds after which a deletion is taken to be stuck. */
export const STUCK_AFTER = 120;

/** Of the Warning condition; every message of a ready object that is not just its readiness. */
export const warningsOf = (object: KubeObject): string[] =>
	conditionsOf(object)
		.filter(({ type, status }) => type === "Warning" && status === "True")
		.map(({ message }) => `warning: ${message}`);

/** When spec was last written, as far as the API server keeps note of it. */
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
	const instances = valueAt(roster, "spec", "instances");
	const list = Array.isArray(instances) ? instances : [];
	const ready = list.filter((instance) => valueAt(instance, "ready") === true).length;
	const flags = ["draining", "deleting"].filter((flag) => valueAt(roster, "spec", flag) === true);
	const closed = valueAt(roster, "spec", "accepting") === false ? ["takes no new namespaces"] : [];
	const message = [`${ready}/${list.length} instances ready`, ...flags, ...closed].join(", ");
	return { mark: "plain", word: "", message };
};

// ── Kubernetes' ─────────────────────────────────────────────────────────────────────────────────────────────────────

const podHealth = (pod: KubeObject, view: ClusterView): Health => {
	const trouble = podTrouble(pod, view);
	const since = conditionsSince(pod);
	if (trouble === undefined)
		return {
			mark: isPodReady(pod) ? "good" : "waiting",
			word: isPodReady(pod) ? "Ready" : "Pending",
			message: "",
			since,
		};
	return {
		mark: trouble.cure === "wait" || trouble.word === "Terminating" ? "waiting" : "bad",
		word: trouble.word,
		message: trouble.says,
		since: trouble.since,
	};
};

const conditionsSince = (pod: KubeObject): string | undefined => {
	const ready = recordsAt(pod, "status", "conditions").find(({ type }) => type === "Ready");
	return textAt(ready, "lastTransitionTime");
};

const replicaHealth = (object: KubeObject): Health => {
	const wanted = countOf(object["spec"], "replicas") ?? 1;
	const { status } = object;
	const available = countOf(status, "availableReplicas") ?? countOf(status, "readyReplicas") ?? 0;
	const message = `${available}/${wanted} available`;
	if (object.kind === "ReplicaSet" && wanted === 0 && (countOf(status, "replicas") ?? 0) === 0)
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
