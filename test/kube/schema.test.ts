import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KINDS } from "../../hooks/index.ts";
import { checkOf, defaultsOf } from "../../kube/schema.ts";
import { arbitraryOf, nearly } from "../laws/arbitrary.ts";
import { deepFrozen } from "../laws/cluster.ts";

// What is quick must say the same as what is simple: TypeBox's own functions, which walk through everything.

const simply = (schema: Parameters<typeof defaultsOf>[0], value: unknown): unknown =>
	Value.Default(schema, Value.Clone(value));

const undress = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

describe.each(KINDS.map((kind) => ({ kind: kind.kind, schema: kind.spec })))("the spec of $kind", ({ schema }) => {
	const valid = arbitraryOf(schema);
	const conforms = checkOf(schema);
	const specs = fc.oneof(valid, nearly(valid), fc.jsonValue());

	it("gets the same defaults, and is not written into", () => {
		fc.assert(
			fc.property(specs, (spec) => {
				const filled = defaultsOf(schema)(deepFrozen(spec));
				// TypeBox makes an object of a list where an object should be, and then finds nothing wrong with it.
				fc.pre(conforms(filled) || !conforms(simply(schema, spec)));
				if (conforms(filled)) expect(undress(filled)).toEqual(undress(simply(schema, spec)));
			}),
			{ numRuns: 60 },
		);
	});

	it("is judged the same", () => {
		fc.assert(
			fc.property(specs, (spec) => {
				const filled = simply(schema, spec);
				expect(conforms(filled)).toBe(Value.Check(schema, filled));
			}),
			{ numRuns: 60 },
		);
	});
});

describe("defaults", () => {
	const Inner = Type.Object({ a: Type.Integer({ default: 1 }), b: Type.Optional(Type.String()) }, { default: {} });
	const schema = Type.Object({
		inner: Inner,
		list: Type.Array(Inner, { default: [] }),
		named: Type.Record(Type.String(), Type.Integer({ default: 5 })),
		whole: Type.Object({ x: Type.Integer(), y: Type.Integer() }, { default: { x: 1, y: 2 } }),
		either: Type.Optional(Type.Union([Type.Object({ c: Type.Integer({ default: 3 }) }), Type.String()])),
	});

	it.each([
		{ list: [{}, { a: 2 }], named: { some: 1 }, whole: { x: 7 } },
		{ inner: { b: "b" }, named: {}, either: {} },
		{ inner: "wrong", list: "wrong", named: 1, whole: 3, either: "text" },
		{},
		undefined,
	])("of %j are as TypeBox has them", (value) => {
		expect(defaultsOf(schema)(value)).toEqual(simply(schema, value));
	});

	it("are not given to a list in an object's place", () => {
		expect(defaultsOf(Inner)(["b"])).toEqual(["b"]);
	});

	it("leave a value that needs none as it is", () => {
		const value = { inner: { a: 1 }, list: [{ a: 2 }], named: {}, whole: { x: 1, y: 1 }, either: "text" };
		expect(defaultsOf(schema)(value)).toEqual(value);
		expect(defaultsOf(Inner)(value.inner)).toBe(value.inner);
	});
});
