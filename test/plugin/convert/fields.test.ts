import { Type } from "@sinclair/typebox";
import { describe, expect, it } from "vitest";
import { eachItem, known, rewritten, within } from "../../../plugin/convert/fields.ts";
import { changed, type Note, type Noted } from "../../../plugin/convert/notes.ts";

/** The value of a conversion, and the fields that its notes are about. */
const result = <Value>(steps: Noted<Value>): [Value, Note["at"][]] => {
	const notes: Note["at"][] = [];
	for (;;) {
		const next = steps.next();
		if (next.done === true) return [next.value, notes];
		notes.push(next.value.at);
	}
};

describe("rewritten fields", () => {
	const rewrites = {
		*gone(value: unknown, at: Note["at"]) {
			yield changed(at, value, "w");
			return undefined;
		},
		*split(value: unknown, at: Note["at"]) {
			yield changed(at, value, "w");
			return { one: 1, two: 2 };
		},
		inner: within("inner", function* (value, at) {
			yield changed(at, value, "w");
			return value === 0 ? undefined : 5;
		}),
	};

	it.each([
		[{ a: 1, gone: 2, b: 3 }, { a: 1, b: 3 }, [["spec", "gone"]]],
		[{ split: 0, two: 7 }, { one: 1, two: 7 }, [["spec", "split"]]],
		[{ inner: 1 }, { inner: 5 }, [["spec", "inner"]]],
		[{ inner: 0 }, {}, [["spec", "inner"]]],
		[{ toString: 1 }, { toString: 1 }, []],
		["text", "text", []],
		[[1], [1], []],
	])("%j become %j", (value, expected, notes) =>
		expect(result(rewritten(value, ["spec"], rewrites))).toEqual([expected, notes]),
	);
});

it.each([
	[
		["a", "b"],
		["A", "B"],
		[
			["l", 0],
			["l", 1],
		],
	],
	[[], [], []],
	["no list", "no list", []],
])("each item of %j", (value, expected, notes) => {
	const upper = eachItem(function* (item, at) {
		yield changed(at, item, "w");
		return String(item).toUpperCase();
	});
	expect(result(upper(value, ["l"]))).toEqual([expected, notes]);
});

describe("known fields", () => {
	const schema = Type.Object({
		name: Type.String(),
		items: Type.Array(Type.Object({ a: Type.Number() })),
		map: Type.Record(Type.String(), Type.Object({ b: Type.Number() })),
	});

	it.each([
		[{ name: "x" }, { name: "x" }, []],
		[{ name: "x", odd: 1 }, { name: "x" }, [["spec", "odd"]]],
		[{ items: [{ a: 1, z: 2 }] }, { items: [{ a: 1 }] }, [["spec", "items", 0, "z"]]],
		[{ map: { any: { b: 1, z: 2 } } }, { map: { any: { b: 1 } } }, [["spec", "map", "any", "z"]]],
		[{ constructor: 1 }, {}, [["spec", "constructor"]]],
		// A value of another type is for validation to reject.
		[{ items: "text" }, { items: "text" }, []],
		["text", "text", []],
	])("of %j are %j", (value, expected, notes) =>
		expect(result(known(schema, value, ["spec"], "PrismStack"))).toEqual([expected, notes]),
	);
});
