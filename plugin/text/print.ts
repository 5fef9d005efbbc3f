import { printableJson, printableLines } from "../../schemas/messages/printable.ts";
import { COLORED } from "./paint.ts";

// All output to a terminal goes through here. Names, keys and messages come from others: control and format characters in them
// could erase lines, rename the window, or reverse the text direction.

/** Lines for people; only our color sequences stay. */
export const print = (lines: readonly string[]): void => write(process.stdout, lines);

/** Errors and notes on standard error. */
export const complain = (...lines: readonly string[]): void => write(process.stderr, lines);

/** For scripts: the same value, with control characters escaped. */
export const printJson = (value: unknown): void => {
	process.stdout.write(`${printableJson(JSON.stringify(value, undefined, 2))}\n`);
};

/** A document for programs: it is only changed on a terminal. */
export const printDocument = (text: string): void => {
	process.stdout.write(process.stdout.isTTY ? printableLines(text) : text);
};

const write = (stream: NodeJS.WriteStream, lines: readonly string[]): void => {
	stream.write(lines.map((line) => `${shown(line)}\n`).join(""));
};

/** A line without control characters. */
export const shown = (line: string): string =>
	line
		.split(COLORED)
		// Every second part is one of our own color sequences.
		.map((part, index) => (index % 2 === 1 ? part : printableLines(part)))
		.join("");
