import type { Condition, KubeObject, MissingChildren } from "../schemas/common.ts";
import type { ObjectMap } from "../schemas/metacontroller.ts";
import { isRecord, observedOf } from "./object.ts";
import { secondsBetween } from "./time.ts";

// Status in the Kubernetes convention, as kstatus and Argo CD read it: `Ready` always, `Reconciling` and `Stalled` only
// while they are True, each with the generation that it was computed from.

/** What one ordered check found; the first finding decides. */
export interface Verdict {
	readonly ready: "True" | "False" | "Unknown";
	readonly phase: string;
	readonly reason: string;
	readonly message: string;
	/** Nothing will change before somebody acts: `Stalled` instead of `Reconciling`. */
	readonly stalled?: boolean;
}

/** Everything that the head of a status is computed from. */
export interface Report {
	readonly parent: KubeObject;
	readonly verdict: Verdict;
	readonly warnings: readonly string[];
	/** Message of the Paused condition, while the object is paused. */
	readonly paused?: string | undefined;
	readonly missing: MissingChildren;
	/** The kind's own conditions, beside those that all kinds share. */
	readonly more?: readonly ConditionDraft[];
	readonly now: string;
}

/** The fields that every kind's status begins with. */
export interface StatusHead {
	observedGeneration: number;
	phase: string;
	missing?: MissingChildren;
	conditions: Condition[];
}

export const statusHead = ({ parent, verdict, warnings, paused, missing, more = [], now }: Report): StatusHead => {
	const observedGeneration = parent.metadata.generation ?? 0;
	const { reason } = verdict;
	const message = clipped(verdict.message);
	const drafts = [
		{ type: "Ready", status: verdict.ready, reason, message },
		verdict.ready !== "True" && verdict.stalled !== true && { type: "Reconciling", status: "True", reason, message },
		verdict.stalled === true && { type: "Stalled", status: "True", reason, message },
		paused !== undefined && { type: "Paused", status: "True", reason: "PausedByAnnotation", message: paused },
		warnings.length > 0 && {
			type: "Warning",
			status: "True",
			reason: "Warnings",
			message: clipped(sentences(warnings)),
		},
		...more,
	].filter((draft): draft is ConditionDraft => draft !== false);
	const previous = conditionsOf(parent);
	return {
		observedGeneration,
		phase: verdict.phase,
		...(missing.length > 0 && { missing }),
		conditions: drafts.map((draft) => ({
			...draft,
			observedGeneration,
			lastTransitionTime:
				previous.find(({ type, status }) => type === draft.type && status === draft.status)?.lastTransitionTime ?? now,
		})),
	};
};

/** As much as a condition may say; a status with more would be refused as a whole, at every sync. */
const clipped = (message: string): string =>
	message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE - 3)}...`;
const LONGEST_MESSAGE = 32_768;

/** A condition before it is known since when it holds. */
export type ConditionDraft = Pick<Condition, "type" | "status" | "reason" | "message">;

/** Sorted and without repetition, so that the message does not move when the order of discovery does. */
const sentences = (list: readonly string[]): string => [...new Set(list)].toSorted().join("; ");

/** Conditions of an observed object; none when its status is absent or malformed. */
export const conditionsOf = (object: KubeObject): Condition[] => {
	const status = object["status"];
	if (!isRecord(status) || !Array.isArray(status["conditions"])) return [];
	return status["conditions"].filter(isCondition);
};

const isCondition = (value: unknown): value is Condition =>
	isRecord(value) &&
	["type", "status", "reason", "message", "lastTransitionTime"].every((field) => typeof value[field] === "string");

export const conditionOf = (object: KubeObject, type: string): Condition | undefined =>
	conditionsOf(object).find((condition) => condition.type === type);

/** Children that are wanted and not observed, each with the time since which that is known. */
export const missingChildren = (
	parent: KubeObject,
	wanted: readonly KubeObject[],
	observed: ObjectMap,
	now: string,
): MissingChildren => {
	const known = knownMissing(parent);
	return wanted
		.filter((child) => observedOf(observed, child) === undefined)
		.map(({ kind, metadata: { name } }) => ({
			kind,
			name,
			since: known.find((entry) => entry.kind === kind && entry.name === name)?.since ?? now,
		}));
};

const knownMissing = (parent: KubeObject): MissingChildren => {
	const status = parent["status"];
	if (!isRecord(status) || !Array.isArray(status["missing"])) return [];
	return status["missing"].filter(
		(entry): entry is MissingChildren[number] =>
			isRecord(entry) && ["kind", "name", "since"].every((field) => typeof entry[field] === "string"),
	);
};

/** Seconds for which a child may be missing before its name is taken to belong to somebody else. */
export const NAME_TAKEN_AFTER_SECONDS = 30;

/** Metacontroller swallows "already exists": a child whose name is taken is missing for ever, without an error. */
export const nameTaken = (parent: KubeObject, missing: MissingChildren, now: string): Verdict | undefined => {
	const overdue = missing.find(({ since }) => secondsBetween(since, now) >= NAME_TAKEN_AFTER_SECONDS);
	if (overdue === undefined) return undefined;
	const namespace = parent.metadata.namespace ?? "default";
	return {
		ready: "False",
		phase: "Failed",
		reason: "NameTaken",
		message: `${overdue.kind} ${overdue.name} has not appeared within ${NAME_TAKEN_AFTER_SECONDS} s: an object of that name seems to belong to somebody else, or the API server refuses it. See whose it is: kubectl get ${overdue.kind.toLowerCase()} ${overdue.name} -n ${namespace} -o yaml; or why it is refused: kubectl get events -n ${namespace} --field-selector reason=SyncError,involvedObject.name=${parent.metadata.name}`,
		stalled: true,
	};
};

/** When to look again because a child is missing; undefined when none is. */
export const missingResync = (missing: MissingChildren, now: string): number | undefined => {
	if (missing.length === 0) return undefined;
	const left = missing.map(({ since }) => NAME_TAKEN_AFTER_SECONDS - secondsBetween(since, now));
	const soonest = Math.min(...left.filter((seconds) => seconds > 0));
	return Number.isFinite(soonest) ? soonest + 1 : 2 * NAME_TAKEN_AFTER_SECONDS;
};
