import type { DelayedChildren, KubeObject, MissingChildren } from "../schemas/common.ts";
import type { Warning } from "../schemas/findings/finding.ts";
import { allFound, firstFound } from "./check-list.ts";
import {
	CHILD_CHECKS,
	CHILD_WARNINGS,
	type ChildrenInput,
	childrenGoing,
	GOING_SECONDS,
	podsRefused,
} from "./child-checks.ts";
import { missingChildren, missingResync, missingSince, type Verdict } from "./conditions.ts";
import { yielded, yielding } from "./contested-fields.ts";
import { type ChildrenView, isOverdue, isToCorrect, type Late, lateChildren, untilVerdict } from "./delays.ts";
import { correction, isRewritten } from "./drift.ts";
import { isObserved } from "./health.ts";
import { isNameWatched } from "./namesakes.ts";
import { isGoing, observedOf } from "./object.ts";
import { isTaken } from "./ownership.ts";
import { soonest } from "./time.ts";
import { claimsInTrouble } from "./volume-claims.ts";

// Findings about children of any kind, before the checks of a kind: missing, late, or being deleted.

export interface ChildrenJudged {
	readonly missing: MissingChildren;
	readonly delayed: DelayedChildren;
	/** What comes before all that a kind finds itself. */
	readonly found: Verdict | undefined;
	readonly warnings: readonly Warning[];
	/** The children as they are sent, with the corrections of fields that other clients changed. */
	readonly sent: readonly KubeObject[];
	readonly resyncAfterSeconds: number | undefined;
}

/** `isReady`: the kind's own checks find nothing that keeps it from being Ready. */
export const childrenJudged = (given: ChildrenView, isReady: boolean): ChildrenJudged => {
	const { parent, observed, now } = given;
	const wanted = given.wanted.map((child) => yielded(child, observedOf(observed, child)));
	const view = { ...given, wanted };
	const lasting = wanted.filter((child) => !isBeingCreated(view, child));
	const reported = lasting.filter(
		(child) => isNameWatched(view.related, child) || missingSince(parent, child) !== undefined,
	);
	const missing = missingChildren(parent, isObserved(parent) ? wanted : reported, observed, now);
	const isStaying = !isGoing(parent);
	const late = isStaying ? lateChildren(view) : [];
	const going = isStaying ? childrenGoing(view) : [];
	const overdue = late.filter(({ delay }) => isOverdue(delay, now));
	const claims = isStaying ? claimsInTrouble(view) : [];
	const due = claims.filter(({ dueIn }) => dueIn === 0);
	const isAsked = !isReady || podsRefused({ view, overdue }) !== undefined;
	const awaited = isAsked ? due.find(({ isAwaited }) => isAwaited) : undefined;
	const input: ChildrenInput = { view, built: given.wanted, isReady, isStaying, missing, going, overdue, due, awaited };
	return {
		missing,
		delayed: late.map(({ delay }) => delay),
		warnings: isStaying ? allFound(CHILD_WARNINGS, input) : [],
		found: firstFound(CHILD_CHECKS, input),
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
 * Whether Metacontroller is about to create a child that was not missing before. The creation wakes the parent, and what fails is
 * tried again at once: no time has to pass for the next sync. Except where another object has the name, for that is ignored.
 */
const isBeingCreated = ({ parent, observed, related }: ChildrenView, child: KubeObject): boolean =>
	missingSince(parent, child) === undefined &&
	isNameWatched(related, child) &&
	!isTaken({ parent, children: observed, related }, child);

const correctedChild = (child: KubeObject, late: readonly Late[], now: string): KubeObject => {
	const due = late.find((each) => each.child === child && isToCorrect(each.delay, now));
	if (due === undefined) return child;
	const { delay, there } = due;
	const next = isOverdue(delay, now) && isRewritten(there, delay.since) ? yielding(child, there) : child;
	return next === child ? correction(child, there, delay.since) : next;
};
