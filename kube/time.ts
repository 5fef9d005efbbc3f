// The only file of the pure folders that may use Date: it parses and prints times, and never reads the clock.

/** Milliseconds since the epoch of an RFC 3339 timestamp; NaN when it is none. */
export const millisOf = (timestamp: string): number => Date.parse(timestamp);

/** RFC 3339 in seconds, UTC: "2026-11-22T01:53:47Z", as the API server writes it. */
export const timestampOf = (millis: number): string => `${new Date(millis).toISOString().slice(0, 19)}Z`;

/** Whole seconds from one timestamp to a later one; negative when it is earlier. */
export const secondsBetween = (from: string, to: string): number => Math.floor((millisOf(to) - millisOf(from)) / 1000);

/** `seconds` after a timestamp. */
export const secondsAfter = (timestamp: string, seconds: number): string =>
	timestampOf(millisOf(timestamp) + seconds * 1000);

const MILLIS_OF: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a Go duration such as "1h30m"; NaN when it is none. */
export const durationMillis = (duration: string): number => {
	const parts = [...duration.matchAll(/(?<![0-9.])([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)/g)];
	if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== duration) return Number.NaN;
	return parts.reduce((sum, [, count, unit = "s"]) => sum + Number(count) * (MILLIS_OF[unit] ?? Number.NaN), 0);
};

/** The smallest known value; undefined if there is none. */
export const soonest = (...seconds: readonly (number | undefined)[]): number | undefined => {
	const known = seconds.filter((value) => value !== undefined);
	return known.length === 0 ? undefined : Math.min(...known);
};

// ── Clocks ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Clock and randomness, which a simulation replaces. */
export interface Time {
	/** Milliseconds since the epoch, by the system clock, which can jump. */
	now(): number;
	/** Milliseconds of a monotonic clock. */
	monotonic(): number;
	/** Calls `run` once after so many milliseconds; the returned function cancels that. Keeps no process alive. */
	after(ms: number, run: () => void): () => void;
	/** At least 0, less than 1. */
	random(): number;
}

/** As much of it as what runs over a cluster needs: nothing there reads another clock. */
export type Clock = Pick<Time, "now" | "after">;
