// Numbers that a seed decides: the same seed and case, the same bytes, on every machine.

export interface Random {
	/** From 0 up to, and without, 1. */
	readonly fraction: () => number;
	/** A whole number from `least` to `most`, both included. */
	readonly between: (least: number, most: number) => number;
	/** One time out of so many. */
	readonly once: (outOf: number) => boolean;
	readonly of: <Value>(values: readonly Value[]) => Value;
	/** One of them, each as often as its weight says. */
	readonly weighted: <Value>(choices: readonly (readonly [weight: number, value: Value])[]) => Value;
}

/** Mulberry32: small, fast, and good enough to choose what to break. */
export const randomOf = (seed: number, stream = 0): Random => {
	let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35);
	const fraction = () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	const between = (least: number, most: number) => least + Math.floor(fraction() * (most - least + 1));
	const of = <Value>(values: readonly Value[]): Value => {
		const value = values[between(0, values.length - 1)];
		if (value === undefined) throw new Error("cannot choose from nothing");
		return value;
	};
	return {
		fraction,
		between,
		of,
		once: (outOf) => between(1, outOf) === 1,
		weighted: (choices) => {
			let rest = fraction() * choices.reduce((sum, [weight]) => sum + weight, 0);
			for (const [weight, value] of choices) {
				rest -= weight;
				if (rest < 0) return value;
			}
			return of(choices.map(([, value]) => value));
		},
	};
};
