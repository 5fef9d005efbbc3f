import type { Time } from "../../kube/time.ts";

// Timeouts, and validity of cached data.

export const TIMING = {
	/** Maximum age of a listing for an answer about a namespace. */
	listingMaxAgeMs: 30_000,
	/** Additional validity if the next listing fails, or is slow. */
	staleForMs: 30_000,
	/** Maximum age of a listing for an answer about the instance as a whole, which is rarely requested. */
	instanceMaxAgeMs: 10_000,
	/** Timeout for all pages of a listing, for a read-back, and for the metrics of an instance. */
	readDeadlineMs: 5000,
	/** Pause after a failed read: otherwise a thousand namespaces would each dial a dead proxy. */
	failedReadMs: 1000,
	/**
	 * Pause after UNIMPLEMENTED. As long as a listing is valid, so that a silent server is detected as fast as one that can be
	 * read.
	 */
	unimplementedMs: 30_000,
	/** Maximum time between two calls for a namespace on a server that can't be read back. */
	remindMs: 240_000,
	/**
	 * Maximum wait for a proxy that the last call did not reach, or with enough cached data: hooks of other proxies need the workers of
	 * the caller.
	 */
	doubtfulBudgetMs: 100,
	createDeadlineMs: 10_000,
	callDeadlineMs: 5000,
	/** Time for which the result of a call is kept for a hook that got "pending". */
	keptOutcomeMs: 30_000,
	/** Maximum wait of a call for a busy proxy. */
	queueMs: 5000,
	/** A channel that is idle for this time is closed, and the cached state of the proxy is dropped. */
	idleMs: 300_000,
	/** Initial time for which a circuit breaker opens; it doubles up to the maximum. */
	openMs: 3000,
	longestOpenMs: 30_000,
	/** Maximum wait for calls in progress at shutdown. */
	closeMs: 3000,
};
export type Timing = Readonly<typeof TIMING>;

/** Concurrency limits. */
export const BOUNDS = {
	/** Calls to one proxy, including read-backs. Listings do not count: there is one at a time. */
	callsOfProxy: 8,
	waitingForProxy: 256,
	/** Calls and listings of all proxies. */
	callsOfAll: 512,
	waitingForAll: 4096,
	/** Different calls for one namespace of one proxy, which run sequentially. */
	callsOfNamespace: 4,
	channels: 2048,
	/** Consecutive connection failures that open the circuit breaker. */
	failures: 3,
};
export type Bounds = Readonly<typeof BOUNDS>;

/** Timeout. */
export const LATE = Symbol("late");

/** Waits for work up to a time limit; the work continues. */
export async function within<Value>(
	time: Pick<Time, "after">,
	work: Promise<Value>,
	ms: number,
): Promise<Value | typeof LATE> {
	let cancel: (() => void) | undefined;
	const late = new Promise<typeof LATE>((resolve) => {
		cancel = time.after(Math.max(0, ms), () => resolve(LATE));
	});
	try {
		return await Promise.race([work, late]);
	} finally {
		cancel?.();
	}
}
