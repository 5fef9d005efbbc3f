import { ApiError, type Clock } from "./store.ts";

// Keys to be worked on: each one after the other, different ones at the same time, again after a failure.

export interface WorkQueue {
	readonly add: (key: string) => void;
	/** Adds the key later; of several waits for one key the shortest counts. */
	addAfter(key: string, ms: number): void;
	/** Starts nothing new and resolves when what runs has ended. */
	stop(): Promise<void>;
}

const FIRST_BACK_OFF = 20;
const LONGEST_BACK_OFF = 5_000;

export const createWorkQueue = (
	clock: Clock,
	work: (key: string) => Promise<void>,
	log: (message: string) => void = () => {},
): WorkQueue => {
	const running = new Map<string, Promise<void>>();
	/** Keys that were added while they were worked on. */
	const again = new Set<string>();
	const waiting = new Map<string, { at: number; cancel: () => void }>();
	const failures = new Map<string, number>();
	let stopped = false;

	const run = async (key: string) => {
		// Not at once: the event that added the key is still being delivered to others.
		await Promise.resolve();
		try {
			await work(key);
			failures.delete(key);
		} catch (error) {
			const failed = failures.get(key) ?? 0;
			failures.set(key, failed + 1);
			addAfter(key, Math.min(FIRST_BACK_OFF * 2 ** failed, LONGEST_BACK_OFF));
			// A conflict is everyday life: the cache was behind.
			const isConflict = error instanceof ApiError && error.reason === "Conflict";
			if (!isConflict) log(`${key}: ${error instanceof Error ? error.message : String(error)}`);
		}
		running.delete(key);
		if (again.delete(key)) add(key);
	};
	const add = (key: string) => {
		if (stopped) return;
		if (running.has(key)) again.add(key);
		else running.set(key, run(key));
	};
	const addAfter = (key: string, ms: number) => {
		if (stopped) return;
		const at = clock.now() + ms;
		const earlier = waiting.get(key);
		if (earlier && earlier.at <= at) return;
		earlier?.cancel();
		const cancel = clock.after(ms, () => {
			waiting.delete(key);
			add(key);
		});
		waiting.set(key, { at, cancel });
	};

	return {
		add,
		addAfter,
		async stop() {
			stopped = true;
			for (const { cancel } of waiting.values()) cancel();
			waiting.clear();
			await Promise.all(running.values());
		},
	};
};
