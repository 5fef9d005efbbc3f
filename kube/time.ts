// The only file of the pure folders that may touch Date: it parses and prints, and never asks what time it is.

/** Milliseconds since the epoch of an RFC 3339 timestamp; NaN when it is none. */
export const millisOf = (timestamp: string): number => Date.parse(timestamp);

/** RFC 3339 in seconds, UTC: "2026-11-22T01:53:47Z", as the API server writes it. */
export const timestampOf = (millis: number): string => `${new Date(millis).toISOString().slice(0, 19)}Z`;

/** Whole seconds from one timestamp to a later one; negative when it is earlier. */
export const secondsBetween = (from: string, to: string): number => Math.floor((millisOf(to) - millisOf(from)) / 1000);
