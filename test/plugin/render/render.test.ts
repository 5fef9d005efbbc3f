import { describe, expect, it } from "vitest";
import { published, render, rowOf } from "../../../plugin/render/render.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { readConfig } from "../../../server/config.ts";

const CONTEXT = { now: "2026-01-01T12:00:00Z", installation: readConfig({}).installation };
const object = (kind: string, spec: Record<string, unknown>): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind,
	metadata: { name: "shop" },
	spec,
});
const STACK = object("PrismStack", { patterns: [{ name: "orders", type: "keyvalue", backend: "memstore" }] });
const BACKEND = object("BackendConfig", { provider: "redis", connection: { url: "redis://cache" } });
const CONFIG = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
const kinds = (objects: readonly KubeObject[]) => objects.map(({ kind }) => kind);

it.each([
	[STACK, "prismstack"],
	[CONFIG, undefined],
	[{ ...STACK, apiVersion: "prism.io/v1" }, undefined],
	[{ ...STACK, kind: "PrismRoster" }, undefined],
])("%#: finds the row of a kind", (given, name) => expect(rowOf(given)?.name).toBe(name));

describe("a rendered object", () => {
	const rendered = (manifests: KubeObject[], tree = false) =>
		render({ manifests, observed: [], related: [], tree }, CONTEXT);

	it("comes before its children, and has a status", () => {
		const [first, ...children] = rendered([STACK]);
		expect(first).toMatchObject({ kind: "PrismStack", metadata: { name: "shop" }, status: { observedGeneration: 1 } });
		expect(first?.metadata.uid).toBeUndefined();
		expect(kinds(children)).toEqual(expect.arrayContaining(["PatternRunner", "Deployment", "Service"]));
	});

	it("is followed by the children of its children in a tree", () => {
		const count = (tree: boolean) => kinds(rendered([STACK], tree)).filter((kind) => kind === "Deployment").length;
		expect(count(true)).toBe(count(false) + 1);
	});

	it("is one of ours", () => expect(rendered([CONFIG])).toEqual([]));
});

it("publishes a BackendConfig with its status, and a roster as it is", () => {
	const roster = object("PrismRoster", { instances: [] });
	expect(published(roster, CONTEXT)).toEqual([roster]);
	expect(published(BACKEND, CONTEXT)).toMatchObject([{ kind: "BackendConfig", status: { observedGeneration: 1 } }]);
	expect([...published(STACK, CONTEXT), ...published(CONFIG, CONTEXT)]).toEqual([]);
});
