import { DELAY_CAUSES, type DelayCause, type DelayedChildren, type KubeObject } from "../schemas/common.ts";
import type { ObjectMap } from "../schemas/metacontroller.ts";
import { DESIRED_HASH_ANNOTATION } from "../schemas/vocabulary.ts";
import { deviations, isCountWrittenByUs, isRewritten } from "./drift.ts";
import { isGoing, observedOf, recordsAt, valueAt } from "./object.ts";
import { isOutdated } from "./pod-changes.ts";
import { countOf, rolloutOf, statefulSetRollout } from "./rollout.ts";
import { secondsBetween } from "./time.ts";

// Why children of any kind differ from their desired state, and since when. No request contains this: Metacontroller reports
// rejections of the API server only as events, and a StatefulSet does not report why it has no pods.

/** The children to send, and the observed ones. */
export interface ChildrenView {
	readonly parent: KubeObject;
	readonly wanted: readonly KubeObject[];
	readonly observed: ObjectMap;
	readonly related: ObjectMap;
	readonly now: string;
}

export type Delay = DelayedChildren[number];

/** Seconds that a delay usually takes, and seconds after which nothing changes until a user acts. */
const PATIENCE = {
	Outdated: { seconds: 30, stalledAfter: 30 },
	Overridden: { seconds: 30, stalledAfter: 30 },
	PodsUnavailable: { seconds: 600, stalledAfter: 600 },
	NoAddress: { seconds: 60, stalledAfter: 60 },
	PodsMissing: { seconds: 30, stalledAfter: 600 },
	PodsKept: { seconds: 45, stalledAfter: 45 },
	Rescaled: { seconds: 0, stalledAfter: 300 },
} as const satisfies Record<DelayCause, { readonly seconds: number; readonly stalledAfter: number }>;

export const patienceOf = (cause: DelayCause): (typeof PATIENCE)[DelayCause] => PATIENCE[cause];

/** Seconds between two reconciliations for a delay that is already reported. */
const REPORTED_SECONDS = 60;

/** Seconds after which a changed field counts as not corrected; normally, the next write corrects it. */
const CORRECTION_SECONDS = 5;

/** The observed child with a delay, and the one to send. */
export interface Late {
	readonly delay: Delay;
	readonly child: KubeObject;
	readonly there: KubeObject;
}

export const lateChildren = ({ parent, wanted, observed, now }: ChildrenView): Late[] => {
	const known = knownDelays(parent);
	return wanted.flatMap((child) => {
		const there = observedOf(observed, child);
		const { kind, metadata } = child;
		if (there === undefined || isGoing(there)) return [];
		return DELAY_CAUSES.flatMap((cause) => {
			const before = known.find(
				(delay) => delay.kind === kind && delay.name === metadata.name && delay.cause === cause,
			);
			const since = CAUSES[cause](child, there, wanted) ? sinceOf(cause, before, now) : remembered(before, now);
			return since === undefined ? [] : [{ delay: { kind, name: metadata.name, cause, since }, child, there }];
		});
	});
};

const sinceOf = (cause: DelayCause, before: Delay | undefined, now: string): string => {
	if (before === undefined) return now;
	const isOld = cause === "Rescaled" && secondsBetween(before.since, now) >= PATIENCE.Rescaled.stalledAfter / 2;
	return isOld ? now : before.since;
};

/** A replica count that another client reverts at once is observed only for a moment, again and again. */
const remembered = (before: Delay | undefined, now: string): string | undefined =>
	before?.cause === "Rescaled" && secondsBetween(before.since, now) < PATIENCE.Rescaled.stalledAfter
		? before.since
		: undefined;

// ── Causes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

type Cause = (wanted: KubeObject, observed: KubeObject, siblings: readonly KubeObject[]) => boolean;

const outdated: Cause = (wanted, observed) => isOutdated(wanted, observed, DESIRED_HASH_ANNOTATION);

/** For a child that was observed as it was sent last. */
const upToDate =
	(cause: Cause): Cause =>
	(wanted, observed, siblings) =>
		!outdated(wanted, observed, siblings) && cause(wanted, observed, siblings);

const isOverridden: Cause = (wanted, observed) => deviations(wanted, observed).length > 0;

/** All pods of our StatefulSets are created at once: missing ones could not be created. */
const arePodsMissing: Cause = (wanted, { kind, metadata, status }) =>
	kind === "StatefulSet" &&
	(countOf(status, "observedGeneration") ?? 0) >= (metadata.generation ?? 0) &&
	(countOf(status, "replicas") ?? 0) < (countOf(wanted["spec"], "replicas") ?? 1);

const mayKeepPods: Cause = (wanted, observed) =>
	wanted.kind === "StatefulSet" && statefulSetRollout(wanted, observed, DESIRED_HASH_ANNOTATION).mayKeep !== undefined;

