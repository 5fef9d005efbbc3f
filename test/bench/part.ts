/** One part of the benchmark: it measures, and tells what it found as a piece of docs/performance.md. */
export interface Part {
	readonly name: string;
	readonly run: (progress: Progress) => Promise<string>;
}

/** Says what is being done, and what came of it. */
export type Progress = (line: string) => void;
