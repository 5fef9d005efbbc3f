import { expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { controllerObject } from "../../kube/controllers.ts";
import type { Row } from "../../kube/hook.ts";
import { asList, asRecord, valueAt } from "../../kube/object.ts";

const rowNamed = (kind: string): Row => {
	const row = REGISTRY.find(({ parent }) => parent.kind === kind);
	if (row === undefined) throw new Error(`no kind ${kind}`);
	return row;
};
const made = (kind: string, features = {}) =>
	controllerObject(rowNamed(kind), { origin: "http://operator:8080", features });

it("is a CompositeController that owns its children", () => {
	const { kind, metadata, spec } = made("PrismStack");
	expect([kind, metadata.name]).toEqual(["CompositeController", rowNamed("PrismStack").name]);
	expect(spec).toMatchObject({
		generateSelector: true,
		resyncPeriodSeconds: 300,
		parentResource: { apiVersion: "prism.io/v1alpha1", resource: "prismstacks", ignoreStatusChanges: true },
	});
});

it("is a DecoratorController, without a selector and a period", () => {
	const { kind, spec } = made("PrismNamespace");
	expect(kind).toBe("DecoratorController");
	expect(Object.keys(asRecord(spec)).toSorted()).toEqual(["attachments", "hooks", "resources"]);
	expect(valueAt(spec, "resources")).toEqual([
		{ apiVersion: "prism.io/v1alpha1", resource: "prismnamespaces", ignoreStatusChanges: true },
	]);
});

it.each(REGISTRY)("$name has a webhook for each hook of the row", (row) => {
	const hooks = asRecord(valueAt(controllerObject(row, { origin: "http://o", features: {} }), "spec", "hooks"));
	for (const hook of ["sync", "finalize", "customize"] as const)
		expect(hooks[hook]).toEqual(
			row[hook] && { version: "v2", webhook: { url: `http://o/${row.name}/${hook}`, timeout: "10s" } },
		);
});

it("updates children in place, and watches only kinds that the installation has", () => {
	const children = (features = {}) => asList(valueAt(made("PrismStack", features), "spec", "childResources"));
	expect(children().length).toBeGreaterThan(5);
	for (const child of children()) expect(child).toMatchObject({ updateStrategy: { method: "InPlace" } });
	const resources = (features = {}) => children(features).map((child) => valueAt(child, "resource"));
	expect(resources()).not.toContain("scaledobjects");
	expect(resources({ keda: true })).toContain("scaledobjects");
});
