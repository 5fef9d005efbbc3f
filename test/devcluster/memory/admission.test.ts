import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../devcluster/json.ts";
import { conform, memberSchema, violations } from "../../../devcluster/memory/admission.ts";
import { Widget } from "../widget.ts";

const widget = (spec: unknown, more: JsonObject = {}): JsonObject => ({
	apiVersion: "test.prism.io/v1",
	kind: "Widget",
	metadata: { name: "it" },
	spec,
	...more,
});
const DEFAULTS = { size: 1, colour: "red" };

it("the schema of a member is that of its name, or of all", () => {
	const { properties } = Widget.spec;
	expect(memberSchema(Widget.spec, "size")).toBe(properties["size"]);
	expect(memberSchema(Widget.spec, "other")).toBeUndefined();
	expect(memberSchema(properties["tags"], "any")).toMatchObject({ type: "string" });
	expect(memberSchema(undefined, "any")).toBeUndefined();
});

describe("an object is conformed", () => {
	it.each<[string, unknown, unknown, string[]]>([
		["defaults are filled in", {}, DEFAULTS, []],
		["also in the place of null", { size: null }, DEFAULTS, []],
		[
			"also deep, where the parent is there",
			{ inner: { required: "a" } },
			{ ...DEFAULTS, inner: { required: "a", defaulted: "yes" } },
			[],
		],
		[
			"what is given stays",
			{ size: 5, tags: { a: "b" }, list: ["a"] },
			{ ...DEFAULTS, size: 5, tags: { a: "b" }, list: ["a"] },
			[],
		],
		["null without a default is dropped", { name: null, entries: [] }, { ...DEFAULTS, entries: [] }, []],
		["undeclared fields are dropped", { other: 1 }, DEFAULTS, ["spec.other"]],
		[
			"also those in lists",
			{ entries: [{ name: "a", other: 1 }] },
			{ ...DEFAULTS, entries: [{ name: "a" }] },
			["spec.entries[0].other"],
		],
		[
			"a free-form part is not looked into",
			{ inner: { required: "a", defaulted: "b", free: { any: [null, { b: 1 }] } } },
			{ ...DEFAULTS, inner: { required: "a", defaulted: "b", free: { any: [null, { b: 1 }] } } },
			[],
		],
	])("%s", (_, spec, conformed, undeclared) => {
		const result = conform(Widget, widget(spec));
		expect(result.object["spec"]).toEqual(conformed);
		expect(result.undeclared).toEqual(undeclared);
	});

	it("only the known fields are at the top", () => {
		const { object, undeclared } = conform(Widget, widget({}, { data: {}, status: { phase: "Ready", other: 1 } }));
		expect(Object.keys(object)).toEqual(["apiVersion", "kind", "metadata", "spec", "status"]);
		expect(object["status"]).toEqual({ phase: "Ready" });
		expect(undeclared).toEqual(["data", "status.other"]);
	});
});

describe("violations", () => {
	const fieldsOf = (object: JsonObject) => violations(Widget, object).map((text) => text.split(": ")[0]);

	it.each<[string, unknown, string[]]>([
		["nothing", DEFAULTS, []],
		["no spec", undefined, ["spec"]],
		["a number that is too large", { ...DEFAULTS, size: 101 }, ["spec.size"]],
		["another word", { ...DEFAULTS, colour: "pink" }, ["spec.colour"]],
		["a missing field, once", { ...DEFAULTS, inner: { defaulted: "a" } }, ["spec.inner.required"]],
		["a duplicate", { ...DEFAULTS, entries: [{ name: "a" }, { name: "b" }, { name: "a" }] }, ["spec.entries[2]"]],
		["too many", { ...DEFAULTS, list: ["a", "b", "c", "d"] }, ["spec.list"]],
		["a list for an object", { ...DEFAULTS, inner: [] }, ["spec.inner"]],
	])("%s", (_, spec, fields) => {
		expect(fieldsOf(widget(spec))).toEqual(fields);
	});

	it("a status is checked if there is one", () => {
		expect(fieldsOf(widget(DEFAULTS, { status: { phase: 1 } }))).toEqual(["status.phase"]);
	});

	it("rules are evaluated on what is otherwise valid", () => {
		const ruled = { ...Widget, rules: [{ rule: "self.spec.size > 5", message: "too small" }] };
		expect(violations(ruled, widget(DEFAULTS)).join()).toContain("too small");
		expect(violations(ruled, widget({ ...DEFAULTS, size: 6 }))).toEqual([]);
		expect(violations(ruled, widget({ ...DEFAULTS, colour: "pink" })).join()).not.toContain("too small");
	});
});
