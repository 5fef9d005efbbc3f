import type { Clock } from "../../kube/time.ts";
import { ApiError } from "../store.ts";
import type { Activity } from "./activity.ts";

// The work queue of everything here that watches objects: keys in order of arrival, never one twice at once, again after a
// failure. For development and tests only.

/** What becomes of a key that was worked on: forgotten, tried again with back-off, or again after so many ms. */
export type Outcome = "done" | "retry" | { readonly after: number };

export interface WorkQueue {
	readonly add: (key: string) => void;
	/** Adds the key later; of several waits for one key the shortest counts. */
	addAfter(key: string, ms: number): void;
	/** Resolves when what was in flight has ended; nothing new starts. */
	stop(): Promise<void>;
}

/** How long a key waits that has failed. */
export interface RetryLimiter {
	/** Milliseconds until its next try. */
	delay(key: string): number;
	forget(key: string): void;
}

export interface QueueOptions {
	readonly clock: Clock;
	/** Keys that are worked on at once. */
	readonly workers: number;
	readonly limiter: RetryLimiter;
	/** Counts every key from when it is added until it has been worked on. */
	readonly activity?: Activity;
	/** A rejection counts as "retry". */
	readonly work: (key: string) => Promise<Outcome>;
}

/** A key that is to be tried again at once spins, but not faster than a call over the network takes. */
const ROUND_TRIP = 1;

export const createQueue = ({ clock, activity, workers, limiter, work }: QueueOptions): WorkQueue => {
	const ready: string[] = [];
	/** Keys that wait for a worker, and keys in flight that were added once more. */
	const dirty = new Set<string>();
	const inFlight = new Map<string, Promise<void>>();
	const delayed = new Map<string, { readonly at: number; readonly cancel: () => void }>();
	let stopped = false;
	let starting = false;

	const add = (key: string) => {
		if (stopped || dirty.has(key)) return;
		dirty.add(key);
		activity?.begin();
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

	// In a turn of its own: what is added in one go is worked on once, and no caller that adds a key ends up in the
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
		activity?.end();
	};

	return {
		add,
		addAfter,
		async stop() {
			stopped = true;
			for (const { cancel } of delayed.values()) cancel();
			delayed.clear();
			ready.length = 0;
			for (const _ of dirty) activity?.end();
			dirty.clear();
			await Promise.all(inFlight.values());
		},
	};
};

// ── Retries ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Per key `first` ms · 2^failures, up to `longest` ms. */
const createBackOff = (first: number, longest: number): RetryLimiter => {
	const failures = new Map<string, number>();
	return {
		delay(key) {
			const failed = failures.get(key) ?? 0;
			failures.set(key, failed + 1);
			return Math.min(first * 2 ** failed, longest);
		},
		forget: (key) => void failures.delete(key),
	};
};

const RETRIES_PER_SECOND = 10;
const RETRY_BURST = 100;

/** client-go's default: 5 ms · 2^failures up to 1000 s, and over all keys ten retries a second after a burst of a hundred. */
export const clientGoLimiter = (clock: Clock): RetryLimiter => {
	const backOff = createBackOff(5, 1_000_000);
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
	return { ...backOff, delay: (key) => Math.max(backOff.delay(key), bucketDelay()) };
};

// ── Controllers ─────────────────────────────────────────────────────────────────────────────────────────────────────

const FIRST_BACK_OFF = 20;
const LONGEST_BACK_OFF = 5_000;

/** The queue of a controller: `sync` returns after how many ms to look again, and is tried again when it throws. */
export const createWorkQueue = (
	clock: Clock,
	sync: (key: string) => Promise<number | undefined> | Promise<void>,
	log: (message: string) => void = () => {},
): WorkQueue =>
	createQueue({
		clock,
		workers: Number.POSITIVE_INFINITY,
		limiter: createBackOff(FIRST_BACK_OFF, LONGEST_BACK_OFF),
		async work(key) {
			try {
				const after = await sync(key);
				return typeof after === "number" ? { after } : "done";
			} catch (error) {
				// A conflict is everyday life: the cache was behind.
				const isConflict = error instanceof ApiError && error.reason === "Conflict";
				if (!isConflict) log(`${key}: ${error instanceof Error ? error.message : String(error)}`);
				return "retry";
			}
		},
	});
