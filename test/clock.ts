import { setImmediate } from "node:timers/promises";
import type { Clock } from "../kube/time.ts";

// Time that passes when a test says so.

export interface ManualClock extends Clock {
	/** Lets so many milliseconds pass: what is due runs in order, and what that leads to is waited for. */
	advance(ms: number): Promise<void>;
	/** Runs what needs no time to pass. */
	settle(): Promise<void>;
}

interface Timer {
	readonly at: number;
	readonly run: () => void;
}

/** Everything over a store in memory happens in microtasks, and none of them is left when an immediate runs. */
const settle = async () => {
	await setImmediate();
};

export const createManualClock = (start = Date.parse("2026-01-01T00:00:00Z")): ManualClock => {
	let now = start;
	let timers: Timer[] = [];
	return {
		now: () => now,
		after(ms, run) {
			const timer = { at: now + ms, run };
			timers.push(timer);
			return () => {
				timers = timers.filter((other) => other !== timer);
			};
		},
		settle,
		async advance(ms) {
			const end = now + ms;
			await settle();
			for (;;) {
				// The earliest, and of those of one moment the one that was set first.
				const next = timers.reduce<Timer | undefined>(
					(first, timer) => (first && first.at <= timer.at ? first : timer),
					undefined,
				);
				if (!next || next.at > end) break;
				timers = timers.filter((other) => other !== next);
				now = Math.max(now, next.at);
				next.run();
				await settle();
			}
			now = end;
		},
	};
};
