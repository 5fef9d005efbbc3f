import { crc32 } from "node:zlib";

// Made-up figures of the traffic in a namespace: the same for the same name and moment, and moving with time as such
// figures do, so that a client that shows them has something to round.

export interface NamespaceFigures {
	readonly sessions: number;
	readonly storageBytes: number;
	readonly requestsPerSecond: number;
	readonly keys: number;
	readonly connections: number;
	readonly p99LatencyMs: number;
}

/** `now` in milliseconds since the epoch. `undefined`: it reports none. */
export type Figures = (namespace: string, now: number) => NamespaceFigures | undefined;

const PERIOD_MS = 600_000;

export const madeUpFigures = (namespace: string, now: number): NamespaceFigures => {
	const seed = crc32(namespace);
	// Each namespace has its own rush hour.
	const phase = (2 * Math.PI * ((now + (seed % PERIOD_MS)) % PERIOD_MS)) / PERIOD_MS;
	const load = 1 + 0.3 * Math.sin(phase);
	const requestsPerSecond = Math.round((50 + (seed % 950)) * load);
	const keys = 1_000 + (seed % 90_000);
	return {
		sessions: Math.round(requestsPerSecond / 25),
		storageBytes: keys * 512,
		requestsPerSecond,
		keys,
		connections: 4 + Math.round(requestsPerSecond / 50),
		p99LatencyMs: Math.round(10 * (2 + (seed % 5) + 3 * load)) / 10,
	};
};
