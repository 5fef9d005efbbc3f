import type { Reason } from "./errors.ts";

// The probe's decisions, as pure functions: the verdict on the backend, and when the next check is due.

export type CheckOutcome = "Healthy" | Reason;

export interface Verdict {
	readonly outcome: CheckOutcome;
	/** When the outcome last changed, in milliseconds since the epoch. */
	readonly since: number;
}

/** The probe's activity. "overdue": the check timed out and is being aborted; no other check begins before it ends. */
export type Phase = "waiting" | "checking" | "overdue" | "stopped";

export interface State {
	readonly phase: Phase;
	/** When the last check began. */
	readonly began: number;
	/** When the next check is due, while the phase is "waiting". */
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

/** The state after an event. Events that do not apply to the state, such as a late end of a check, change nothing. */
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
	// The timeout is already the outcome: the check's own result is ignored.
	overdue: (state, { type }, now, intervalMs) => (type === "ended" ? waiting(state, now, intervalMs) : state),
	stopped: (state) => state,
};

/** Checks begin at a fixed interval. A check that took longer is followed by the next at once. */
const waiting = (state: State, now: number, intervalMs: number): State => ({
	...state,
	phase: "waiting",
	due: Math.max(now, state.began + intervalMs),
});

const judged = ({ verdict }: State, outcome: CheckOutcome, now: number): Verdict =>
	verdict.outcome === outcome ? verdict : { outcome, since: now };
