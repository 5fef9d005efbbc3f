import { printableJson, printableLines } from "../../schemas/rendering/printable.ts";
import { COLOURED } from "./paint.ts";

// The one place from which a command's words reach a terminal. Names, keys and messages are written by others: a control or format
// character in them could erase lines, rename the window, or turn the direction of what is beside it.

/** Lines for people; colours are the only sequences that stay. */
export const print = (lines: readonly string[]): void => write(process.stdout, lines);

/** The same beside what is printed: what went wrong, and what was passed over. */
export const complain = (...lines: readonly string[]): void => write(process.stderr, lines);

/** For scripts: the same value, in ASCII where a terminal would act on it. */
export const printJson = (value: unknown): void => {
	process.stdout.write(`${printableJson(JSON.stringify(value, undefined, 2))}\n`);
};

/** A document, to be read by a program: changed on a terminal only, where nobody reads it but people. */
export const printDocument = (text: string): void => {
	process.stdout.write(process.stdout.isTTY ? printableLines(text) : text);
};

const write = (stream: NodeJS.WriteStream, lines: readonly string[]): void => {
	stream.write(lines.map((line) => `${shown(line)}\n`).join(""));
};

/** A line as it may be shown. */
export const shown = (line: string): string =>
	line
		.split(COLOURED)
		// Every second part is one of our own colours.
		.map((part, index) => (index % 2 === 1 ? part : printableLines(part)))
		.join("");
