import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../devcluster/json.ts";
import { ApiError, type Store } from "../../../devcluster/store.ts";
import { LAST_APPLIED } from "../../../kube/held-children.ts";
import { composite, configMap, mapsOf, startBench, thing } from "./bench.ts";

const containing = (text: string): unknown => expect.stringContaining(text);
const sync = mapsOf;
const controllers = [composite(["sync"])];
const one = thing("one", { maps: { first: { a: "1" } } });

describe("children", () => {
	it("are created with the parent as owner, the generated label and what was applied", async () => {
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [one] });
		const parent = await bench.get("Thing", "one");
		const uid = parent?.metadata.uid;
		const owner = { apiVersion: "test.prism.io/v1", kind: "Thing", name: "one", uid };
		const child = await bench.get("ConfigMap", "first");
		expect(child?.metadata.ownerReferences).toEqual([{ ...owner, controller: true, blockOwnerDeletion: true }]);
		expect(child?.metadata.labels).toEqual({ "controller-uid": uid });
		expect(child?.metadata.annotations?.[LAST_APPLIED]).toBe(
			`{"apiVersion":"v1","data":{"a":"1"},"kind":"ConfigMap","metadata":{"labels":{"controller-uid":"${uid}"},` +
				`"name":"first","namespace":"default"}}`,
		);
		expect(parent?.["status"]).toEqual({ phase: "Ready", observedGeneration: 1 });
	});

	it("reach a fixed point: further syncs write nothing", async () => {
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [one], resyncPeriodMs: 60_000 });
		const { writes, syncs } = bench.metacontroller.stats;
		await bench.clock.advance(10 * 60_000);
		expect(bench.metacontroller.stats).toMatchObject({ writes, syncs: syncs + 10, errors: 0 });
	});

	it("are updated in place, and deleted when they are no longer desired", async () => {
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [one] });
		const before = await bench.get("ConfigMap", "first");
		await bench.edit("Thing", "one", (parent) => {
			parent["spec"] = { maps: { first: { b: "2" }, second: {} } };
		});
		const after = await bench.get("ConfigMap", "first");
		expect(after).toMatchObject({ data: { b: "2" }, metadata: { uid: before?.metadata.uid } });
		expect(after?.["data"]).not.toHaveProperty("a");
		await bench.edit("Thing", "one", (parent) => {
			parent["spec"] = { maps: { second: {} } };
		});
		expect(await bench.get("ConfigMap", "first")).toBeUndefined();
		expect(await bench.get("ConfigMap", "second")).toBeDefined();
	});

	it("are repaired when edited by hand, where the hook says something, and come back when deleted", async () => {
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [one] });
		await bench.edit("ConfigMap", "first", (child) => {
			child["data"] = { a: "by hand", mine: "stays" };
		});
		expect(await bench.get("ConfigMap", "first")).toMatchObject({ data: { a: "1", mine: "stays" } });
		const { uid } = (await bench.get("ConfigMap", "first"))?.metadata ?? {};
		await bench.remove("ConfigMap", "first");
		const again = await bench.get("ConfigMap", "first");
		expect(again?.["data"]).toEqual({ a: "1" });
		expect(again?.metadata.uid).not.toBe(uid);
	});

	it.each([undefined, "OnDelete"])("are never updated with the strategy %s", async (method) => {
		const spec: JsonObject = method ? {} : { childResources: [{ apiVersion: "v1", resource: "configmaps" }] };
		const bench = await startBench({
			controllers: [composite(["sync"], method, spec)],
			hooks: { "/sync": sync },
			objects: [one],
		});
		await bench.edit("Thing", "one", (parent) => {
			parent["spec"] = { maps: { first: { a: "2" } } };
		});
		expect(await bench.get("ConfigMap", "first")).toMatchObject({ data: { a: "1" } });
		await bench.remove("ConfigMap", "first");
		expect(await bench.get("ConfigMap", "first")).toMatchObject({ data: { a: "2" } });
	});

	it("are deleted and created anew with the strategy Recreate", async () => {
		const bench = await startBench({
			controllers: [composite(["sync"], "Recreate")],
			hooks: { "/sync": sync },
			objects: [one],
		});
		const before = await bench.get("ConfigMap", "first");
		await bench.edit("Thing", "one", (parent) => {
			parent["spec"] = { maps: { first: { a: "2" } } };
		});
		const after = await bench.get("ConfigMap", "first");
		expect(after?.["data"]).toEqual({ a: "2" });
		expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
	});

	it("are left alone while they are being deleted", async () => {
		const held = { maps: { first: {} } };
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [thing("one", held)] });
		await bench.edit("ConfigMap", "first", (child) => {
			child.metadata.finalizers = ["test/held"];
		});
		await bench.remove("ConfigMap", "first");
		await bench.edit("Thing", "one", (parent) => {
			parent["spec"] = { maps: { first: { a: "2" } } };
		});
		expect((await bench.get("ConfigMap", "first"))?.["data"]).toEqual({});
		expect(bench.metacontroller.stats.errors).toBe(0);
	});

	it("whose name is taken by a stranger's object are given up silently", async () => {
		const bench = await startBench({ controllers, hooks: { "/sync": sync } });
		await bench.store.create({
			...configMap("first", { whose: "theirs" }),
			metadata: { name: "first", namespace: "default" },
		});
		await bench.create(one);
		expect(await bench.get("ConfigMap", "first")).toMatchObject({ data: { whose: "theirs" } });
		expect(bench.metacontroller.stats.errors).toBe(0);
	});

	it("that are gone, or newer than the cache, are left to the next sync", async () => {
		for (const refusal of [new ApiError(409, "Conflict", "stale"), new ApiError(404, "NotFound", "gone")]) {
			let refusals = 1;
			const wrap = (store: Store): Store => ({
				...store,
				update: (object) => {
					refusals -= 1;
					return refusals >= 0 ? Promise.reject(refusal) : store.update(object);
				},
			});
			const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [one], wrap });
			await bench.edit("Thing", "one", (parent) => {
				parent["spec"] = { maps: { first: { a: "2" } } };
			});
			expect(bench.metacontroller.stats.errors).toBe(0);
			expect(await bench.get("ConfigMap", "first")).toMatchObject({ data: { a: "2" } });
		}
	});

	it("are not deleted twice", async () => {
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [one] });
		await bench.edit("ConfigMap", "first", (child) => {
			child.metadata.finalizers = ["test/held"];
		});
		await bench.edit("Thing", "one", (parent) => {
			parent["spec"] = {};
		});
		expect((await bench.get("ConfigMap", "first"))?.metadata.deletionTimestamp).toBeDefined();
		const { writes } = bench.metacontroller.stats;
		await bench.clock.advance(2 * 3_600_000);
		expect(bench.metacontroller.stats.writes).toBe(writes);
	});

	it("that carry another controller-uid are an error", async () => {
		const stray = configMap("first", {}, { labels: { "controller-uid": "other" } });
		const bench = await startBench({ controllers, hooks: { "/sync": () => ({ children: [stray] }) }, objects: [one] });
		expect(await bench.list("ConfigMap")).toEqual([]);
		const [event] = await bench.list("Event");
		expect(event).toMatchObject({
			reason: "SyncError",
			type: "Warning",
			involvedObject: { kind: "Thing", name: "one" },
		});
		expect(event?.["message"]).toContain("don't match the selector");
	});

	it("of a kind that is not declared are created, with a warning, as Metacontroller does", async () => {
		const service = { apiVersion: "v1", kind: "Service", metadata: { name: "s" }, spec: {} };
		const bench = await startBench({
			controllers,
			hooks: { "/sync": () => ({ children: [service] }) },
			objects: [one],
		});
		expect(await bench.get("Service", "s")).toBeDefined();
		expect(bench.log).toContainEqual(expect.objectContaining({ level: "warn", message: containing("Service.v1") }));
	});
});
