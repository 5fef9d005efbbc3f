import { styleText } from "node:util";
import stringWidth from "string-width";

// Width and color of text for a terminal. Pure: nothing here prints.

export type Color = "red" | "green" | "yellow" | "cyan" | "dim" | "bold";

export interface Paint {
	/** Maximum width of lines; undefined: lines are never cut, as in a file or pipe. */
	readonly columns: number | undefined;
	readonly color: (color: Color, text: string) => string;
}

/** No color and no width, for pipes. */
export const PLAIN: Paint = { columns: undefined, color: (_, text) => text };

export const paintOf = ({ color, columns }: { color: boolean; columns?: number | undefined }): Paint => ({
	columns,
	color: (name, text) => (color && text !== "" ? styleText(name, text, { validateStream: false }) : text),
});

const ESCAPE = "\u001b";
/** Exactly the escape sequences that `color` writes. */
export const COLORED = new RegExp(`(${ESCAPE}\\[(?:1|2|22|31|32|33|36|39)m)`);

/** The usual conventions: NO_COLOR overrides FORCE_COLOR, which overrides the lack of a terminal. */
export const paintFor = (
	stream: { readonly isTTY?: boolean; readonly columns?: number },
	environment: Readonly<Record<string, string | undefined>>,
): Paint => {
	const columns = Number(environment["COLUMNS"]);
	const width = stream.isTTY === true ? stream.columns : undefined;
	return paintOf({
		color: wantsColor(stream.isTTY === true, environment),
		columns: Number.isInteger(columns) && columns > 0 ? Math.max(columns, NARROWEST) : width,
	});
};

/** Narrower terminals wrap: shorter lines would be useless. */
const NARROWEST = 40;

export const wantsColor = (isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): boolean => {
	const { NO_COLOR: no, FORCE_COLOR: force, TERM: term } = environment;
	if (no !== undefined && no !== "") return false;
	if (force !== undefined) return force !== "0" && force !== "false";
	return isTerminal && term !== "dumb";
};

// ── Widths ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Width of a text in terminal cells; escape sequences have no width. */
export const widthOf = (text: string): number => stringWidth(text);

export const padded = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - widthOf(text)));

/** A text without colors, cut to a width, at a space if one is near; undefined: not cut. */
export const fitted = (text: string, width: number | undefined): string => {
	if (width === undefined || widthOf(text) <= width) return text;
	let kept = "";
	for (const { segment } of GRAPHEMES.segment(text)) {
		if (widthOf(kept + segment) > width - 1) break;
		kept += segment;
	}
	const space = kept.lastIndexOf(" ");
	const words = space > kept.length * 0.7 ? kept.slice(0, space) : kept;
	return `${words.replace(/(?<![\s:;,(])[\s:;,(]+$/, "")}…`;
};

const GRAPHEMES = new Intl.Segmenter("en");

/** Wraps text at `width`; a longer word has its own line. Existing line breaks stay. */
export const wrapped = (text: string, width: number | undefined): string[] =>
	text.split("\n").flatMap((line) => {
		if (width === undefined || widthOf(line) <= width) return [line];
		return filled(line.split(" "), (longer) => widthOf(longer) <= width);
	});

/** Fills lines with words; a word that is too long has its own line. */
const filled = (words: readonly string[], fits: (line: string, index: number) => boolean): string[] => {
	const lines: string[] = [];
	for (const word of words) {
		const last = lines.at(-1);
		const longer = last ? `${last} ${word}` : word;
		if (last === "" || (last !== undefined && fits(longer, lines.length - 1))) lines[lines.length - 1] = longer;
		else lines.push(word);
	}
	return lines;
};

/** Wraps text with a first prefix, and another one for the following lines. */
export const hanging = (text: string, first: string, rest: string, { columns }: Pick<Paint, "columns">): string[] =>
	wrapped(text, columns === undefined ? undefined : columns - widthOf(rest)).map(
		(line, index) => (index === 0 ? first : rest) + line,
	);

/** Lines after an empty one, or nothing. */
export const section = (lines: readonly string[]): string[] => (lines.length === 0 ? [] : ["", ...lines]);

/** A command in lines that a shell reads as one: broken between arguments, but not between -n and its value. */
export const commandLines = (command: string, indent: string, { columns }: Paint): string[] => {
	if (columns === undefined || widthOf(indent + command) <= columns) return [indent + command];
	const words = command.match(/-[a-zA-Z] (?:'[^']*'|[^\s'-]\S*)|(?:'[^']*'|\\'|[^\s'])+/g) ?? [];
	const started = (line: string, index: number) => `${indent}${index === 0 ? "" : "  "}${line}`;
	const lines = filled(words, (line, index) => widthOf(`${started(line, index)} \\`) <= columns);
	return lines.map((line, index) => `${started(line, index)}${index < lines.length - 1 ? " \\" : ""}`);
};

/** Rows as columns: each as wide as its widest cell; the last one is cut to the rest of the line. */
export const columnLines = (rows: readonly (readonly string[])[], { columns }: Paint, gap = 2): string[] => {
	const count = Math.max(0, ...rows.map((row) => row.length));
	const widths = Array.from({ length: count }, (_, index) =>
		Math.max(0, ...rows.map((row) => (index === row.length - 1 ? 0 : widthOf(row[index] ?? "")))),
	);
	return rows.map((row) =>
		row
			.map((cell, index) => {
				if (index < row.length - 1) return padded(cell, (widths[index] ?? 0) + gap);
				const before = widths.slice(0, index).reduce((sum, width) => sum + width + gap, 0);
				return columns === undefined || cell.includes("\u001b") ? cell : fitted(cell, Math.max(columns - before, 8));
			})
			.join("")
			.trimEnd(),
	);
};

// ── Times ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** An age as kubectl writes it: 42s, 7m, 3h12m, 2d4h, 40d. */
export const ageText = (seconds: number): string => {
	if (!Number.isFinite(seconds)) return "?";
	const whole = Math.max(0, Math.floor(seconds));
	if (whole < 120) return `${whole}s`;
	const minutes = Math.floor(whole / 60);
	if (minutes < 120) return `${minutes}m`;
	const hours = Math.floor(minutes / 60);
	if (hours < 10 && minutes % 60 > 0) return `${hours}h${minutes % 60}m`;
	if (hours < 48) return `${hours}h`;
	const days = Math.floor(hours / 24);
	return days < 8 && hours % 24 > 0 ? `${days}d${hours % 24}h` : `${days}d`;
};
