import type { Time } from "../../kube/time.ts";

// How long things may take, and how long they are believed.

export const TIMING = {
	/** A listing that began longer ago is read again before anything is answered from it about a namespace. */
	listingMaxAgeMs: 30_000,
	/** For so long after that it is believed all the same where the next one fails, or takes its time. */
	staleForMs: 30_000,
	/** Maximum age of a listing for an answer about the instance as a whole, which is rarely requested. */
	instanceMaxAgeMs: 10_000,
	/** Time for all pages of a listing, for a read-back, and for an instance's metrics. */
	readDeadlineMs: 5000,
	/** Pause after a failed read: otherwise a thousand namespaces would each dial a dead proxy. */
	failedReadMs: 1000,
	/**
	 * Pause after UNIMPLEMENTED. As long as a listing is valid, so that a silent server is detected as fast as one that can be
	 * read.
	 */
	unimplementedMs: 30_000,
	/** At most so long after a server that can't be read back was sent a namespace, it is sent it once more. */
	remindMs: 240_000,
	/**
	 * Longest wait for a proxy that the last call did not reach, or of which enough is known from before: hooks of other proxies
	 * need the caller's workers.
	 */
	doubtfulBudgetMs: 100,
	createDeadlineMs: 10_000,
	callDeadlineMs: 5000,
	/** Time for which the result of a call is kept for a hook that got "pending". */
	keptOutcomeMs: 30_000,
	/** How long a call may wait for its turn on a busy proxy. */
	queueMs: 5000,
	/** A channel that was not used for so long is closed, and what is known of the proxy is forgotten. */
	idleMs: 300_000,
	/** For how long a breaker opens first; it doubles up to the longest. */
	openMs: 3000,
	longestOpenMs: 30_000,
	/** How long closing waits for calls that are under way. */
	closeMs: 3000,
};
export type Timing = Readonly<typeof TIMING>;

/** How much there may be at once. */
export const BOUNDS = {
	/** Calls to one proxy, the read-back of each included. Listings are not counted: there is one at a time. */
	callsOfProxy: 8,
	waitingForProxy: 256,
	/** Calls and listings of all proxies. */
	callsOfAll: 512,
	waitingForAll: 4096,
	/** Different calls for one namespace of one proxy, which run one after the other. */
	callsOfNamespace: 4,
	channels: 2048,
	/** Failures in a row, of the way to the proxy, that open its breaker. */
	failures: 3,
};
export type Bounds = Readonly<typeof BOUNDS>;

/** It took longer than it was given. */
export const LATE = Symbol("late");

/** Waits for work, but not longer; the work goes on. */
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
