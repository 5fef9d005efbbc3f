// One seed, from which all chance of a world comes.

export interface Chance {
	/** At least 0, less than 1. */
	next(): number;
	/** A whole number from 0 to `most`. */
	upTo(most: number): number;
	/** True once in so many times on average. */
	oneIn(times: number): boolean;
	/** Throws when there is nothing to choose from. */
	pick<Value>(from: readonly Value[]): Value;
	/** Another source, whose numbers do not depend on how many were taken from this one since. */
	branch(name: string): Chance;
}

/** Mulberry32: small, fast, and the same everywhere. Nothing here is a secret. */
export const createChance = (seed: number): Chance => {
	let state = seed >>> 0;
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
	const upTo = (most: number) => Math.floor(next() * (most + 1));
	return {
		next,
		upTo,
		oneIn: (times) => next() * times < 1,
		pick(from) {
			const [first] = from;
			if (first === undefined) throw new Error("there is nothing to choose from");
			return from[upTo(from.length - 1)] ?? first;
		},
		branch: (name) => createChance(hashed(name, seed)),
	};
};

/** FNV-1a. */
const hashed = (text: string, seed: number): number => {
	let hash = (2_166_136_261 ^ seed) >>> 0;
	for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
	return hash;
};
