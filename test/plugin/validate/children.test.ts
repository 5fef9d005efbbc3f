import { describe, expect, it } from "vitest";
import { refusedChildren, sharedChildren } from "../../../plugin/validate/children.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { readConfig } from "../../../server/config.ts";

const CONTEXT = { now: "2026-01-01T12:00:00Z", installation: readConfig({}).installation };
const object = (kind: string, name: string, spec: object, namespace?: string): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind,
	metadata: { name, ...(namespace !== undefined && { namespace }) },
	spec,
});
const runner = (name: string, namespace?: string) =>
	object("PatternRunner", name, { pattern: "keyvalue", backend: "memstore" }, namespace);
const stack = (pattern: string) =>
	object("PrismStack", "shop", { patterns: [{ name: pattern, type: "keyvalue", backend: "memstore" }] });
const service = { apiVersion: "v1", kind: "Service", metadata: { name: "orders" } };

describe("children of two owners", () => {
	it.each<[string, KubeObject[], string[]]>([
		["of different names", [runner("orders"), runner("carts")], []],
		["in two namespaces", [runner("orders", "a"), runner("orders", "b")], []],
		["of a stack and a runner", [stack("orders"), runner("orders")], ["PrismStack shop"]],
		["of a file and a runner", [service, runner("orders")], ["PatternRunner orders"]],
		["of a stack alone", [stack("orders")], []],
	])("%s", (_, objects, owners) => {
		const found = sharedChildren(objects, CONTEXT);
		expect([...found.keys()].map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(owners);
		for (const findings of found.values()) expect(findings.map(({ path }) => path)).toEqual(["metadata.name"]);
	});

	it("of an invalid object are unknown", () =>
		expect(sharedChildren([object("PatternRunner", "orders", {}), service], CONTEXT).size).toBe(0));
});

it("finds no invalid child of a valid object, nor of one without children", () => {
	expect(refusedChildren(stack("orders"), CONTEXT)).toEqual([]);
	expect(refusedChildren(service, CONTEXT)).toEqual([]);
});
