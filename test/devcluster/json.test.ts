import fc from "fast-check";
import { expect, it } from "vitest";
import {
	copyJson,
	deepFreeze,
	mergedJson,
	numberAt,
	objectAt,
	objectsAt,
	sameJson,
	saysTheSame,
	stringAt,
	valueAt,
} from "../../devcluster/json.ts";

it.each<[unknown, unknown, unknown]>([
	[{ a: 1, b: 2 }, { b: null }, { a: 1 }],
	[{ a: { b: 1, c: 2 } }, { a: { b: 3 } }, { a: { b: 3, c: 2 } }],
	[{ a: [1, 2] }, { a: [3] }, { a: [3] }],
	[{ a: 1 }, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
	[{ a: { b: 1 } }, { a: "text" }, { a: "text" }],
	["text", { a: 1 }, { a: 1 }],
	[{ a: 1 }, [1], [1]],
])("merges %j with the patch %j, as RFC 7386 has it", (value, patch, merged) => {
	expect(mergedJson(value, patch)).toEqual(merged);
});

const json = fc.json({ maxDepth: 3 }).map((text): unknown => JSON.parse(text));

it("gives the same after the same patch again, and changes neither", () => {
	fc.assert(
		fc.property(json, json, (value, patch) => {
			const merged = mergedJson(deepFreeze(value), deepFreeze(patch));
			expect(mergedJson(merged, patch)).toEqual(merged);
		}),
	);
});

it("copies what it says, without what is undefined", () => {
	fc.assert(
		fc.property(json, (value) => {
			expect(sameJson(copyJson({ value }), { value })).toBe(true);
		}),
	);
	expect(Object.keys(copyJson({ a: undefined, b: 1 }))).toEqual(["b"]);
});

it.each<[unknown, unknown, boolean]>([
	[{ a: 1, b: null }, { a: 1 }, true],
	[{ a: 1, b: {}, c: [] }, { a: 1 }, true],
	[{ a: { b: { c: [] } } }, {}, true],
	[{ a: 0 }, {}, false],
	[{ a: "" }, {}, false],
	[{ a: false }, {}, false],
	[[1, 2], [2, 1], false],
])("%j and %j say the same: %s", (a, b, isSame) => {
	expect(saysTheSame(a, b)).toBe(isSame);
});

const VALUE = { a: { list: [1, { b: 2 }], text: "t", number: 0 } };

it.each<[string, unknown, unknown]>([
	["a value", valueAt(VALUE, "a", "text"), "t"],
	["nothing below a text", valueAt(VALUE, "a", "text", "length"), undefined],
	["nothing below a list", valueAt(VALUE, "a", "list", "0"), undefined],
	["an object", objectAt(VALUE, "a", "list"), {}],
	["the objects of a list", objectsAt(VALUE, "a", "list"), [{ b: 2 }]],
	["no objects of an object", objectsAt(VALUE, "a"), []],
	["a number, also 0", numberAt(VALUE, "a", "number"), 0],
	["no number of a text", numberAt(VALUE, "a", "text"), undefined],
	["a text", stringAt(VALUE, "a", "text"), "t"],
	["no text of a number", stringAt(VALUE, "a", "number"), undefined],
])("reads %s", (_, read, expected) => {
	expect(read).toEqual(expected);
});
