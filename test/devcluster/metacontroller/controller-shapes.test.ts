import { expect, it } from "vitest";
import { copyJson, type JsonObject } from "../../../devcluster/json.ts";
import {
	CompositeShape,
	DecoratorShape,
	fieldOf,
	shaped,
} from "../../../devcluster/metacontroller/controller-shapes.ts";
import { composite, decorator } from "./bench.ts";

it.each([
	["/spec/childResources/0/resource", "spec.childResources[0].resource"],
	["/spec/childResources/10", "spec.childResources[10]"],
	["/metadata", "metadata"],
	["", ""],
])("the pointer %o is the field %o", (pointer, field) => {
	expect(fieldOf(pointer)).toBe(field);
});

it("what is of the shape is returned as it is", () => {
	for (const [shape, object] of [
		[CompositeShape, composite(["sync", "finalize", "customize"])],
		[DecoratorShape, decorator(["sync"], { annotationSelector: { matchAnnotations: { a: "b" } } })],
	] as const) {
		expect(shaped(shape, object)).toBe(object);
	}
});

const fields = (run: () => unknown): string[] => {
	try {
		run();
		return [];
	} catch (error) {
		return error instanceof Error ? error.message.split("; ").map((fault) => fault.split(": ")[0] ?? "") : [];
	}
};

it.each<[string, JsonObject, string[]]>([
	["an unknown field", { rollout: {} }, ["spec.rollout"]],
	["no parent", { parentResource: null }, ["spec.parentResource"]],
	["an unknown hook", { hooks: { sync: { webhook: {} }, preUpdate: { webhook: {} } } }, ["spec.hooks.preUpdate"]],
	["no sync hook", { hooks: {} }, ["spec.hooks.sync"]],
	[
		"two faults",
		{ childResources: [{ apiVersion: "v1", resource: "" }], generateSelector: "yes" },
		["spec.childResources[0].resource", "spec.generateSelector"],
	],
])("of a composite with %s, the fields are named", (_, spec, faults) => {
	expect(fields(() => shaped(CompositeShape, copyJson(composite(["sync"], "InPlace", spec)))).toSorted()).toEqual(
		faults,
	);
});

it("a decorator decorates something", () => {
	expect(fields(() => shaped(DecoratorShape, decorator(["sync"], {}, { resources: [] })))).toEqual(["spec.resources"]);
});
