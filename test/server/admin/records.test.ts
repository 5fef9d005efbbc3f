import fc from "fast-check";
import { expect, test } from "vitest";
import type { NamespaceRecord } from "../../../schemas/admin.ts";
import { type Listed, NONSENSE, packed } from "../../../server/admin/records.ts";

const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const count = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));

const withoutUndefined = <Fields extends object>(fields: Fields): Fields =>
	Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;

const figures = fc
	.record({
		keys: optional(count),
		connections: optional(count),
		requestsPerSecond: count,
		p99LatencyMs: optional(count),
	})
	.map(withoutUndefined);

const record: fc.Arbitrary<NamespaceRecord> = fc
	.record({
		digest: optional(fc.string({ minLength: 1, unit: "binary" })),
		version: optional(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
		owner: optional(fc.string({ unit: "binary" })),
		status: fc.constantFrom("Active", "ReadOnly", "Suspended", "Unspecified"),
		metrics: optional(figures),
	})
	.map((fields) => withoutUndefined(fields) as NamespaceRecord);

const listing = fc
	.array(fc.tuple(fc.string({ unit: "binary" }), fc.oneof({ weight: 9, arbitrary: record }, fc.constant(NONSENSE))))
	.map((entries) => new Map<string, Listed>(entries));

test("records come out of their columns as they went in", () => {
	fc.assert(
		fc.property(listing, listing, (before, records) => {
			const kept = packed(records, packed(before));
			expect(kept.size).toBe(records.size);
			expect(new Map([...kept.names()].map((name) => [name, kept.get(name)]))).toEqual(records);
			for (const name of before.keys()) expect(kept.get(name)).toEqual(records.get(name));
			expect(kept.get("not listed by anybody")).toBeUndefined();
		}),
	);
});

test("names are kept once while they are the same ones in the same order, and only then", () => {
	const one: Listed = { status: "Active" };
	const other: Listed = { status: "Suspended" };
	const before = packed(
		new Map([
			["a", one],
			["b", one],
		]),
	);
	expect(
		packed(
			new Map([
				["a", other],
				["b", other],
			]),
			before,
		).rows,
	).toBe(before.rows);
	for (const names of [["b", "a"], ["a"], ["a", "c"], ["a", "b", "c"]]) {
		const after = packed(new Map(names.map((name) => [name, other])), before);
		expect(after.rows).not.toBe(before.rows);
		expect([...after.names()]).toEqual(names);
		expect(after.get("b")).toEqual(names.includes("b") ? other : undefined);
	}
});
