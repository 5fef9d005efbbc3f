import type { Condition, DelayedChildren, KubeObject, MissingChildren } from "../schemas/common.ts";
import type { Command } from "../schemas/findings/command.ts";
import type { Finding, Warning } from "../schemas/findings/finding.ts";
import { findingText } from "../schemas/messages/text.ts";
import type { ObjectMap } from "../schemas/metacontroller.ts";
import { isNameWatched, leftOver } from "./namesakes.ts";
import { isRecord, objectsOf, observedOf } from "./object.ts";
import { secondsBetween } from "./time.ts";

// Status in the Kubernetes convention, as kstatus and Argo CD read it: `Ready` always, `Reconciling` and `Stalled` only
// while they are True, each with the generation that it was computed from.

/** Result of one ordered check; the first finding decides. */
export interface Verdict {
	readonly ready: "True" | "False" | "Unknown";
	readonly phase: string;
	readonly finding: Finding;
	/** Nothing changes until a user acts: `Stalled` instead of `Reconciling`. */
	readonly stalled?: boolean;
}

/** The findings of a hook, before they are rendered. */
export interface Found {
	readonly verdict: Verdict;
	readonly warnings: readonly Warning[];
}

/** Input of the status head. */
export interface Report {
	readonly parent: KubeObject;
	readonly verdict: Verdict;
	readonly warnings: readonly Warning[];
	/** Message of the Paused condition, while the object is paused. */
	readonly paused?: Finding | undefined;
	readonly missing: MissingChildren;
	readonly delayed?: DelayedChildren;
	/** Conditions of the kind, in addition to the shared ones. */
	readonly more?: readonly ConditionFinding[];
	/** Conditions that are not changed. */
	readonly kept?: readonly Condition[];
	readonly now: string;
}

/** The fields with which every status begins. */
export interface StatusHead {
	observedGeneration: number;
	phase: string;
	missing?: MissingChildren;
	delayed?: DelayedChildren;
	conditions: Condition[];
}

/** The status with the findings. This is the only function that renders them as messages. */
export const statusHead = (report: Report): StatusHead => {
	const { parent, verdict, warnings, paused, missing, delayed = [], more = [], kept = [], now } = report;
	const observedGeneration = parent.metadata.generation ?? 0;
	const { ready, finding, stalled = false } = verdict;
	const found: ConditionFinding[] = [
		{ type: "Ready", status: ready, finding },
		...(ready !== "True" && !stalled ? [{ type: "Reconciling", status: "True", finding } as const] : []),
		...(stalled ? [{ type: "Stalled", status: "True", finding } as const] : []),
		...(paused === undefined ? [] : [{ type: "Paused", status: "True", finding: paused } as const]),
		...(warnings.length === 0
			? []
			: [{ type: "Warning", status: "True", finding: { reason: "Warnings", warnings } } as const]),
		...more,
	];
	const drafts = [
		...found.map(draftOf),
		...kept.map(({ type, status, reason, message }) => ({ type, status, reason, message })),
	];
	const previous = conditionsOf(parent);
	return {
		observedGeneration,
		phase: verdict.phase,
		...(missing.length > 0 && { missing }),
		...(delayed.length > 0 && { delayed }),
		conditions: drafts.map((draft) => ({
			...draft,
			observedGeneration,
			lastTransitionTime:
				previous.find(({ type, status }) => type === draft.type && status === draft.status)?.lastTransitionTime || now,
		})),
	};
};

const draftOf = ({ type, status, finding }: ConditionFinding): ConditionDraft => ({
	type,
	status,
	reason: finding.reason,
	message: clipped(findingText(finding)),
});

