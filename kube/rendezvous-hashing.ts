import { sha256Hex } from "./hash.ts";

/** A candidate. */
export interface Candidate {
	readonly name: string;
	/** Relative share of the choices; 0 is never chosen. */
	readonly weight: number;
}

/**
 * Weighted rendezvous hashing: every key ranks all candidates, and takes the first. No state, even in proportion to the
 * weights, and stable: a candidate that comes takes over its share only, one that goes leaves the others' keys alone.
 * A candidate's rank depends on nothing but the key, its name and its weight (Schindelhauer and Schomaker, 2005).
 */
export const rendezvous = <Each extends Candidate>(key: string, candidates: readonly Each[]): Each | undefined =>
	candidates
		.filter(({ weight }) => weight > 0)
		.map((candidate) => ({ candidate, score: scoreOf(key, candidate) }))
		.reduce<{ candidate: Each; score: number } | undefined>(
			(best, next) => (best === undefined || wins(next, best) ? next : best),
			undefined,
		)?.candidate;

const wins = (next: Ranked, best: Ranked): boolean =>
	next.score === best.score ? next.candidate.name < best.candidate.name : next.score > best.score;

interface Ranked {
	readonly candidate: Candidate;
	readonly score: number;
}

/** 52 bits of the hash as a number in (0, 1), and from it an exponentially distributed one, divided by the weight. */
const scoreOf = (key: string, { name, weight }: Candidate): number => {
	const fraction = (Number.parseInt(sha256Hex(`${key}\n${name}`).slice(0, 13), 16) + 0.5) / 2 ** 52;
	return weight / -Math.log(fraction);
};
