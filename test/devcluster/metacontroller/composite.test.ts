import { describe, expect, it } from "vitest";
import { ApiError, type Store } from "../../../devcluster/store.ts";
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

const refusingMaps = (store: Store): Store => ({
	...store,
	create: (object) =>
		object.kind === "ConfigMap" ? Promise.reject(new ApiError(403, "Forbidden", "no")) : store.create(object),
});

const replacingThings = (store: Store): Store => ({
	...store,
	get: async (...given) => {
		const object = await store.get(...given);
		return object?.kind === "Thing" ? { ...object, metadata: { ...object.metadata, uid: "another" } } : object;
	},
});

describe("status", () => {
	it("is written also when children could not be managed, and then the sync fails", async () => {
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [one], wrap: refusingMaps });
		expect(await bench.get("Thing", "one")).toMatchObject({ status: { phase: "Ready" } });
		expect((await bench.list("Event"))[0]?.["message"]).toContain("cannot create ConfigMap default/first: no");
	});

	it("is written over a conflict after a fresh read, and a conflict that lasts is no error", async () => {
		let conflicts = 2;
		const wrap = (store: Store): Store => ({
			...store,
			updateStatus: (object) => {
				conflicts -= 1;
				return conflicts >= 0 ? Promise.reject(new ApiError(409, "Conflict", "stale")) : store.updateStatus(object);
			},
		});
		const starting = startBench({ controllers, hooks: { "/sync": sync }, wrap });
		const bench = await starting;
		await bench.store.create(one);
		await bench.clock.advance(100);
		expect(await bench.get("Thing", "one")).toMatchObject({ status: { phase: "Ready" } });
		conflicts = 100;
		await bench.store.create(thing("two"));
		await bench.clock.advance(1000);
		expect((await bench.get("Thing", "two"))?.["status"]).toBeUndefined();
		expect(conflicts).toBe(96);
		expect(bench.metacontroller.stats.errors).toBe(0);
	});

	it("is not written to another object of the same name", async () => {
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [one], wrap: replacingThings });
		expect((await bench.get("Thing", "one"))?.["status"]).toBeUndefined();
		expect(bench.metacontroller.stats.errors).toBe(0);
	});

	it("changes by somebody else bring the next sync, unless they are ignored", async () => {
		for (const [ignoreStatusChanges, more] of [
			[false, 2],
			[true, 0],
		] as const) {
			const parentResource = { apiVersion: "test.prism.io/v1", resource: "things", ignoreStatusChanges };
			const bench = await startBench({
				controllers: [composite(["sync"], "InPlace", { parentResource })],
				hooks: { "/sync": sync },
				objects: [one],
			});
			const before = bench.calls.length;
			await bench.editStatus("Thing", "one", { phase: "Odd" });
			expect(bench.calls.length - before).toBe(more);
			await bench.edit("Thing", "one", ({ metadata }) => {
				metadata.labels = { a: "b" };
			});
			expect(bench.calls.length).toBeGreaterThan(before + more);
		}
	});
});
