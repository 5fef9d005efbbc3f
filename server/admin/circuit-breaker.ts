import type { Time } from "../../kube/time.ts";
import type { AdminFailure } from "../../schemas/admin.ts";
import { isTransport } from "./failures.ts";

// Stops calls to a proxy that failed several times in a row. After a while, it lets one call through, whose result decides.

export interface BreakerOptions {
	readonly failures: number;
	readonly openMs: number;
	readonly longestOpenMs: number;
	readonly opened: () => void;
	/** The trial call failed, too. */
	readonly failedAgain: () => void;
	/** So many times, without a success in between, it answered that it is unavailable. Calls go on: an answer is one. */
	readonly unavailable: () => void;
	readonly closed: () => void;
	readonly time: Pick<Time, "monotonic" | "random">;
}

export type Breaker = ReturnType<typeof createBreaker>;

export function createBreaker({ failures, openMs, longestOpenMs, time, ...on }: BreakerOptions) {
	let failed = 0;
	let unavailable = 0;
	let last: AdminFailure = "Unreachable";
	let openUntil: number | undefined;
	let period = openMs;
	let probing = false;

	const open = () => {
		const first = openUntil === undefined;
		// With jitter, so that proxies which failed together are not called together.
		openUntil = time.monotonic() + period * (0.5 + time.random());
		period = Math.min(2 * period, longestOpenMs);
		probing = false;
		if (first) on.opened();
		else on.failedAgain();
	};
	const close = () => {
		failed = 0;
		period = openMs;
		probing = false;
		if (openUntil === undefined) return;
		openUntil = undefined;
		on.closed();
	};
	return {
		/** Why no call is allowed now: the last failure. undefined: a call is allowed, and must be followed by `ended`. */
		refusal: (): AdminFailure | undefined => {
			if (openUntil === undefined) return undefined;
			if (probing || time.monotonic() < openUntil) return last;
			probing = true;
			return undefined;
		},
		ended: (failure: AdminFailure | undefined) => {
			if (failure === undefined) unavailable = 0;
			if (failure === "Unavailable" && ++unavailable % failures === 0) on.unavailable();
			if (failure === undefined || !isTransport(failure)) return close();
			failed++;
			last = failure;
			// Failures of calls that began before it opened are no new information.
			if (openUntil !== undefined && !probing) return;
			if (failed >= failures) open();
		},
		/** Whether the last call failed. */
		isDoubtful: () => failed > 0,
		isOpen: () => openUntil !== undefined,
	};
}
