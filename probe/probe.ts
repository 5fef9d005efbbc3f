import type { Time } from "../kube/time.ts";
import type { Checker } from "./connection.ts";
import { reasonOf } from "./errors.ts";
import { type CheckOutcome, initialState, nextState, type ProbeEvent, type Verdict } from "./verdict.ts";

// The loop: runs the checker on the clock, as verdict.ts decides.

export interface ProbeOptions {
	readonly checker: Checker;
	readonly clock: Pick<Time, "now" | "after">;
	readonly intervalMs: number;
	readonly timeoutMs: number;
	/** Called for each check when its outcome is known. */
	readonly onCheck?: (outcome: CheckOutcome, ms: number) => void;
	/** Called when the verdict changes. */
	readonly onVerdict?: (verdict: Verdict) => void;
}

/** At most one check is in flight, even if a check ignores its signal. */
export function createProbe({ checker, clock, intervalMs, timeoutMs, onCheck, onVerdict }: ProbeOptions) {
	let state = initialState(clock.now());
	let cancelTimer: (() => void) | undefined;
	let inFlight: AbortController | undefined;

	const handle = (event: ProbeEvent): void => {
		const before = state;
		const now = clock.now();
		state = nextState(before, event, now, intervalMs);
		if (state.phase === before.phase) return;
		cancelTimer?.();
		cancelTimer = undefined;
		if (before.phase === "checking" && event.type !== "stop") {
			onCheck?.(event.type === "ended" ? event.outcome : "TimedOut", now - before.began);
		}
		if (state.verdict !== before.verdict) onVerdict?.(state.verdict);
		if (state.phase === "checking") check();
		if (state.phase === "overdue" || state.phase === "stopped") inFlight?.abort();
		if (state.phase === "waiting") cancelTimer = clock.after(state.due - now, () => handle({ type: "due" }));
	};

	const check = (): void => {
		const controller = new AbortController();
		inFlight = controller;
		cancelTimer = clock.after(timeoutMs, () => handle({ type: "timedOut" }));
		void outcomeOf(checker, controller.signal).then((outcome) => handle({ type: "ended", outcome }));
	};

	return {
		verdict: () => state.verdict,
		/** Checks at once, then at each interval. */
		start: () => handle({ type: "due" }),
		/** Aborts the check in flight, starts no other, and closes the checker. */
		stop: async () => {
			handle({ type: "stop" });
			await checker.close();
		},
	};
}

async function outcomeOf(checker: Checker, signal: AbortSignal): Promise<CheckOutcome> {
	try {
		await checker.check(signal);
		return "Healthy";
	} catch (error) {
		return reasonOf(error);
	}
}
