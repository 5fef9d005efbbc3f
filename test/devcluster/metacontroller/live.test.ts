import { expect, it } from "vitest";
import { objectAt } from "../../../devcluster/json.ts";
import { createMemoryStore } from "../../../devcluster/memory/memory.ts";
import { changeLive, getLive, isConflict, isNotFound } from "../../../devcluster/metacontroller/live.ts";
import type { Runtime } from "../../../devcluster/metacontroller/runtime.ts";
import { ApiError } from "../../../devcluster/store.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { createManualClock } from "../../clock.ts";
import { configMap } from "./bench.ts";

const CONFLICT = new ApiError(409, "Conflict", "modified");

async function stored() {
	const clock = createManualClock();
	const store = createMemoryStore({ clock, kinds: [] });
	const original = await store.create(configMap("one", { a: "1" }, { namespace: "default" }));
	const resource = await store.resourceOf("v1", "ConfigMap");
	const stopping = new AbortController();
	// Only these parts of it are read.
	const runtime = { store, clock, signal: stopping.signal } as Pick<Runtime, "store" | "clock" | "signal"> as Runtime;
	let attempts = 0;
	/** Fails with a conflict so many times. */
	const change = (conflicts: number, to: (live: KubeObject) => KubeObject | undefined) =>
		changeLive(runtime, {
			resource,
			original,
			change: to,
			write: (changed) => (attempts++ < conflicts ? Promise.reject(CONFLICT) : store.update(changed)),
		});
	return { clock, store, original, resource, stopping, runtime, change, attempts: () => attempts };
}

const withB = (live: KubeObject) => ({ ...live, data: { ...objectAt(live, "data"), b: "2" } });

it("a change starts from what is there now, not from what was read before", async () => {
	const { store, original, change } = await stored();
	await store.update({ ...original, data: { a: "2" } });
	expect(await change(0, withB)).toMatchObject({ data: { a: "2", b: "2" } });
});

it("no change is no write", async () => {
	const { original, change, attempts } = await stored();
	expect(await change(0, () => undefined)).toEqual(original);
	expect(attempts()).toBe(0);
});

it.each([
	[1, 10],
	[2, 60],
	[3, 310],
])("after %d conflicts it is written after %d ms", async (conflicts, ms) => {
	const { clock, change, attempts } = await stored();
	const written = change(conflicts, withB);
	await clock.advance(ms - 1);
	expect(attempts()).toBe(conflicts);
	await clock.advance(1);
	expect(await written).toMatchObject({ data: { b: "2" } });
});

it("a conflict that lasts, and any other error, is one", async () => {
	const { clock, change, attempts } = await stored();
	const conflicting = change(9, withB).catch((error: unknown) => isConflict(error));
	await clock.advance(1000);
	expect(await conflicting).toBe(true);
	expect(attempts()).toBe(4);
	const failing = change(0, () => {
		throw new Error("why");
	});
	await expect(failing).rejects.toThrow("why");
});

it("between two attempts the stop is an end", async () => {
	const { stopping, change, clock } = await stored();
	const waiting = change(9, withB).catch((error: Error) => error.message);
	await clock.settle();
	stopping.abort();
	expect(await waiting).toContain("stopped");
});

it("another object of the same name is not it", async () => {
	const { store, original, resource, runtime } = await stored();
	await store.delete(resource, "default", "one");
	const gone = await getLive(runtime, resource, original).catch(isNotFound);
	const { uid: _uid, resourceVersion: _version, ...metadata } = original.metadata;
	await store.create({ ...original, metadata });
	const replaced = await getLive(runtime, resource, original).catch(isNotFound);
	expect([gone, replaced]).toEqual([true, true]);
});
