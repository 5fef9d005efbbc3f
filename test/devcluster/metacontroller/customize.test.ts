import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../devcluster/json.ts";
import type { RelatedResourceRule } from "../../../schemas/metacontroller.ts";
import { composite, configMap, Reply, startBench, type ToyHook, thing } from "./bench.ts";

const withCustomize = [composite(["sync", "customize"])];
const quiet: ToyHook = () => ({ status: {}, children: [] });
const rules =
	(...relatedResources: RelatedResourceRule[]): ToyHook =>
	() => ({ relatedResources });
const maps = { apiVersion: "v1", resource: "configmaps" };
const map = (name: string, namespace = "default", labels: Record<string, string> = {}) =>
	configMap(name, {}, { namespace, labels });
const namespace = (name: string, labels: Record<string, string> = {}) => ({
	apiVersion: "v1",
	kind: "Namespace",
	metadata: { name, labels },
});
const spread = [
	namespace("far", { zone: "far" }),
	map("a", "default", { app: "x" }),
	map("b", "default"),
	map("a", "far", { app: "x" }),
];

describe("related objects", () => {
	it.each([
		{ reason: "by name, in any namespace", rule: { names: ["a"] }, found: ["default/a", "far/a"] },
		{ reason: "by name and namespace", rule: { namespace: "far", names: ["a", "b"] }, found: ["far/a"] },
		{ reason: "by namespace alone", rule: { namespace: "default" }, found: ["default/a", "default/b"] },
		{
			reason: "by label, in any namespace",
			rule: { labelSelector: { matchLabels: { app: "x" } } },
			found: ["default/a", "far/a"],
		},
		{
			reason: "by label and namespace",
			rule: {
				namespace: "default",
				labelSelector: { matchExpressions: [{ key: "app", operator: "Exists" as const }] },
			},
			found: ["default/a"],
		},
		{
			reason: "by the namespace's labels",
			rule: { namespaceSelector: { matchLabels: { zone: "far" } } },
			found: ["far/a"],
		},
		{ reason: "all of them", rule: {}, found: ["default/a", "default/b", "far/a"] },
		{ reason: "none, and yet the kind has its entry", rule: { names: ["c"] }, found: [] },
	])("are selected $reason", async ({ rule, found }) => {
		const bench = await startBench({
			controllers: withCustomize,
			hooks: { "/sync": quiet, "/customize": rules({ ...maps, ...rule }) },
			objects: [...spread, thing("one")],
		});
		expect(Object.keys(bench.callsOf("/sync").at(-1)?.body.related["ConfigMap.v1"] ?? { missing: 1 })).toEqual(found);
	});

	it.each([
		["names with a selector", { names: ["a"], labelSelector: {} }, "names exclude the selectors"],
		["a namespace with a selector for it", { namespace: "x", namespaceSelector: {} }, "namespace excludes"],
		[
			"an operator without values",
			{ labelSelector: { matchExpressions: [{ key: "a", operator: "In" as const }] } },
			"In on a needs values",
		],
	])("can't be selected by %s", async (_reason, rule, message) => {
		const bench = await startBench({
			controllers: withCustomize,
			hooks: { "/sync": quiet, "/customize": rules({ ...maps, ...rule }) },
			objects: [thing("one")],
		});
		expect(bench.callsOf("/sync")).toEqual([]);
		expect((await bench.list("Event"))[0]?.["message"]).toContain(message);
	});

	it("that exist already bring no further sync when they are first followed", async () => {
		const bench = await startBench({
			controllers: withCustomize,
			hooks: { "/sync": quiet, "/customize": rules({ ...maps, names: ["a"] }) },
			objects: [...spread, thing("one")],
		});
		// The second one is for the status that the first one wrote.
		expect(bench.callsOf("/sync")).toHaveLength(2);
	});

	it("of a kind that is missing fail the sync until it is there", async () => {
		const bench = await startBench({
			controllers: withCustomize,
			hooks: { "/sync": quiet, "/customize": rules({ apiVersion: "test.prism.io/v1", resource: "laters" }) },
			objects: [thing("one")],
		});
		expect(bench.metacontroller.stats.errors).toBeGreaterThan(0);
		await bench.store.create({
			apiVersion: "apiextensions.k8s.io/v1",
			kind: "CustomResourceDefinition",
			metadata: { name: "laters.test.prism.io" },
			spec: { group: "test.prism.io", names: { kind: "Later", plural: "laters" }, versions: [{ name: "v1" }] },
		});
		await bench.clock.advance(10_000);
		expect(bench.callsOf("/sync").at(-1)?.body.related).toEqual({ "Later.test.prism.io/v1": {} });
	});
});

