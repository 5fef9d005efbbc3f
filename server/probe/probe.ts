import type { Checker } from "./checker.ts";
import { reasonOf } from "./errors.ts";
import { initialState, nextState, type Outcome, type ProbeEvent, type Verdict } from "./verdict.ts";

// The loop: drives the checker by the clock, as verdict.ts decides.

export interface Clock {
	/** Milliseconds since the epoch. */
	now(): number;
	/** Runs something once, later; what it answers calls that off. */
	after(ms: number, run: () => void): () => void;
}

export interface ProbeOptions {
	readonly checker: Checker;
	readonly clock: Clock;
	readonly intervalMs: number;
	readonly timeoutMs: number;
	/** Called for each check, once its outcome is decided. */
	readonly onCheck?: (outcome: Outcome, ms: number) => void;
	/** Called when the verdict has become another. */
	readonly onVerdict?: (verdict: Verdict) => void;
}

export interface Probe {
	readonly verdict: () => Verdict;
	/** Checks at once, and from then on at the interval. */
	readonly start: () => void;
	/** Gives up the check that is in flight, begins no other, and closes the checker. */
	readonly stop: () => Promise<void>;
}

/** At most one check is in flight, also when one does not heed its signal. */
export function createProbe({ checker, clock, intervalMs, timeoutMs, onCheck, onVerdict }: ProbeOptions): Probe {
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
		start: () => handle({ type: "due" }),
		async stop() {
			handle({ type: "stop" });
			await checker.close();
		},
	};
}

async function outcomeOf(checker: Checker, signal: AbortSignal): Promise<Outcome> {
	try {
		await checker.check(signal);
		return "Healthy";
	} catch (error) {
		return reasonOf(error);
	}
}