/** Maximum length of a message; the API server would reject a status with a longer one at every sync. */
const clipped = (message: string): string =>
	message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE - 3)}...`;
const LONGEST_MESSAGE = 32_768;

/** A condition before it is rendered. */
export interface ConditionFinding extends Pick<Condition, "type" | "status"> {
	readonly finding: Finding;
}

/** A condition without its transition time. */
type ConditionDraft = Pick<Condition, "type" | "status" | "reason" | "message">;

/** Conditions of an observed object; none when its status is absent or malformed. */
export const conditionsOf = (object: KubeObject): Condition[] => {
	const status = object["status"];
	if (!isRecord(status) || !Array.isArray(status["conditions"])) return [];
	return status["conditions"].flatMap(conditionIn);
};

/** Kubernetes' own kinds can omit all fields but type and status: missing ones are empty. */
const conditionIn = (value: unknown): Condition[] => {
	if (!isRecord(value)) return [];
	const { type, status, observedGeneration } = value;
	const known = STATUSES.find((each) => each === status);
	if (typeof type !== "string" || known === undefined) return [];
	const text = (field: string) => (typeof value[field] === "string" ? value[field] : "");
	return [
		{
			type,
			status: known,
			...(typeof observedGeneration === "number" && { observedGeneration }),
			reason: text("reason"),
			message: text("message"),
			lastTransitionTime: text("lastTransitionTime"),
		},
	];
};

const STATUSES: readonly Condition["status"][] = ["True", "False", "Unknown"];

export const conditionOf = (object: KubeObject, type: string): Condition | undefined =>
	conditionsOf(object).find((condition) => condition.type === type);

/** Missing children, each with the time since when the operator knows it. */
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

/** Since when a child is missing, according to status. */
export const missingSince = (parent: KubeObject, { kind, metadata }: Pick<KubeObject, "kind" | "metadata">) =>
	knownMissing(parent).find((entry) => entry.kind === kind && entry.name === metadata.name)?.since;

/** The missing children in status. */
export const knownMissing = (parent: KubeObject): MissingChildren => {
	const status = parent["status"];
	if (!isRecord(status) || !Array.isArray(status["missing"])) return [];
	return status["missing"].filter(
		(entry): entry is MissingChildren[number] =>
			isRecord(entry) && ["kind", "name", "since"].every((field) => typeof entry[field] === "string"),
	);
};

/** Seconds for which a child may be missing before that is reported. */
export const CREATION_SECONDS = 30;

/**
 * Metacontroller ignores "already exists": such a child is missing forever, without an error. Any other cause is an error
 * of the API server.
 */
export const notCreated = (
	parent: KubeObject,
	missing: MissingChildren,
	related: ObjectMap,
	now: string,
): Verdict | undefined => {
	const overdue = missing.find(({ since }) => secondsBetween(since, now) >= CREATION_SECONDS);
	if (overdue === undefined) return undefined;
	const { kind, name } = overdue;
	const { namespace = "default" } = parent.metadata;
	const there = objectsOf(related).find(
		({ kind: other, metadata }) => other === kind && metadata.name === name && metadata.namespace === namespace,
	);
	const takeOver = there && leftOver(parent, there, objectsOf(related));
	const finding: Finding = there
		? {
				reason: "NameTaken",
				child: { kind, name },
				...(takeOver && { isLeftOver: true }),
				seconds: CREATION_SECONDS,
				remedy: takeOver ?? { verb: "get", kind: kind.toLowerCase(), name, namespace, flags: ["-o", "yaml"] },
			}
		: {
				reason: "ChildRefused",
				child: { kind, name },
				change: "creation",
				...(!isNameWatched(related, { kind }) && { isNameUnknown: true }),
				seconds: CREATION_SECONDS,
				remedy: syncErrors(parent),
			};
	return { ready: "False", phase: "Failed", finding, stalled: true };
};

/** The command that shows the events in which Metacontroller quotes the API server. */
export const syncErrors = ({ metadata: { name, namespace = "default" } }: KubeObject): Command => ({
	verb: "get",
	kind: "events",
	namespace,
	flags: ["--field-selector", `reason=SyncError,involvedObject.name=${name}`],
});

/** Seconds until the next check of missing children; undefined if none is missing. */
export const missingResync = (missing: MissingChildren, now: string): number | undefined => {
	if (missing.length === 0) return undefined;
	const left = missing.map(({ since }) => CREATION_SECONDS - secondsBetween(since, now));
	const soonest = Math.min(...left.filter((seconds) => seconds > 0));
	return Number.isFinite(soonest) ? soonest + 1 : 2 * CREATION_SECONDS;
};
