import fc from "fast-check";
import { expect, it } from "vitest";
import { deepFreeze, type JsonObject } from "../../../devcluster/json.ts";
import { mergeApplied } from "../../../devcluster/memory/apply.ts";

interface Case {
	readonly live: JsonObject;
	readonly previous?: JsonObject;
	readonly applied: JsonObject;
	readonly others?: readonly JsonObject[];
	readonly stored: JsonObject;
}

const port = (containerPort: number, name?: string) => ({ containerPort, ...(name !== undefined && { name }) });

it.each<[string, Case]>([
	["adds fields, and keeps those of others", { live: { a: 1 }, applied: { b: 2 }, stored: { a: 1, b: 2 } }],
	["takes over a field", { live: { a: 1 }, applied: { a: 2 }, stored: { a: 2 } }],
	[
		"removes what it applied before and applies no longer",
		{ live: { a: 1, b: 2 }, previous: { a: 1, b: 2 }, applied: { b: 2 }, stored: { b: 2 } },
	],
	[
		"keeps what another manager applies, too",
		{ live: { a: 1 }, previous: { a: 1 }, applied: {}, others: [{ a: 1 }], stored: { a: 1 } },
	],
	[
		"removes fields of an object, and the object with its last field",
		{
			live: { a: { b: 1, c: 2 }, d: { e: 1 } },
			previous: { a: { b: 1 }, d: { e: 1 } },
			applied: {},
			stored: { a: { c: 2 } },
		},
	],
	[
		"merges entries of a list by their key",
		{
			live: { ports: [port(80, "web"), port(90)] },
			applied: { ports: [port(90, "admin"), port(100)] },
			stored: { ports: [port(80, "web"), port(90, "admin"), port(100)] },
		},
	],
	[
		"removes an entry that it applied before",
		{
			live: { ports: [port(80), port(90)] },
			previous: { ports: [port(80), port(90)] },
			applied: { ports: [port(90)] },
			stored: { ports: [port(90)] },
		},
	],
	[
		"merges finalizers as a set",
		{
			live: { finalizers: ["a", "b"] },
			previous: { finalizers: ["b"] },
			applied: { finalizers: ["c"] },
			stored: { finalizers: ["a", "c"] },
		},
	],
	[
		"replaces a list of values, and one whose entries have no key in common",
		{
			live: { args: ["a"], list: [{ name: "x" }, { other: 1 }] },
			applied: { args: ["b"], list: [{ name: "y" }] },
			stored: { args: ["b"], list: [{ name: "y" }] },
		},
	],
])("%s", (_, { live, previous = {}, applied, others = [], stored }) => {
	expect(mergeApplied(deepFreeze(live), previous, applied, others)).toEqual(stored);
});

it("goes by the keys of the schema, if there is one", () => {
	const schema = {
		properties: {
			by: { type: "array", "x-kubernetes-list-map-keys": ["id"], items: { type: "object" } },
			whole: { type: "array", items: { type: "object" } },
		},
	};
	const live = { by: [{ id: 1, name: "a" }], whole: [{ name: "a" }] };
	const applied = { by: [{ id: 2, name: "a" }], whole: [{ name: "b" }] };
	expect(mergeApplied(live, {}, applied, [], schema)).toEqual({
		by: [
			{ id: 1, name: "a" },
			{ id: 2, name: "a" },
		],
		whole: [{ name: "b" }],
	});
});

const leaves = fc.record(
	{ a: fc.nat(3), b: fc.nat(3), c: fc.record({ d: fc.nat(3), e: fc.nat(3) }, { requiredKeys: [] }) },
	{ requiredKeys: [] },
);

it("stores what was applied, changes nothing when it is applied again, and leaves nothing behind", () => {
	fc.assert(
		fc.property(leaves, leaves, (first, second) => {
			const once = mergeApplied({}, {}, first, []);
			const then = mergeApplied(once, first, second, []);
			expect(then).toMatchObject(second);
			expect(mergeApplied(then, second, second, [])).toEqual(then);
			expect(mergeApplied(then, second, {}, [])).toEqual({});
		}),
		{ examples: [[{ c: { d: 1 } }, { c: {} }]] },
	);
});
