import { printableJson } from "../../schemas/messages/printable.ts";

// The comments of a conversion.

/** Names of fields and indices of items, from the object down. */
export type Path = readonly (string | number)[];

/** A comment beside a field: above the field itself, or as the first line of the nearest parent that the object has. */
export interface Note {
	readonly at: Path;
	readonly text: string;
}

/** A conversion: it yields notes, and returns the converted value. */
export type Noted<Value> = Generator<Note, Value, undefined>;

/** A field that is removed: its old value, the reason, and the alternative. */
export const dropped = (path: Path, value: unknown, why: string, instead: string): Note => ({
	at: path,
	text: `${fieldName(path)} was ${abbreviated(value)}. ${why}. ${instead}.`,
});

/** A field that is new or has another value. */
export const changed = (path: Path, value: unknown, why: string): Note => ({
	at: path,
	text: `${fieldName(path)} is ${abbreviated(value)}: ${why}.`,
});

/** "spec.patterns[0].image" */
export const fieldName = (path: Path): string =>
	path.map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${step}`)).join("");

const MOST_LETTERS = 200;

/** Always one line. */
const abbreviated = (value: unknown): string => {
	const json = printableJson(JSON.stringify(value) ?? "absent");
	return json.length > MOST_LETTERS ? `${json.slice(0, MOST_LETTERS)}...` : json;
};
