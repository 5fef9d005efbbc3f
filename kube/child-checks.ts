import type { DelayCause, KubeObject, MissingChildren } from "../schemas/common.ts";
import type { KubectlCommand } from "../schemas/findings/command.ts";
import type { FindingOf, Warning } from "../schemas/findings/finding.ts";
import type { MissingAddress } from "../schemas/findings/services.ts";
import { DESIRED_HASH_ANNOTATION, YIELDED_ANNOTATION } from "../schemas/vocabulary.ts";
import type { Check, StatusCheck, WarningCheck } from "./check-list.ts";
import { notCreated, syncErrors, type Verdict } from "./conditions.ts";
import { isYielded } from "./contested-fields.ts";
import {
	type ChildrenView,
	type Delay,
	externalAddress,
	isBalanced,
	isLate,
	isStalled,
	type Late,
	patienceOf,
} from "./delays.ts";
import { changedFields, isRewritten } from "./drift.ts";
import { foreignFields, rolloutHeld } from "./foreign-fields.ts";
import { canonicalJson, observedOf } from "./object.ts";
import { isOutdated } from "./pod-changes.ts";
import { redactedText } from "./redaction.ts";
import { secondsBetween } from "./time.ts";
import type { ClaimInTrouble } from "./volume-claims.ts";

// What keeps children of any kind from being as they were sent: checks that come before those of the kind.

/** Input of the checks. */
export interface ChildrenInput {
	/** With the fields that are yielded to others as those have them. */
	readonly view: ChildrenView;
	/** The children as the kind built them. */
	readonly built: readonly KubeObject[];
	/** Whether the kind's own checks find nothing that keeps it from being Ready. */
	readonly isReady: boolean;
	/** Whether the parent is not being deleted: its children would be on their way out with it. */
	readonly isStaying: boolean;
	readonly missing: MissingChildren;
	readonly going: readonly Verdict[];
	/** Delays that are longer than is ordinary. */
	readonly overdue: readonly Late[];
	/** Claims in trouble for longer than is ordinary. */
	readonly due: readonly ClaimInTrouble[];
	/** The one that the verdict is about. */
	readonly awaited: ClaimInTrouble | undefined;
}

type ChildCheck = StatusCheck<ChildrenInput>;
type ChildWarning = WarningCheck<ChildrenInput>;

// ── Overdue ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const failed = (finding: Verdict["finding"], stalled: boolean): Verdict => ({
	ready: "False",
	phase: "Failed",
	finding,
	stalled,
});

/** Metacontroller writes what it was given at once: a child that stays as it was has been refused. */
export const changeRefused: ChildCheck = ({ view: { parent, now }, overdue }) => {
	const [first] = overdue.flatMap(({ delay, child, there }) => {
		const what = refusedChange(delay, child, there);
		return what === undefined ? [] : [{ delay, what }];
	});
	if (first === undefined) return undefined;
	const { delay, what } = first;
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

/** The pods of a workload are not created. */
export const podsRefused: Check<Pick<ChildrenInput, "view" | "overdue">, Verdict> = ({ view: { now }, overdue }) => {
	const first = overdue.find(({ delay }) => delay.cause === "PodsMissing");
	if (first === undefined) return undefined;
	const { delay, child } = first;
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

/** A Ready workload stays Ready while it is scaled up; a claim has more information than missing pods. */
export const volumeMissing: ChildCheck = ({ awaited }) =>
	awaited && {
		ready: "False",
		phase: awaited.stalled ? "Failed" : "Pending",
		finding: { reason: "VolumeUnavailable", ...heldVolume(awaited) },
		stalled: awaited.stalled,
	};

/** Claims in trouble that the verdict is not about. */
export const volumeUnavailable: ChildWarning = ({ due, awaited, isReady }) =>
	due
		.filter((claim) => claim !== awaited && (isReady || !claim.isAwaited))
		.map((claim) => ({ warning: "VolumeUnavailable", ...heldVolume(claim) }));

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

/** A load balancer that has had no address for longer than is ordinary. */
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

/** Delays that keep nothing from being Ready. */
export const childLate: ChildWarning = ({ overdue }) =>
	overdue.flatMap((late) => WARNINGS[late.delay.cause]?.(late) ?? []);

/** Fields that another client changes on each write. */
export const fieldsRewritten: ChildWarning = ({ built, view: { observed }, overdue }) =>
	built.flatMap((child) => rewritten(child, observedOf(observed, child), overdue));

/** Fields of a child that another client changes on each write: those that are yielded, and those that will be. */
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
export const GOING_SECONDS = 60;

/** The garbage collector's and Metacontroller's own are removed by them. */
const isForeign = (finalizer: string): boolean =>
	!["foregroundDeletion", "orphan"].includes(finalizer) && !finalizer.startsWith("metacontroller.");

/** One verdict for each child that is being deleted. */
export const childrenGoing = ({ wanted, observed, now }: ChildrenView): Verdict[] =>
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

// ── Lists ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const childTerminating: ChildCheck = ({ going: [first] }) => first;

const childNotCreated: ChildCheck = ({ view: { parent, related, now }, missing }) =>
	notCreated(parent, missing, related, now);

const rolloutStopped: ChildCheck = ({ isStaying, view: { wanted, observed } }) =>
	isStaying ? rolloutHeld(wanted, observed) : undefined;

const fieldsForeign: ChildWarning = ({ view: { wanted, observed } }) => foreignFields(wanted, observed);

/** In this order: the first that finds something decides. All of them come before the kind's own. */
export const CHILD_CHECKS: readonly ChildCheck[] = [
	childTerminating,
	childNotCreated,
	changeRefused,
	volumeMissing,
	podsRefused,
	rolloutStopped,
];

/** In the order in which they are reported. */
export const CHILD_WARNINGS: readonly ChildWarning[] = [fieldsForeign, childLate, volumeUnavailable, fieldsRewritten];