const isShort: Cause = (wanted, observed) => {
	if (wanted.kind === "Deployment") return rolloutOf(wanted, observed, DESIRED_HASH_ANNOTATION).state === "unavailable";
	if (wanted.kind !== "StatefulSet") return false;
	const { state, isRolling } = statefulSetRollout(wanted, observed, DESIRED_HASH_ANNOTATION);
	return state === "unavailable" || (state === "progressing" && isRolling !== true);
};

const isUnaddressed: Cause = (wanted, observed) => isBalanced(wanted) && addressOf(observed) === undefined;

const isRescaled: Cause = (wanted, observed, siblings) => {
	if (wanted.kind !== "Deployment" && wanted.kind !== "StatefulSet") return false;
	const isAutoscaled = siblings.some(({ spec }) => valueAt(spec, "scaleTargetRef", "name") === wanted.metadata.name);
	return (
		!isAutoscaled &&
		!isCountWrittenByUs(observed) &&
		countOf(wanted["spec"], "replicas") !== countOf(observed["spec"], "replicas")
	);
};

const CAUSES = {
	Outdated: outdated,
	Overridden: upToDate(isOverridden),
	PodsMissing: upToDate(arePodsMissing),
	PodsKept: upToDate(mayKeepPods),
	PodsUnavailable: upToDate(isShort),
	NoAddress: upToDate(isUnaddressed),
	Rescaled: upToDate(isRescaled),
} as const satisfies Record<DelayCause, Cause>;

export const isBalanced = ({ kind, spec }: KubeObject): boolean =>
	kind === "Service" && valueAt(spec, "type") === "LoadBalancer";

const addressOf = ({ status }: KubeObject): string | undefined => {
	const [ingress] = recordsAt(status, "loadBalancer", "ingress");
	const address = ingress?.["ip"] ?? ingress?.["hostname"];
	return typeof address === "string" ? address : undefined;
};

/** The address that the first Service of type LoadBalancer has; undefined: none yet. */
export const externalAddress = (wanted: readonly KubeObject[], observed: ObjectMap): string | undefined => {
	const service = wanted.find(isBalanced);
	const there = service && observedOf(observed, service);
	return there && addressOf(there);
};

// ── Time ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Seconds for which a Deployment may scale up, or roll out, before unavailable pods are reported. */
export const GROWTH_SECONDS = PATIENCE.PodsUnavailable.seconds;

/** Since when a child is delayed, according to status. */
export const delayedSince = (parent: KubeObject, { kind, name, cause }: Omit<Delay, "since">): string | undefined =>
	knownDelays(parent).find((delay) => delay.kind === kind && delay.name === name && delay.cause === cause)?.since;

/** An edit restarts the delay. */
const knownDelays = ({ metadata, status }: KubeObject): Delay[] => {
	const isEdited = valueAt(status, "observedGeneration") !== metadata.generation;
	return recordsAt(status, "delayed").flatMap(({ kind, name, cause, since }) => {
		const known = DELAY_CAUSES.find((each) => each === cause);
		if (known === undefined || (isEdited && known === "Outdated")) return [];
		if (typeof kind !== "string" || typeof name !== "string" || typeof since !== "string") return [];
		return [{ kind, name, cause: known, since }];
	});
};

/** Whether a child has been delayed for longer than usual, according to status. */
export const isLate = (
	parent: KubeObject,
	{ kind, metadata: { name } }: KubeObject,
	cause: DelayCause,
	now: string,
): boolean => {
	const since = delayedSince(parent, { kind, name, cause });
	return since !== undefined && isOverdue({ kind, name, cause, since }, now);
};

export const isOverdue = ({ cause, since }: Delay, now: string): boolean =>
	secondsBetween(since, now) >= PATIENCE[cause].seconds;

export const isStalled = ({ cause, since }: Delay, now: string): boolean =>
	secondsBetween(since, now) >= PATIENCE[cause].stalledAfter;

/** Whether it is time to correct a field that sending it again did not correct. */
export const isToCorrect = ({ cause, since }: Delay, now: string): boolean =>
	cause === "Overridden" && secondsBetween(since, now) >= CORRECTION_SECONDS;

/** Time of the next reconciliation; undefined: a field that another client rewrites stays. */
export const untilVerdict = ({ delay, there }: Late, now: string): number | undefined => {
	const { cause, since } = delay;
	const { seconds, stalledAfter } = PATIENCE[cause];
	const limits = cause === "Overridden" ? [CORRECTION_SECONDS, seconds] : [seconds, stalledAfter];
	const left = limits.map((limit) => limit - secondsBetween(since, now)).filter((each) => each > 0);
	if (left.length > 0) return Math.min(...left) + 1;
	return cause === "Overridden" && isRewritten(there, since) ? undefined : REPORTED_SECONDS;
};
