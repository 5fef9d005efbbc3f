import type { Reason } from "./errors.ts";

// The probe's decisions, pure: what is known of the backend, and when the next check is due.

export type CheckOutcome = "Healthy" | Reason;

export interface Verdict {
	readonly outcome: CheckOutcome;
	/** When the outcome became this one, in milliseconds since the epoch. */
	readonly since: number;
}

/** What the probe is doing. "overdue": the check's time is up, and it is being given up; no other begins before. */
export type Phase = "waiting" | "checking" | "overdue" | "stopped";

export interface State {
	readonly phase: Phase;
	/** When the last check began. */
	readonly began: number;
	/** When the next check is due, told while waiting. */
	readonly due: number;
	readonly verdict: Verdict;
}

export type ProbeEvent =
	| { readonly type: "due" }
	| { readonly type: "ended"; readonly outcome: CheckOutcome }
	| { readonly type: "timedOut" }
	| { readonly type: "stop" };

export const initialState = (now: number): State => ({
	phase: "waiting",
	began: now,
	due: now,
	verdict: { outcome: "NotChecked", since: now },
});

/** What follows from an event. One that has no meaning in the state, such as an end that comes late, changes nothing. */
export function nextState(state: State, event: ProbeEvent, now: number, intervalMs: number): State {
	if (event.type === "stop") return { ...state, phase: "stopped" };
	return AFTER[state.phase](state, event, now, intervalMs);
}

type Step = typeof nextState;

const AFTER: Readonly<Record<Phase, Step>> = {
	waiting: (state, { type }, now) => (type === "due" ? { ...state, phase: "checking", began: now } : state),
	checking(state, event, now, intervalMs) {
		if (event.type === "timedOut") return { ...state, phase: "overdue", verdict: judged(state, "TimedOut", now) };
		if (event.type !== "ended") return state;
		return waiting({ ...state, verdict: judged(state, event.outcome, now) }, now, intervalMs);
	},
	// Judged already: how a check that came too late ended does not matter.
	overdue: (state, { type }, now, intervalMs) => (type === "ended" ? waiting(state, now, intervalMs) : state),
	stopped: (state) => state,
};

/** Checks begin an interval apart, whatever time they take; one that took longer is followed at once. */
const waiting = (state: State, now: number, intervalMs: number): State => ({
	...state,
	phase: "waiting",
	due: Math.max(now, state.began + intervalMs),
});

const judged = ({ verdict }: State, outcome: CheckOutcome, now: number): Verdict =>
	verdict.outcome === outcome ? verdict : { outcome, since: now };
