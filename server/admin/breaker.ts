import type { AdminFailure } from "../../schemas/admin.ts";
import type { Time } from "../time.ts";
import { isTransport } from "./failures.ts";

// Leaves a proxy alone that failed several times in a row. After a while one call is let through; how that ends decides.

export interface Breaker {
	/** Whether a call may be made now. One that is made must be followed by `ended`. */
	readonly admits: () => boolean;
	readonly ended: (failure: AdminFailure | undefined) => void;
	/** Whether the last call failed. */
	readonly isDoubtful: () => boolean;
	readonly isOpen: () => boolean;
}

export interface BreakerOptions {
	readonly failures: number;
	readonly openMs: number;
	readonly longestOpenMs: number;
	readonly opened: () => void;
	readonly closed: () => void;
	readonly time: Pick<Time, "monotonic" | "random">;
}

export function createBreaker({ failures, openMs, longestOpenMs, opened, closed, time }: BreakerOptions): Breaker {
	let failed = 0;
	let openUntil: number | undefined;
	let period = openMs;
	let probing = false;

	const open = () => {
		const first = openUntil === undefined;
		// Spread, so that proxies which failed together are not dialled together.
		openUntil = time.monotonic() + period * (0.5 + time.random());
		period = Math.min(2 * period, longestOpenMs);
		probing = false;
		if (first) opened();
	};
	const close = () => {
		failed = 0;
		period = openMs;
		probing = false;
		if (openUntil === undefined) return;
		openUntil = undefined;
		closed();
	};
	return {
		admits: () => {
			if (openUntil === undefined) return true;
			if (probing || time.monotonic() < openUntil) return false;
			probing = true;
			return true;
		},
		ended: (failure) => {
			if (failure === undefined || !isTransport(failure)) return close();
			failed++;
			// Calls that began before it opened, and fail now, tell nothing new.
			if (openUntil !== undefined && !probing) return;
			if (failed >= failures) open();
		},
		isDoubtful: () => failed > 0,
		isOpen: () => openUntil !== undefined,
	};
}
