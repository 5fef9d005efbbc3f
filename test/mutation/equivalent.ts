import type { Mutant } from "./instrumented.ts";

// Mutants that no test can find because they change nothing that can be seen, one by one, each with its reason.

interface Equivalent {
	readonly file: string;
	/** The source line that the mutant begins on, without its indentation. */
	readonly line: string;
	readonly original: string;
	readonly replacement: string;
	readonly why: string;
}

export const EQUIVALENT: readonly Equivalent[] = [];

export const isEquivalent = (mutant: Omit<Mutant, "excluded">, content: string): string | undefined => {
	const line = content.split("\n")[mutant.line - 1]?.trim();
	return EQUIVALENT.find(
		(known) =>
			known.file === mutant.file &&
			known.line === line &&
			known.original === mutant.original &&
			known.replacement === mutant.replacement,
	)?.why;
};
