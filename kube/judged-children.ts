import type { DelayCause, DelayedChildren, KubeObject, MissingChildren } from "../schemas/common.ts";
import type { KubectlCommand } from "../schemas/findings/command.ts";
import type { MissingAddress } from "../schemas/findings/common.ts";
import type { FindingOf, Warning } from "../schemas/findings/finding.ts";
import { DESIRED_HASH_ANNOTATION, YIELDED_ANNOTATION } from "../schemas/vocabulary.ts";
import { type ClaimInTrouble, claimsInTrouble } from "./claims.ts";
import { missingChildren, missingResync, missingSince, notCreated, syncErrors, type Verdict } from "./conditions.ts";
import {
	type ChildrenView,
	type Delay,
	externalAddress,
	isBalanced,
	isLate,
	isOverdue,
	isStalled,
	isToCorrect,
	type Late,
	lateChildren,
	patienceOf,
	untilVerdict,
} from "./delays.ts";
import { changedFields, correction, isRewritten } from "./drift.ts";
import { foreignFields, rolloutHeld } from "./holds.ts";
import { isObserved } from "./judge.ts";
import { isRelatedKind } from "./namesakes.ts";
import { canonicalJson, isGoing, observedOf } from "./object.ts";
import { isTaken } from "./ownership.ts";
import { redactedText } from "./redaction.ts";
import { isOutdated } from "./rollout.ts";
import { secondsBetween, soonest } from "./time.ts";
import { isYielded, yielded, yielding } from "./yielded.ts";

// Findings about children of any kind, before the checks of a kind: missing, late, or being deleted.

export interface ChildrenJudged {
	readonly missing: MissingChildren;
	readonly delayed: DelayedChildren;
	/** Findings that come before those of the kind. */
	readonly found: Verdict | undefined;
	readonly warnings: readonly Warning[];
	/** The children to send, with drift corrections. */
	readonly sent: readonly KubeObject[];
	readonly resyncAfterSeconds: number | undefined;
}

/** `isReady`: the kind's own checks find no problem. */
export const childrenJudged = (given: ChildrenView, isReady: boolean): ChildrenJudged => {
	const { parent, observed, related, now } = given;
	const wanted = given.wanted.map((child) => yielded(child, observedOf(observed, child)));
	const view = { ...given, wanted };
	const lasting = wanted.filter((child) => !isBeingCreated(view, child));
	const missing = missingChildren(parent, isObserved(parent) ? wanted : lasting, observed, now);
	// The children of an object that is being deleted are deleted with it.
	const isStaying = !isGoing(parent);
	const late = isStaying ? lateChildren(view) : [];
	const going = isStaying ? childrenGoing(view) : [];
	const overdue = late.filter(({ delay }) => isOverdue(delay, now));
	const claims = isStaying ? claimsInTrouble(view) : [];
	const due = claims.filter(({ dueIn }) => dueIn === 0);
	const refusal = first(overdue, (each) => podsRefused(view, each));
	// A Ready workload stays Ready while it is scaled up; a claim has more information than missing pods.
	const awaited = isReady && refusal === undefined ? undefined : due.find(({ isAwaited }) => isAwaited);
	return {
		missing,
		delayed: late.map(({ delay }) => delay),
		warnings: isStaying
			? [
					...foreignFields(wanted, observed),
					...overdue.flatMap(warningsOf),
					...due.filter((claim) => claim !== awaited && (isReady || !claim.isAwaited)).map(volumeWarning),
					...given.wanted.flatMap((child) => rewritten(child, observedOf(observed, child), overdue)),
				]
			: [],
		found:
			going[0] ??
			notCreated(parent, missing, related, now) ??
			first(overdue, (each) => refusedVerdict(view, each)) ??
			(awaited && volumeMissing(awaited)) ??
			refusal ??
			(isStaying ? rolloutHeld(wanted, observed) : undefined),
		sent: wanted.map((child) => correctedChild(child, late, now)),
		resyncAfterSeconds: soonest(
			missingResync(missingChildren(parent, lasting, observed, now), now),
			...late.map((each) => untilVerdict(each, now)),
			going.length === 0 ? undefined : GOING_SECONDS + 1,
			...claims.filter(({ isAwaited }) => isAwaited).map(({ dueIn }) => (dueIn === 0 ? GOING_SECONDS : dueIn) + 1),
		),
	};
};

/**
 * Whether Metacontroller is about to create a child that was not missing before. The creation triggers a sync of the parent, and a
 * failure is retried at once, so no sync needs to be scheduled. Except if another object has the name, which is ignored.
 */
const isBeingCreated = ({ parent, observed, related }: ChildrenView, child: KubeObject): boolean =>
	missingSince(parent, child) === undefined &&
	isRelatedKind(child.kind) &&
	!isTaken({ parent, children: observed, related }, child);

const first = <Item, Result>(items: readonly Item[], find: (item: Item) => Result | undefined): Result | undefined => {
	for (const item of items) {
		const found = find(item);
		if (found !== undefined) return found;
	}
	return undefined;
};

const correctedChild = (child: KubeObject, late: readonly Late[], now: string): KubeObject => {
	const due = late.find((each) => each.child === child && isToCorrect(each.delay, now));
	if (due === undefined) return child;
	const { delay, there } = due;
	const next = isOverdue(delay, now) && isRewritten(there, delay.since) ? yielding(child, there) : child;
	return next === child ? correction(child, there, delay.since) : next;
};

// ── Overdue ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const failed = (finding: Verdict["finding"], stalled: boolean): Verdict => ({
	ready: "False",
	phase: "Failed",
	finding,
	stalled,
});

