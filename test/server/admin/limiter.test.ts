import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createLimiter } from "../../../server/admin/limiter.ts";
import { createManualClock } from "../../clock.ts";

const BUSY = { failure: "Overloaded" };

/** Work that ends when the test says so. */
const limited = (atOnce: number, waiting: number) => {
	const clock = createManualClock();
	const limiter = createLimiter({ atOnce, waiting, waitMs: 1000, time: clock });
	const began: string[] = [];
	const run = (name: string) => {
		const work = Promise.withResolvers<string>();
		const ended = limiter.run(() => {
			began.push(name);
			return work.promise;
		});
		// Some of them end before the test looks.
		ended.catch(() => {});
		return { ended, end: () => work.resolve(name), fail: () => work.reject(new Error(name)) };
	};
	return { clock, limiter, began, run };
};

test("work beyond the limit waits, first in, first out", async () => {
	const { limiter, began, run } = limited(2, 9);
	const [first, second] = [run("a"), run("b"), run("c"), run("d")];
	expect(began).toEqual(["a", "b"]);
	second?.end();
	expect(await second?.ended).toBe("b");
	expect(began).toEqual(["a", "b", "c"]);
	first?.end();
	await turn();
	expect(began).toEqual(["a", "b", "c", "d"]);
	expect(limiter.isIdle()).toBe(false);
});

test("work that fails gives its slot to the next", async () => {
	const { limiter, began, run } = limited(1, 9);
	const [first, second] = [run("a"), run("b")];
	first.fail();
	await expect(first.ended).rejects.toThrow("a");
	second.end();
	expect(await second.ended).toBe("b");
	expect(began).toEqual(["a", "b"]);
	expect(limiter.isIdle()).toBe(true);
});

test("a full queue rejects at once, and takes others when there is room again", async () => {
	const { run } = limited(1, 1);
	const [first, second, third] = [run("a"), run("b"), run("c")];
	await expect(third.ended).rejects.toMatchObject(BUSY);
	first.end();
	second.end();
	expect(await second.ended).toBe("b");
	const fourth = run("d");
	fourth.end();
	expect(await fourth.ended).toBe("d");
});

test("work that waits too long is rejected and never begins", async () => {
	const { clock, began, run } = limited(1, 9);
	const [first, second] = [run("a"), run("b")];
	await clock.advance(999);
	const third = run("c");
	await clock.advance(1);
	await expect(second.ended).rejects.toMatchObject(BUSY);
	first.end();
	third.end();
	expect(await third.ended).toBe("c");
	expect(began).toEqual(["a", "c"]);
});
