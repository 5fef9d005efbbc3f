import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Instrumenter, type InstrumenterOptions } from "@stryker-mutator/instrumenter";
import { EQUIVALENT, equivalentTo } from "./equivalent.ts";
import { isDeclarationsOnly, ROOT } from "./scope.ts";

// Every mutant at once in one source: each is behind a switch that asks whether it is the active one.

export interface Mutant {
	readonly id: string;
	readonly file: string;
	readonly line: number;
	readonly column: number;
	/** The kind of change: StringLiteral, ConditionalExpression, ... */
	readonly mutator: string;
	readonly original: string;
	readonly replacement: string;
	/** Why it does not count, for one that doesn't. */
	readonly excluded?: string;
}

export interface Instrumented {
	/** Path from the project's root → TypeScript with the switches. */
	readonly sources: Readonly<Record<string, string>>;
	readonly mutants: readonly Mutant[];
}

interface Point {
	readonly line: number;
	readonly column: number;
}
interface Range {
	readonly start: Point;
	readonly end: Point;
}

/** What the instrumenter shows of the source, as far as it is looked at here. */
interface SeenNode {
	readonly node: { readonly type: string; readonly loc?: Range | null };
}

const FUNCTIONS: ReadonlySet<string> = new Set([
	"ArrowFunctionExpression",
	"FunctionExpression",
	"FunctionDeclaration",
]);

/** The parser counts lines from 1, the places of mutants from 0. */
const counted = ({ start, end }: Range): Range => ({
	start: { line: start.line - 1, column: start.column },
	end: { line: end.line - 1, column: end.column },
});

const isBefore = (one: Point, other: Point): boolean =>
	one.line < other.line || (one.line === other.line && one.column <= other.column);

const isWithin = (range: Range, outer: Range): boolean =>
	isBefore(outer.start, range.start) && isBefore(range.end, outer.end);

const silent = () => {};
const LOGGER = {
	isTraceEnabled: () => false,
	isDebugEnabled: () => false,
	isInfoEnabled: () => false,
	isWarnEnabled: () => false,
	isErrorEnabled: () => false,
	isFatalEnabled: () => false,
	trace: silent,
	debug: silent,
	info: silent,
	warn: silent,
	error: silent,
	fatal: silent,
};

const textAt = (source: string, { start, end }: Range): string => {
	const lines = source.split("\n").slice(start.line, end.line + 1);
	const last = lines.length - 1;
	return lines
		.map((line, index) => line.slice(index === 0 ? start.column : 0, index === last ? end.column : undefined))
		.join("\n");
};

export const instrumented = async (files: readonly string[]): Promise<Instrumented> => {
	const contents = new Map(files.map((file) => [file, readFileSync(join(ROOT, file), "utf8")]));
	const functions = new Map<string, Range[]>();
	let current = "";
	const options: InstrumenterOptions = {
		plugins: null,
		excludedMutations: [],
		noHeader: false,
		ignorers: [
			{
				// Ignores nothing: it is shown every node, and notes where functions are.
				shouldIgnore: (path) => {
					const { type, loc } = (path as unknown as SeenNode).node;
					if (FUNCTIONS.has(type) && loc) functions.set(current, [...(functions.get(current) ?? []), counted(loc)]);
					return undefined;
				},
			},
		],
	};
	const instrumenter = new Instrumenter(LOGGER);
	const sources: Record<string, string> = {};
	const mutants: Mutant[] = [];
	const unmatched = new Set(EQUIVALENT.filter(({ file }) => files.includes(file)));
	for (const [file, content] of contents) {
		current = file;
		// One at a time, so that identifiers start at 0 in each file and stay the same in a partial run.
		// oxlint-disable-next-line no-await-in-loop
		const { files: written, mutants: found } = await instrumenter.instrument(
			[{ name: file, content, mutate: true }],
			options,
		);
		const [source] = written;
		if (source === undefined) throw new Error(`cannot instrument ${file}`);
		sources[file] = source.content.replaceAll(
			/(stryMutAct_9fa48|stryCov_9fa48)\(("\d+"(?:, "\d+")*)\)/g,
			(_, call, ids) =>
				`${String(call)}(${String(ids)
					.replaceAll('"', "")
					.split(", ")
					.map((id) => `"${file}#${id}"`)
					.join(", ")})`,
		);
		for (const { id, location, mutatorName, replacement } of found) {
			const mutant = {
				id: `${file}#${id}`,
				file,
				line: location.start.line + 1,
				column: location.start.column + 1,
				mutator: mutatorName,
				original: textAt(content, location),
				replacement,
			};
			const isDeclared =
				isDeclarationsOnly(file) && !(functions.get(file) ?? []).some((range) => isWithin(location, range));
			const equivalent = equivalentTo(mutant, content);
			if (equivalent !== undefined) unmatched.delete(equivalent);
			const excluded = isDeclared ? "declaration" : equivalent?.why;
			mutants.push({ ...mutant, ...(excluded !== undefined && { excluded }) });
		}
	}
	const [stale] = unmatched;
	if (stale !== undefined)
		throw new Error(`test/mutation/equivalent.ts: no mutant of ${stale.file} is "${stale.line}"`);
	return { sources, mutants };
};
