import type { Mutant } from "./instrumented.ts";
import type { Tried } from "./pool.ts";

// What a run says: a table of scores, and what is still alive.

interface Row {
	readonly name: string;
	readonly tried: readonly Tried[];
	readonly excluded: number;
}

const count = (tried: readonly Tried[], ...outcomes: readonly Tried["outcome"][]): number =>
	tried.filter(({ outcome }) => outcomes.includes(outcome)).length;

/** In percent, of those that count. */
export const scoreOf = (tried: readonly Tried[]): number =>
	tried.length === 0 ? 100 : (count(tried, "killed", "timed out") / tried.length) * 100;

/** Rounded down: 89.99 is not 90. */
const percent = (score: number): string => `${(Math.floor(score * 10) / 10).toFixed(1)} %`;

const line = (cells: readonly string[]): string =>
	cells.map((cell, index) => (index === 0 ? cell.padEnd(31) : cell.padStart(index === 6 ? 9 : 8))).join("");

const printed = ({ name, tried, excluded }: Row): string =>
	line([
		name,
		String(tried.length),
		String(count(tried, "killed")),
		String(count(tried, "timed out")),
		String(count(tried, "survived", "not covered")),
		String(excluded),
		percent(scoreOf(tried)),
	]);

const folderOf = (file: string): string => {
	const [first = "", second = ""] = file.split("/");
	return first === "hooks" && !second.endsWith(".ts") ? `${first}/${second}` : first;
};

export type Grouping = "folder" | "file";

export const table = (tried: readonly Tried[], excluded: readonly Mutant[], grouping: Grouping): string => {
	const groupOf = (file: string): string => (grouping === "folder" ? folderOf(file) : file);
	const names = [...new Set([...tried.map(({ mutant }) => mutant), ...excluded].map(({ file }) => groupOf(file)))];
	const rows = names.toSorted().map(
		(name): Row => ({
			name,
			tried: tried.filter(({ mutant }) => groupOf(mutant.file) === name),
			excluded: excluded.filter(({ file }) => groupOf(file) === name).length,
		}),
	);
	return [
		line([grouping, "mutants", "killed", "timeout", "alive", "excl.", "score"]),
		...rows.map(printed),
		printed({ name: "all", tried, excluded: excluded.length }),
	].join("\n");
};

const oneLine = (text: string): string => {
	const flat = text.replaceAll(/\s+/g, " ");
	return flat.length > 160 ? `${flat.slice(0, 157)}...` : flat;
};

/** What is alive, each with its place: where an editor opens it. */
export const alive = (tried: readonly Tried[]): string[] =>
	tried
		.filter(({ outcome }) => outcome === "survived" || outcome === "not covered")
		.toSorted(
			(one, other) =>
				one.mutant.file.localeCompare(other.mutant.file) ||
				one.mutant.line - other.mutant.line ||
				one.mutant.column - other.mutant.column,
		)
		.map(({ mutant, outcome }) =>
			[
				`${mutant.file}:${mutant.line}:${mutant.column} ${mutant.mutator}${outcome === "survived" ? "" : ", not covered"}`,
				`  - ${oneLine(mutant.original)}`,
				`  + ${oneLine(mutant.replacement)}`,
			].join("\n"),
		);
