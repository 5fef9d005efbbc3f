import { describe, expect, it } from "vitest";
import {
	finalizerOf,
	hasFinalizer,
	managesChildren,
	withoutFinalizer,
} from "../../../devcluster/metacontroller/finalizer.ts";
import { composite, mapsOf, startBench, type ToyHook, thing } from "./bench.ts";

const sync = mapsOf;
const controllers = [composite(["sync"])];
const one = thing("one", { maps: { first: { a: "1" } } });

const finalize: ToyHook = ({ children }) => ({
	status: { phase: "Leaving" },
	children: [],
	finalized: Object.keys(children["ConfigMap.v1"] ?? {}).length === 0,
});

describe("a parent's deletion", () => {
	const finalizer = "metacontroller.io/compositecontroller-toy";
	const withFinalize = [composite(["sync", "finalize"])];

	it("waits for the finalize hook, which sees the children and says when it is done", async () => {
		const bench = await startBench({
			controllers: withFinalize,
			hooks: { "/sync": sync, "/finalize": finalize },
			objects: [one],
		});
		expect((await bench.get("Thing", "one"))?.metadata.finalizers).toEqual([finalizer]);
		expect(bench.calls[0]?.body.parent.metadata.finalizers).toEqual([finalizer]);
		await bench.remove("Thing", "one");
		const finalizing = bench.callsOf("/finalize").map(({ body }) => body);
		expect(finalizing[0]).toMatchObject({ finalizing: true, children: { "ConfigMap.v1": { "default/first": {} } } });
		expect(finalizing.at(-1)?.children).toEqual({ "ConfigMap.v1": {} });
		expect(await bench.get("Thing", "one")).toBeUndefined();
		expect(await bench.list("ConfigMap")).toEqual([]);
		expect(bench.metacontroller.stats.errors).toBe(0);
	});

	it("is left to the garbage collector when that has begun", async () => {
		const bench = await startBench({
			controllers: withFinalize,
			hooks: { "/sync": sync, "/finalize": () => ({ children: [] }) },
			objects: [one],
		});
		const things = await bench.store.resourceNamed("test.prism.io/v1", "things");
		await bench.store.delete(things, "default", "one", { propagationPolicy: "Foreground" });
		await bench.settle();
		expect(bench.callsOf("/finalize").length).toBeGreaterThan(0);
		expect(await bench.get("ConfigMap", "first")).toBeDefined();
	});

	it("gets no second finalizer when somebody else's holds the parent", async () => {
		const bench = await startBench({
			controllers: withFinalize,
			hooks: { "/sync": sync, "/finalize": () => ({ children: [], finalized: true }) },
			objects: [thing("one", {}, { finalizers: ["test/held"] })],
		});
		await bench.remove("Thing", "one");
		expect((await bench.get("Thing", "one"))?.metadata.finalizers).toEqual(["test/held"]);
		expect(bench.metacontroller.stats.errors).toBe(0);
	});

	it("calls the sync hook without a finalize hook, and manages no children any more", async () => {
		const bench = await startBench({
			controllers,
			hooks: { "/sync": sync },
			objects: [thing("one", { maps: { first: {} } }, { finalizers: ["test/held"] })],
		});
		await bench.remove("Thing", "one");
		await bench.remove("ConfigMap", "first");
		expect(bench.calls.at(-1)?.body.finalizing).toBe(false);
		expect(await bench.get("ConfigMap", "first")).toBeUndefined();
	});

	it("takes off a finalizer that is left from when there was a finalize hook", async () => {
		const left = thing("one", {}, { finalizers: [finalizer, "test/held"] });
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [left] });
		expect((await bench.get("Thing", "one"))?.metadata.finalizers).toEqual(["test/held"]);
	});

	it("is not what finalize means when the parent no longer matches the selector", async () => {
		const parentResource = {
			apiVersion: "test.prism.io/v1",
			resource: "things",
			labelSelector: { matchLabels: { mine: "yes" } },
		};
		const bench = await startBench({
			controllers: [composite(["sync", "finalize"], "InPlace", { parentResource })],
			hooks: { "/sync": sync, "/finalize": () => ({ children: [], finalized: true }) },
			objects: [thing("one", { maps: { first: {} } }, { labels: { mine: "yes" } }), thing("stranger")],
		});
		await bench.edit("Thing", "one", ({ metadata }) => {
			metadata.labels = {};
		});
		expect(bench.callsOf("/finalize")[0]?.body).toMatchObject({
			finalizing: true,
			parent: { metadata: { name: "one" } },
		});
		expect((await bench.get("Thing", "one"))?.metadata.finalizers ?? []).toEqual([]);
		expect((await bench.get("Thing", "stranger"))?.metadata.finalizers).toBeUndefined();
	});
});

describe("a finalizer", () => {
	const own = finalizerOf({ type: "decorator", name: "toy", finalize: {} });
	const unwanted = finalizerOf({ type: "decorator", name: "toy" });
	const held = (...finalizers: readonly string[]) => thing("one", {}, { finalizers });
	const going = (...finalizers: readonly string[]) =>
		thing("one", {}, { deletionTimestamp: "2026-01-01T00:00:00Z", ...(finalizers.length > 0 && { finalizers }) });

	it("is the controller's, and wanted for its hook", () => {
		expect(own).toEqual({ name: "metacontroller.io/decoratorcontroller-toy", wanted: true });
		expect(unwanted.wanted).toBe(false);
	});

	it.each([
		[thing("one"), false, []],
		[held("test/held"), false, ["test/held"]],
		[held("test/held", own.name), true, ["test/held"]],
	])("is taken off, and others stay", (object, isHeld, others) => {
		expect(hasFinalizer(object, own)).toBe(isHeld);
		expect(withoutFinalizer(object, own).metadata.finalizers ?? []).toEqual(others);
	});

	it("leaves no empty list behind", () => {
		expect(withoutFinalizer(held(own.name), own).metadata).not.toHaveProperty("finalizers");
	});

	it.each([
		["that stays", thing("one"), own, true],
		["that stays, without a hook", thing("one"), unwanted, true],
		["that goes, and is held", going(own.name), own, true],
		["that goes, and is held by others", going("test/held"), own, false],
		["that goes, without a hook", going(own.name), unwanted, false],
		["that goes after its children", going(own.name, "foregroundDeletion"), own, false],
		["that leaves its children behind", going(own.name, "orphan"), own, false],
	])("of a parent %s", (_, parent, finalizer, manages) => {
		expect(managesChildren(parent, finalizer)).toBe(manages);
	});
});
