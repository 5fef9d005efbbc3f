import type { Time } from "../time.ts";

// How long things may take, and how long they are believed.

export interface Timing {
	/** A listing that began longer ago is read again before anything is answered from it about a namespace. */
	readonly listingMaxAgeMs: number;
	/** For so long after that it is believed all the same where the next one fails, or takes its time. */
	readonly staleForMs: number;
	/** The age at which a listing is read again before anything is answered about the instance as a whole, which is asked seldom. */
	readonly instanceMaxAgeMs: number;
	/** Time for all pages of a listing, for a read-back, and for an instance's metrics. */
	readonly readDeadlineMs: number;
	/** For so long after a read that failed, nobody tries again: a thousand namespaces would each dial a dead proxy. */
	readonly failedReadMs: number;
	/** For so long nobody asks again what a server does not implement. */
	readonly unimplementedMs: number;
	/**
	 * Longest wait for a proxy that the last call did not reach, or of which enough is known from before: hooks of other proxies
	 * need the caller's workers.
	 */
	readonly doubtfulBudgetMs: number;
	readonly createDeadlineMs: number;
	readonly callDeadlineMs: number;
	/** For so long the end of a call is kept for a hook that was told that it is pending. */
	readonly keptOutcomeMs: number;
	/** How long a call may wait for its turn on a busy proxy. */
	readonly queueMs: number;
	/** A channel that was not used for so long is closed, and what is known of the proxy is forgotten. */
	readonly idleMs: number;
	/** For how long a breaker opens first; it doubles up to the longest. */
	readonly openMs: number;
	readonly longestOpenMs: number;
	/** How long closing waits for calls that are under way. */
	readonly closeMs: number;
}

export const TIMING: Timing = {
	listingMaxAgeMs: 30_000,
	staleForMs: 30_000,
	instanceMaxAgeMs: 10_000,
	readDeadlineMs: 5000,
	failedReadMs: 1000,
	unimplementedMs: 300_000,
	doubtfulBudgetMs: 100,
	createDeadlineMs: 10_000,
	callDeadlineMs: 5000,
	keptOutcomeMs: 30_000,
	queueMs: 5000,
	idleMs: 300_000,
	openMs: 3000,
	longestOpenMs: 30_000,
	closeMs: 3000,
};

/** How much there may be at once. */
export interface Bounds {
	/** Calls to one proxy, the read-back of each included. Listings are not counted: there is one at a time. */
	readonly callsOfProxy: number;
	readonly waitingForProxy: number;
	/** Calls and listings of all proxies. */
	readonly callsOfAll: number;
	readonly waitingForAll: number;
	/** Different calls for one namespace of one proxy, which run one after the other. */
	readonly callsOfNamespace: number;
	readonly channels: number;
	/** Failures in a row, of the way to the proxy, that open its breaker. */
	readonly failures: number;
}

export const BOUNDS: Bounds = {
	callsOfProxy: 8,
	waitingForProxy: 256,
	callsOfAll: 512,
	waitingForAll: 4096,
	callsOfNamespace: 4,
	channels: 2048,
	failures: 3,
};

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
