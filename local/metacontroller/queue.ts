import type { Clock } from "../store.ts";
import type { Activity } from "./activity.ts";

// The work queue: keys in order of arrival, never twice at once, with the delays and the retry limits of client-go's
// default. For development and tests only.

/** What becomes of a key that was worked on: forgotten, tried again with back-off, or again after so many ms. */
export type Outcome = "done" | "retry" | { readonly after: number };

export interface Queue {
	add(key: string): void;
	addAfter(key: string, ms: number): void;
	/** Resolves when what was in flight has ended; nothing new starts. */
	stop(): Promise<void>;
}

interface Options {
	clock: Clock;
	activity: Activity;
	workers: number;
	/** A rejection counts as "retry". */
	work: (key: string) => Promise<Outcome>;
}

const FIRST_BACK_OFF = 5;
const LONGEST_BACK_OFF = 1_000_000;
/** A key that is to be tried again at once spins, but not faster than a call over the network takes. */
const ROUND_TRIP = 1;
const RETRIES_PER_SECOND = 10;
const RETRY_BURST = 100;

export const createQueue = ({ clock, activity, workers, work }: Options): Queue => {
	const ready: string[] = [];
	/** Keys that wait for a worker, and keys in flight that were added once more. */
	const dirty = new Set<string>();
	const inFlight = new Map<string, Promise<void>>();
	const delayed = new Map<string, { readonly at: number; readonly cancel: () => void }>();
	const limiter = createRetryLimiter(clock);
	let stopped = false;
	let starting = false;

	const add = (key: string) => {
		if (stopped || dirty.has(key)) return;
		dirty.add(key);
		activity.begin();
		if (inFlight.has(key)) return;
		ready.push(key);
		startSoon();
	};

	const addAfter = (key: string, ms: number) => {
		if (stopped) return;
		const at = clock.now() + ms;
		const waiting = delayed.get(key);
		if (waiting && waiting.at <= at) return;
		waiting?.cancel();
		const cancel = clock.after(ms, () => {
			delayed.delete(key);
			add(key);
		});
		delayed.set(key, { at, cancel });
	};

	// In a turn of its own: what is added in one go is worked on once, and nobody who adds a key finds himself in the
	// middle of the work on it.
	const startSoon = () => {
		if (starting) return;
		starting = true;
		queueMicrotask(startWork);
	};

	const startWork = () => {
		starting = false;
		while (inFlight.size < workers) {
			const key = ready.shift();
			if (key === undefined) return;
			dirty.delete(key);
			inFlight.set(key, run(key));
		}
	};

	const run = async (key: string) => {
		const outcome = await work(key).catch(() => "retry" as const);
		inFlight.delete(key);
		if (dirty.has(key)) ready.push(key);
		if (outcome === "done") limiter.forget(key);
		else if (outcome === "retry") addAfter(key, limiter.delay(key));
		else addAfter(key, Math.max(outcome.after, ROUND_TRIP));
		startSoon();
		activity.end();
	};

	return {
		add,
		addAfter,
		async stop() {
			stopped = true;
			for (const { cancel } of delayed.values()) cancel();
			delayed.clear();
			ready.length = 0;
			for (const _ of dirty) activity.end();
			dirty.clear();
			await Promise.all(inFlight.values());
		},
	};
};

/** Per key 5 ms · 2^failures up to 1000 s, and over all keys ten retries a second after a burst of a hundred. */
const createRetryLimiter = (clock: Clock) => {
	const failures = new Map<string, number>();
	let tokens = RETRY_BURST;
	let refilledAt = clock.now();

	/** How long until the bucket has a token for this retry; takes the token in advance. */
	const bucketDelay = () => {
		const now = clock.now();
		tokens = Math.min(RETRY_BURST, tokens + ((now - refilledAt) / 1000) * RETRIES_PER_SECOND);
		refilledAt = now;
		tokens -= 1;
		return tokens >= 0 ? 0 : (-tokens / RETRIES_PER_SECOND) * 1000;
	};

	return {
		delay(key: string): number {
			const failed = failures.get(key) ?? 0;
			failures.set(key, failed + 1);
			return Math.max(Math.min(FIRST_BACK_OFF * 2 ** failed, LONGEST_BACK_OFF), bucketDelay());
		},
		forget: (key: string) => void failures.delete(key),
	};
};
