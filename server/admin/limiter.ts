import type { Time } from "../../kube/time.ts";
import { AdminError } from "./failures.ts";

// Limits concurrency, with a bounded first-in-first-out queue.

export interface LimiterOptions {
	readonly atOnce: number;
	readonly waiting: number;
	readonly waitMs: number;
	readonly time: Pick<Time, "after">;
}

export type Limiter = ReturnType<typeof createLimiter>;

export function createLimiter({ atOnce, waiting, waitMs, time }: LimiterOptions) {
	let taken = 0;
	const queue = new Set<() => void>();

	const turn = () =>
		new Promise<void>((resolve, reject) => {
			const cancel = time.after(waitMs, () => {
				queue.delete(take);
				reject(new AdminError("Overloaded"));
			});
			const take = () => {
				cancel();
				resolve();
			};
			queue.add(take);
		});
	const release = () => {
		const [next] = queue;
		if (next === undefined) {
			taken--;
			return;
		}
		// Passes the slot to the first one in the queue, without releasing it in between.
		queue.delete(next);
		next();
	};
	return {
		/** Throws an `AdminError` if the queue is full, or if the wait takes too long. */
		run: async <Value>(work: () => Promise<Value>): Promise<Value> => {
			if (taken >= atOnce) {
				if (queue.size >= waiting) throw new AdminError("Overloaded");
				await turn();
			} else {
				taken++;
			}
			try {
				return await work();
			} finally {
				release();
			}
		},
		isIdle: () => taken === 0,
	};
}
