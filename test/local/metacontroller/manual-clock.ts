import type { Clock } from "../../../local/store.ts";

// Time that passes only when a test says so.

export interface ManualClock extends Clock {
	/** Lets `ms` pass, timer by timer, and all that follows from each. */
	advance(ms: number): Promise<void>;
}

/** Resolves when every promise that could go on has gone on. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const createManualClock = (start = Date.parse("2026-11-22T00:00:00Z")): ManualClock => {
	const timers = new Map<object, { readonly at: number; readonly run: () => void }>();
	let now = start;
	return {
		now: () => now,
		after(ms, run) {
			const timer = {};
			timers.set(timer, { at: now + Math.max(0, ms), run });
			return () => void timers.delete(timer);
		},
		async advance(ms) {
			const until = now + ms;
			await settled();
			for (;;) {
				const [next] = [...timers].filter(([, { at }]) => at <= until).toSorted(([, a], [, b]) => a.at - b.at);
				if (!next) break;
				timers.delete(next[0]);
				now = next[1].at;
				next[1].run();
				await settled();
			}
			now = until;
		},
	};
};
