import fc from "fast-check";
import { expect, it } from "vitest";
import { NESTING } from "../../kube/nesting-limit.ts";
import { type Excess, excessIn, excessOf } from "../../server/json-shape.ts";
import { ENTRIES, STORED_NESTING, VALUES } from "../../server/limits.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const nested = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const parsed = (text: string): unknown => JSON.parse(text);
const list = (count: number, item = "0"): string => `[${Array.from({ length: count }, () => item).join()}]`;

it.each<[string, string, Excess | undefined]>([
	["a value", '"text"', undefined],
	["as many levels as are stored", nested(STORED_NESTING), undefined],
	["one level more", nested(STORED_NESTING + 1), "depth"],
	["as many entries as are accepted", list(ENTRIES), undefined],
	["one entry more", list(ENTRIES + 1), "entries"],
	["entries of many lists, none too long", `[${list(ENTRIES - 1)},${list(ENTRIES - 1)}]`, undefined],
	["too many values in short lists", list(ENTRIES - 1, list(Math.ceil(VALUES / ENTRIES) + 1)), "values"],
	["brackets and commas in a string", JSON.stringify(`${nested(STORED_NESTING + 1)}${",".repeat(ENTRIES)}`), undefined],
	["a string that ends after escaped quotes", String.raw`["\"\\\"[[", "\\"]`, undefined],
	["brackets after a string that ends with a backslash", String.raw`["\\",${nested(STORED_NESTING)}]`, "depth"],
	["a string without an end", '["[[[', undefined],
	["closing brackets only", "]".repeat(10), undefined],
])("scans %s", (_, text, excess) => {
	expect(excessOf(bytes(text))).toBe(excess);
});

it.each<[string, unknown, Excess | undefined]>([
	["as many levels as are walked", parsed(nested(NESTING)), undefined],
	["one level more", parsed(nested(NESTING + 1)), "depth"],
	["a level more in an object", { a: parsed(nested(NESTING)) }, "depth"],
	["one entry more than accepted", parsed(list(ENTRIES + 1)), "entries"],
	["a text", "text", undefined],
])("walks %s", (_, value, excess) => {
	expect(excessIn(value)).toBe(excess);
});

/** Deep or wide around any value, with strings that could be taken for structure. */
const awkward = fc.string({ unit: fc.constantFrom('"', "\\", "[", "]", "{", "}", ",", "é", "x"), maxLength: 80 });

it("is not misled by what a string has in it", () => {
	fc.assert(
		fc.property(awkward, fc.constantFrom(STORED_NESTING - 1, STORED_NESTING), (text, levels) => {
			const around = `[${JSON.stringify(text)},${nested(levels)}]`;
			expect(excessOf(bytes(around))).toBe(levels + 1 > STORED_NESTING ? "depth" : undefined);
		}),
		{ numRuns: 300 },
	);
});
