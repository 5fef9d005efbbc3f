import type { Mutant } from "./instrumented.ts";
import { type Coverage, fileOf, type Trial } from "./protocol.ts";

// Which tests a mutant is put to, and in which order. What found the mutants of a file so far is asked first.

export interface Planner {
	/** `undefined` where no test meets the mutant. */
	readonly trial: (mutant: Mutant) => Trial | undefined;
	readonly learn: (mutant: Mutant, by: string) => void;
}

/** A mutant may take what its tests take many times over, and what it takes to load them anew. */
const patience = (milliseconds: number): number => Math.ceil(8_000 + 10 * milliseconds);

/** Adds one more to what is counted for a key of a key. */
const countUp = (counts: Map<string, Map<string, number>>, first: string, second: string): void => {
	const inner = counts.get(first) ?? new Map<string, number>();
	counts.set(first, inner.set(second, (inner.get(second) ?? 0) + 1));
};

/** `milliseconds`: how long the tests of a mutant may take together, by what they took without it. */
export const planner = (coverage: Coverage, mutants: readonly Mutant[], milliseconds: number): Planner => {
	const { whileLoading, whileDeclaring, byTest, durations } = coverage;
	const files = new Map(mutants.map(({ id, file }) => [id, file]));
	const tests = Object.keys(durations);
	/** Mutant → tests that meet it. */
	const meeting = new Map<string, Set<string>>();
	/** Source file → test → how many of its mutants the test meets. */
	const near = new Map<string, Map<string, number>>();
	const meet = (id: string, test: string): void => {
		meeting.set(id, (meeting.get(id) ?? new Set()).add(test));
		countUp(near, files.get(id) ?? "", test);
	};
	for (const [test, hits] of Object.entries(byTest)) for (const id of Object.keys(hits)) meet(id, test);
	for (const test of tests) for (const id of Object.keys(whileDeclaring[fileOf(test)] ?? {})) meet(id, test);
	const kills = new Map<string, Map<string, number>>();

	const mostHits = (id: string): number =>
		[whileLoading, ...Object.values(whileDeclaring), ...Object.values(byTest)].reduce(
			(most, hits) => Math.max(most, hits[id] ?? 0),
			0,
		);

	const likeliest = (file: string, candidates: readonly string[]): string[] => {
		const rank = (name: string): number =>
			(1 + 20 * (kills.get(file)?.get(name) ?? 0) + (near.get(file)?.get(name) ?? 0)) / (5 + (durations[name] ?? 0));
		const ranks = new Map(candidates.map((name) => [name, rank(name)]));
		return candidates.toSorted((one, other) => (ranks.get(other) ?? 0) - (ranks.get(one) ?? 0));
	};

	const affordable = (candidates: readonly string[]): string[] => {
		let left = milliseconds;
		return candidates.filter((name) => {
			left -= durations[name] ?? 0;
			return left >= 0;
		});
	};

	return {
		trial: ({ id, file }) => {
			const isStatic = whileLoading[id] !== undefined;
			const candidates = isStatic ? tests : [...(meeting.get(id) ?? [])];
			if (candidates.length === 0) return undefined;
			const needsReload = (test: string): boolean => isStatic || whileDeclaring[fileOf(test)]?.[id] !== undefined;
			const chosen = affordable(likeliest(file, candidates));
			return {
				mutant: id,
				loaded: chosen.filter((test) => !needsReload(test)),
				reloaded: chosen.filter(needsReload),
				hitLimit: 1000 + 100 * mostHits(id),
				milliseconds: patience(chosen.reduce((sum, test) => sum + (durations[test] ?? 0), 0)),
			};
		},
		learn: ({ file }, by) => countUp(kills, file, by),
	};
};
