// What the process that hands out mutants and the ones that try them say to each other.

/** What a process that tries mutants is started with, in a file. */
export interface Job {
	/** Path from the project's root → TypeScript to use in place of the file. */
	readonly sources: Readonly<Record<string, string>>;
	readonly tests: readonly string[];
}

/** Mutant → how often it is met. */
export type Hits = Readonly<Record<string, number>>;

export interface Coverage {
	/** While the pure modules are loaded. */
	readonly whileLoading: Hits;
	/** Test file → what is met while it declares its tests, and makes what they are about. */
	readonly whileDeclaring: Readonly<Record<string, Hits>>;
	readonly byTest: Readonly<Record<string, Hits>>;
	/** Test → how long it takes, in milliseconds. */
	readonly durations: Readonly<Record<string, number>>;
}

/** Tests by name, the likeliest to find the mutant first. */
export interface Trial {
	readonly mutant: string;
	/** Those that meet it only while they run. */
	readonly loaded: readonly string[];
	/** Those that must be loaded anew, with the mutant at work. */
	readonly reloaded: readonly string[];
	/** How often the mutant may be met before it counts as never ending. */
	readonly hitLimit: number;
	/** Of the processor's time, after which the process is ended. */
	readonly milliseconds: number;
}

export type Order = { readonly kind: "measure" } | { readonly kind: "try"; readonly trial: Trial };

export type Outcome = "killed" | "timed out" | "survived" | "not covered";

export type Report =
	| { readonly kind: "measured"; readonly coverage: Coverage }
	| { readonly kind: "broken"; readonly failures: readonly string[] }
	| {
			readonly kind: "tried";
			readonly mutant: string;
			readonly outcome: Outcome;
			readonly by?: string;
			readonly megabytes: number;
	  };

/** A test's name begins with its file. */
export const fileOf = (test: string): string => test.split(" > ", 1)[0] ?? test;