/** Metacontroller writes a response at once: a child that stays unchanged was rejected. */
const refusedVerdict = ({ parent, now }: ChildrenView, { delay, child, there }: Late): Verdict | undefined => {
	const what = refusedChange(delay, child, there);
	if (what === undefined) return undefined;
	const { kind, name, cause } = delay;
	const { seconds } = patienceOf(cause);
	const remedy = syncErrors(parent);
	return failed({ reason: "ChildRefused", child: { kind, name }, ...what, seconds, remedy }, isStalled(delay, now));
};

const refusedChange = (
	{ cause, since }: Delay,
	child: KubeObject,
	there: KubeObject,
): Pick<FindingOf<"ChildRefused">, "change" | "field"> | undefined => {
	if (cause === "Outdated") return { change: "update" };
	if (cause !== "Overridden" || isRewritten(there, since)) return undefined;
	const [changed] = changedFields(child, there);
	if (changed === undefined) return undefined;
	return { change: "correction", field: { path: changed.path, isMissing: changed.stored === undefined } };
};

const podsRefused = ({ now }: ChildrenView, { delay, child }: Late): Verdict | undefined => {
	if (delay.cause !== "PodsMissing") return undefined;
	const { kind, name } = delay;
	const finding = {
		reason: "ReplicaFailure",
		workload: { kind, name },
		words: undefined,
		remedy: described(child),
	} as const;
	return failed(finding, isStalled(delay, now));
};

const heldVolume = ({ workload, claim, trouble, remedy }: ClaimInTrouble) => ({ workload, claim, trouble, remedy });

const volumeMissing = (claim: ClaimInTrouble): Verdict => ({
	ready: "False",
	phase: claim.stalled ? "Failed" : "Pending",
	finding: { reason: "VolumeUnavailable", ...heldVolume(claim) },
	stalled: claim.stalled,
});

const volumeWarning = (claim: ClaimInTrouble): Warning => ({ warning: "VolumeUnavailable", ...heldVolume(claim) });

const described = ({ kind, metadata: { name, namespace = "default" } }: KubeObject): KubectlCommand => ({
	verb: "describe",
	kind: kind.toLowerCase(),
	name,
	namespace,
});

const withoutAddress = (service: KubeObject): MissingAddress => ({
	service: service.metadata.name,
	seconds: patienceOf("NoAddress").seconds,
	remedy: described(service),
});

/** A load balancer without an address for longer than usual. */
export const missingAddress = ({
	parent,
	wanted,
	observed,
	now,
}: Omit<ChildrenView, "related">): MissingAddress | undefined => {
	const service = wanted.find(isBalanced);
	if (service === undefined || externalAddress(wanted, observed) !== undefined) return undefined;
	return isLate(parent, service, "NoAddress", now) ? withoutAddress(service) : undefined;
};

const WARNINGS: { readonly [Cause in DelayCause]?: (late: Late) => Warning[] } = {
	NoAddress: ({ child }) => [{ warning: "NoAddress", ...withoutAddress(child) }],
	Rescaled: ({ delay: { kind, name } }) => [{ warning: "Rescaled", workload: { kind, name } }],
};

const warningsOf = (late: Late): Warning[] => WARNINGS[late.delay.cause]?.(late) ?? [];

/** Fields of a child that another client changes after every write: yielded ones, and those that will be. */
const rewritten = (child: KubeObject, there: KubeObject | undefined, overdue: readonly Late[]): Warning[] => {
	if (there === undefined || isOutdated(child, there, DESIRED_HASH_ANNOTATION)) return [];
	const { kind, metadata } = child;
	const { name, namespace = "default" } = metadata;
	const isDue = overdue.some(
		({ delay, there: same }) => same === there && delay.cause === "Overridden" && isRewritten(there, delay.since),
	);
	const fields = changedFields(child, there)
		.filter(({ path }) => isDue || isYielded(there, path))
		.map(({ path, sent, stored }) => ({
			path,
			sent: shown(sent),
			...(stored !== undefined && { stored: shown(stored) }),
		}));
	if (fields.length === 0) return [];
	const flags = [`${YIELDED_ANNOTATION}-`];
	return [
		{
			warning: "Rewritten",
			child: { kind, name },
			fields,
			remedy: { verb: "annotate", kind: kind.toLowerCase(), name, namespace, flags },
		},
	];
};

/** A value as a status may show it. */
const shown = (value: unknown): string =>
	redactedText((typeof value === "string" ? value : canonicalJson(value)).slice(0, MOST_SHOWN));

const MOST_SHOWN = 1000;

// ── Children that are being deleted ─────────────────────────────────────────────────────────────────────────────────

/** Seconds after which a remaining finalizer needs a user. */
const GOING_SECONDS = 60;

/** The garbage collector and Metacontroller remove their own finalizers. */
const isForeign = (finalizer: string): boolean =>
	!["foregroundDeletion", "orphan"].includes(finalizer) && !finalizer.startsWith("metacontroller.");

const childrenGoing = ({ wanted, observed, now }: ChildrenView): Verdict[] =>
	wanted.flatMap((child) => {
		const { kind, metadata } = observedOf(observed, child) ?? child;
		const { name, namespace = "default", deletionTimestamp: since, finalizers = [] } = metadata;
		if (since === undefined) return [];
		const isStuck = finalizers.some(isForeign) && secondsBetween(since, now) >= GOING_SECONDS;
		return [
			{
				ready: "False",
				phase: isStuck ? "Failed" : "Pending",
				finding: {
					reason: "ChildTerminating",
					child: { kind, name },
					since,
					finalizers,
					remedy: { verb: "get", kind: kind.toLowerCase(), name, namespace, flags: ["-o", "yaml"] },
				},
				stalled: isStuck,
			},
		];
	});
