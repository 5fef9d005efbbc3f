import { describe, expect, it } from "vitest";
import { ApiError, type Store } from "../../../devcluster/store.ts";
import { composite, mapsOf, startBench, thing } from "./bench.ts";

const sync = mapsOf;
const controllers = [composite(["sync"])];
const one = thing("one", { maps: { first: { a: "1" } } });

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
