// What a campaign tells, while it runs and in the end.

export interface Report {
	readonly seed: number;
	readonly cases: number;
	readonly seconds: number;
	/** By status; "cut": the connection was broken off before an answer, as may be in such a case. */
	readonly answers: ReadonlyMap<string, number>;
	readonly kinds: ReadonlyMap<string, number>;
	/** Requests in between that were fine, and were answered byte by byte as they had to be. */
	readonly sound: number;
	readonly health: { readonly asked: number; readonly slowestMs: number };
	readonly heapMib: { readonly first: number; readonly last: number };
	readonly peakMib: number;
	/** By the kernel's count, with a limit of 512 MiB; undefined: there was no such group. */
	readonly cgroupPeakMib: number | undefined;
	readonly findings: readonly string[];
}

const MAX_PRINTED = 20;

export const progress = (cases: number, began: number, answers: ReadonlyMap<string, number>): string => {
	const seconds = (performance.now() - began) / 1000;
	return `${seconds.toFixed(0)} s: ${cases} bodies, ${(cases / seconds).toFixed(0)} a second; ${counted(answers)}`;
};

const counted = (map: ReadonlyMap<string, number>): string =>
	[...map]
		.toSorted(([a], [b]) => a.localeCompare(b))
		.map(([key, count]) => `${key}: ${count}`)
		.join(", ");

/** For a terminal. */
export const printed = ({
	seed,
	cases,
	seconds,
	answers,
	kinds,
	sound,
	health,
	heapMib,
	peakMib,
	cgroupPeakMib,
	findings,
}: Report) =>
	[
		`seed ${seed}: ${cases} bodies in ${seconds.toFixed(0)} s, ${(cases / seconds).toFixed(0)} a second`,
		"",
		"answers",
		...rows(answers),
		"",
		"what was sent",
		...rows(kinds),
		"",
		`sound requests in between, answered byte by byte as they had to be: ${sound}`,
		`/healthz was asked ${health.asked} times; the slowest answer took ${health.slowestMs.toFixed(0)} ms`,
		`heap ${heapMib.first.toFixed(1)} MiB at the start, ${heapMib.last.toFixed(1)} MiB in the end; at most ${peakMib.toFixed(0)} MiB of memory`,
		cgroupPeakMib === undefined
			? "no memory cgroup: memory was measured, not limited"
			: `in a memory cgroup of 512 MiB: at most ${cgroupPeakMib.toFixed(0)} MiB`,
		"",
		findings.length === 0 ? "nothing found" : `${findings.length} found; the first ones:`,
		...findings.slice(0, MAX_PRINTED).map((text) => `  ${text}`),
	].join("\n");

const rows = (map: ReadonlyMap<string, number>): string[] =>
	[...map]
		.toSorted(([a], [b]) => a.localeCompare(b))
		.map(([key, count]) => `  ${key.padEnd(34)} ${String(count).padStart(9)}`);
