import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createActivity, unlessAborted } from "../../../devcluster/controllers/activity.ts";

test("it is idle when all that began has ended, also what began at once after that", async () => {
	const activity = createActivity();
	await activity.idle();
	const order: string[] = [];
	activity.begin();
	activity.begin();
	const both = ["first", "second"].map((name) => activity.idle().then(() => order.push(name)));
	activity.end();
	await turn();
	expect(order).toEqual([]);
	activity.end();
	activity.begin();
	await turn();
	expect(order).toEqual([]);
	activity.end();
	await Promise.all(both);
	expect(order).toEqual(["first", "second"]);
});

test.each<[string, () => Promise<number>, object]>([
	["its value", () => Promise.resolve(7), { value: 7 }],
	["its error", () => Promise.reject(new Error("why")), { reason: new Error("why") }],
])("a promise that nobody aborts is %s", async (_, work, outcome) => {
	const [result] = await Promise.allSettled([unlessAborted(new AbortController().signal, work())]);
	expect(result).toMatchObject(outcome);
});

test("an abort is the end, before and meanwhile, and no matter later", async () => {
	const stopping = new AbortController();
	const waiting = unlessAborted(stopping.signal, new Promise(() => {}));
	const done = await unlessAborted(stopping.signal, Promise.resolve("done"));
	stopping.abort();
	await expect(waiting).rejects.toThrow("stopped");
	await expect(unlessAborted(stopping.signal, Promise.resolve("late"))).rejects.toThrow("stopped");
	expect(done).toBe("done");
});
