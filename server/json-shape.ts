import { NESTING } from "../kube/nesting-limit.ts";
import { ENTRIES, STORED_NESTING, VALUES } from "./limits.ts";

// Whether a body has a shape that keeps the server busy: parsing it, and each walk through the result, would block all other calls
// for seconds. A large body is scanned before it is parsed; the scan agrees with JSON.parse up to the first byte that
// is not JSON, where JSON.parse fails. A small body can't be that bad, and a walk through the result takes a fifth of the time.

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

export type Excess = "depth" | "entries" | "values";

/** Size of a body that is parsed within milliseconds, whatever its content. */
export const SMALL = 256 * 1024;

/** The exceeded limit of a parsed value, if any. No small body has too many values. */
export const excessIn = (value: unknown, depth = 1): Exclude<Excess, "values"> | undefined =>
	typeof value === "object" && value !== null ? excessBelow(value, depth) : undefined;

const excessBelow = (container: object, depth: number): Exclude<Excess, "values"> | undefined => {
	if (depth > NESTING) return "depth";
	const values: readonly unknown[] = Array.isArray(container) ? container : Object.values(container);
	if (values.length > ENTRIES) return "entries";
	for (const value of values) {
		if (typeof value !== "object" || value === null) continue;
		const excess = excessBelow(value, depth + 1);
		if (excess !== undefined) return excess;
	}
	return undefined;
};

/** The exceeded limit of a JSON text, if any. */
export function excessOf(bytes: Uint8Array): Excess | undefined {
	const commas = new Uint32Array(STORED_NESTING + 1);
	let depth = 0;
	let values = 1;
	for (let at = 0; at < bytes.length; at++) {
		const byte = bytes[at];
		if (byte === QUOTE) {
			at = endOfString(bytes, at);
		} else if (byte === COMMA) {
			values++;
			const count = (commas[depth] ?? 0) + 1;
			if (count >= ENTRIES) return "entries";
			commas[depth] = count;
		} else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
			values++;
			depth++;
			if (depth > STORED_NESTING) return "depth";
			commas[depth] = 0;
		} else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
			if (depth > 0) depth--;
		}
	}
	return values > VALUES ? "values" : undefined;
}

/** Bytes of a string that are scanned one by one: most strings end before a search would pay off. */
const SHORT = 48;

/** Index of the closing quote of the string that begins at `start`. */
function endOfString(bytes: Uint8Array, start: number): number {
	const near = Math.min(bytes.length, start + SHORT);
	for (let at = start + 1; at < near; at++) {
		const byte = bytes[at];
		if (byte === QUOTE) return at;
		if (byte === BACKSLASH) break;
	}
	for (let at = bytes.indexOf(QUOTE, start + 1); at !== -1; at = bytes.indexOf(QUOTE, at + 1)) {
		if (backslashesBefore(bytes, at) % 2 === 0) return at;
	}
	return bytes.length;
}

function backslashesBefore(bytes: Uint8Array, end: number): number {
	let at = end - 1;
	while (bytes[at] === BACKSLASH) at--;
	return end - 1 - at;
}