const startWithName = () =>
	startBench({
		controllers: withCustomize,
		hooks: { "/sync": quiet, "/customize": rules({ ...maps, names: ["a"] }) },
		objects: [thing("one")],
	});

describe("the answer about rules", () => {
	it("holds whatever happens to status, labels and annotations, and not when spec changes", async () => {
		const bench = await startWithName();
		expect(bench.callsOf("/customize")).toHaveLength(1);
		await bench.editStatus("Thing", "one", { odd: true });
		await bench.edit("Thing", "one", ({ metadata }) => {
			metadata.labels = { a: "b" };
			metadata.annotations = { a: "b" };
		});
		expect(bench.callsOf("/sync").length).toBeGreaterThan(2);
		expect(bench.callsOf("/customize")).toHaveLength(1);
		await bench.edit("Thing", "one", (parent) => {
			parent["spec"] = { new: true };
		});
		expect(bench.callsOf("/customize")).toHaveLength(2);
	});

	it("holds for 20 minutes", async () => {
		const bench = await startWithName();
		await bench.clock.advance(19 * 60_000);
		await bench.create(map("a"));
		expect(bench.callsOf("/customize")).toHaveLength(1);
		await bench.clock.advance(60_000);
		await bench.remove("ConfigMap", "a");
		expect(bench.callsOf("/customize")).toHaveLength(2);
	});

	it("is asked for with the parent and the controller only", async () => {
		const bench = await startWithName();
		expect(Object.keys(bench.callsOf("/customize")[0]?.body ?? {}).toSorted()).toEqual(["controller", "parent"]);
	});
});

const own: ToyHook = ({ parent }) => ({
	relatedResources: [{ ...maps, namespace: "default", names: [parent.metadata.name] }],
});

describe("an event on a related kind", () => {
	const byLabel = rules({ ...maps, namespace: "far", labelSelector: { matchLabels: { app: "x" } } });
	const start = (customize: ToyHook = byLabel) =>
		startBench({
			controllers: withCustomize,
			hooks: { "/sync": quiet, "/customize": customize },
			objects: [namespace("far"), thing("one"), thing("two")],
		});
	const syncsIn = async (bench: Awaited<ReturnType<typeof start>>, act: () => Promise<unknown>) => {
		const before = bench.callsOf("/sync").length;
		await act();
		await bench.settle();
		return bench.callsOf("/sync").length - before;
	};

	it("brings every parent whose rules match what it is or what it was", async () => {
		const bench = await start();
		expect(await syncsIn(bench, () => bench.store.create(map("m", "far", { app: "x" })))).toBe(2);
		expect(await syncsIn(bench, () => bench.store.update(map("m", "far", { app: "y" })))).toBe(2);
		expect(await syncsIn(bench, () => bench.store.update(map("m", "far", { app: "z" })))).toBe(0);
		expect(await syncsIn(bench, () => bench.store.create(map("m", "default", { app: "x" })))).toBe(0);
		expect(bench.callsOf("/customize")).toHaveLength(2);
	});

	it("brings only the parents that asked for it", async () => {
		const bench = await start(own);
		expect(await syncsIn(bench, () => bench.store.create(map("two")))).toBe(1);
		expect(bench.callsOf("/sync").at(-1)?.body.parent.metadata.name).toBe("two");
	});

	it("is lost on a parent whose rules can't be had, until its next sync", async () => {
		let out = false;
		const flaky: ToyHook = (body): JsonObject | Reply =>
			out ? new Reply({ status: 500, body: "out" }) : byLabel(body);
		const bench = await start(flaky);
		await bench.clock.advance(20 * 60_000);
		out = true;
		expect(await syncsIn(bench, () => bench.store.create(map("m", "far", { app: "x" })))).toBe(0);
		expect(await bench.list("Event")).toEqual([]);
		out = false;
		expect(await syncsIn(bench, () => bench.clock.advance(10 * 60_000))).toBe(2);
		expect(bench.callsOf("/sync").at(-1)?.body.related["ConfigMap.v1"]).toHaveProperty("far/m");
	});
});
