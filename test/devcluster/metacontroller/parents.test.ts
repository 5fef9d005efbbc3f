import { describe, expect, it } from "vitest";
import { composite, mapsOf, Reply, startBench, type ToyHook, thing } from "./bench.ts";

const sync = mapsOf;
const controllers = [composite(["sync"])];
const one = thing("one", { maps: { first: { a: "1" } } });

describe("a hook", () => {
	it("that has much to complain about is not heard more than 25 times", async () => {
		let number = 0;
		const shouting: ToyHook = () => {
			number += 1;
			return new Reply({ status: 500, body: `complaint ${number}` });
		};
		const bench = await startBench({ controllers, hooks: { "/sync": shouting }, objects: [one], resyncPeriodMs: 1000 });
		await bench.clock.advance(100_000);
		expect(number).toBeGreaterThan(50);
		expect(await bench.list("Event")).toHaveLength(25);
	});

	it("that answers 429 is called again when it asks to be, without an Event", async () => {
		let busy = true;
		const shy: ToyHook = (body) => (busy ? new Reply({ status: 429, body: "", retryAfter: "7" }) : sync(body));
		const bench = await startBench({ controllers, hooks: { "/sync": shy }, objects: [one] });
		busy = false;
		await bench.clock.advance(6999);
		expect(bench.calls).toHaveLength(1);
		await bench.clock.advance(1);
		expect(await bench.get("ConfigMap", "first")).toBeDefined();
		expect(await bench.list("Event")).toEqual([]);
		expect(bench.metacontroller.stats.errors).toBe(0);
	});

	it("is called again after resyncAfterSeconds, once", async () => {
		let answers = 0;
		const later: ToyHook = (body) => {
			answers += 1;
			return { ...sync(body), resyncAfterSeconds: answers === 1 ? 2.5 : 0 };
		};
		const bench = await startBench({ controllers, hooks: { "/sync": later }, objects: [thing("one")] });
		const before = bench.calls.length;
		await bench.clock.advance(2499);
		expect(bench.calls).toHaveLength(before);
		await bench.clock.advance(60_000);
		expect(bench.calls).toHaveLength(before + 1);
	});

	it("is called for every parent each resyncPeriodSeconds, and each 30 minutes without", async () => {
		for (const [spec, minutes, count] of [
			[{ resyncPeriodSeconds: 0 }, 1, 60],
			[{ resyncPeriodSeconds: 60 }, 10, 10],
			[{}, 60, 2],
		] as const) {
			const bench = await startBench({
				controllers: [composite(["sync"], "InPlace", spec)],
				hooks: { "/sync": sync },
				objects: [one],
			});
			const before = bench.calls.length;
			await bench.clock.advance(minutes * 60_000);
			expect(bench.calls.length - before).toBe(count);
		}
	});

	it.each([
		["its parent", "Thing", "one", 1],
		["its parent's child", "ConfigMap", "first", 1],
		["a stranger's", "ConfigMap", "stranger", 0],
	])("is called for a change of %s", async (_, kind, name, count) => {
		const stranger = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "stranger", namespace: "default" } };
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [one, stranger] });
		const before = bench.calls.length;
		await bench.edit(kind, name, ({ metadata }) => {
			metadata.annotations = { ...metadata.annotations, changed: "yes" };
		});
		expect(bench.calls.length - before).toBe(count);
	});
});
