import autocannon from "autocannon";
import type { Served } from "./children.ts";

// How long things take, on a machine that others use too: what is compared is measured in turns, and of all turns the
// median counts.

export const median = (values: readonly number[]): number => {
	const sorted = values.toSorted((left, right) => left - right);
	return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

/** Microseconds that each of several things takes, done in turns until about so many milliseconds are over. */
export const inTurns = (works: readonly (() => unknown)[], budgetMs: number): number[] => {
	const batch = works.map((work) => {
		const began = performance.now();
		let count = 0;
		while (performance.now() - began < budgetMs / (works.length * 20)) {
			work();
			count += 1;
		}
		return Math.max(1, count);
	});
	const taken: number[][] = works.map(() => []);
	const end = performance.now() + budgetMs;
	do {
		for (const [index, work] of works.entries()) {
			const count = batch[index] ?? 1;
			const began = performance.now();
			for (let done = 0; done < count; done += 1) work();
			taken[index]?.push(((performance.now() - began) * 1000) / count);
		}
	} while (performance.now() < end);
	return taken.map(median);
};

export interface Load {
	readonly perSecond: number;
	readonly p50Ms: number;
	readonly p99Ms: number;
	/** Processor time of the server for each request, in microseconds. */
	readonly cpuUs: number;
}

export interface Shot {
	readonly path: string;
	readonly body: string;
	readonly connections: number;
	readonly seconds: number;
}

/** Calls of a server over loopback, as fast as it answers. */
export const shootAt = async (server: Served, { path, body, connections, seconds }: Shot): Promise<Load> => {
	const before = await server.cost();
	const { latency, requests, non2xx, errors, duration } = await autocannon({
		url: `${server.url}${path}`,
		method: "POST",
		headers: { "content-type": "application/json" },
		body,
		connections,
		duration: seconds,
		sampleInt: 100,
	});
	const after = await server.cost();
	if (non2xx + errors > 0) throw new Error(`${path}: ${non2xx} answers other than 200, ${errors} errors`);
	const count = Math.max(1, requests.total);
	return {
		perSecond: count / duration,
		p50Ms: latency.p50,
		p99Ms: latency.p99,
		cpuUs: ((after.cpuMs - before.cpuMs) * 1000) / count,
	};
};

/** The same at two servers in turns; the median of each figure. */
export const compared = async (servers: readonly Served[], shot: Shot, turns: number): Promise<readonly Load[]> => {
	const rounds: Load[][] = servers.map(() => []);
	for (let turn = 0; turn < turns; turn += 1)
		for (const [index, server] of servers.entries()) rounds[index]?.push(await shootAt(server, shot));
	return rounds.map((loads) => ({
		perSecond: median(loads.map(({ perSecond }) => perSecond)),
		p50Ms: median(loads.map(({ p50Ms }) => p50Ms)),
		p99Ms: median(loads.map(({ p99Ms }) => p99Ms)),
		cpuUs: median(loads.map(({ cpuUs }) => cpuUs)),
	}));
};
