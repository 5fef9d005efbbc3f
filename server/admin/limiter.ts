import type { Time } from "../../kube/time.ts";
import { AdminError } from "./failures.ts";

// So many at once, so many that wait for their turn, in order, and no more.

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
		// The place goes on to the one who waits longest, without being free in between.
		queue.delete(next);
		next();
	};
	return {
		/** Throws an `AdminError` when too many wait, or the turn does not come in time. */
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
