import { expect, test } from "vitest";
import { LATE, within } from "../../../server/admin/timing.ts";
import { createManualClock } from "../../clock.ts";

const never = new Promise<string>(() => {});

test("work that ends in time is its value, or its error, and leaves no timer", async () => {
	const clock = createManualClock();
	let timers = 0;
	const time = {
		after: (ms: number, run: () => void) => {
			timers++;
			const cancel = clock.after(ms, run);
			return () => {
				timers--;
				cancel();
			};
		},
	};
	expect(await within(time, Promise.resolve("done"), 0)).toBe("done");
	await expect(within(time, Promise.reject(new Error("it broke")), 10)).rejects.toThrow("it broke");
	expect(timers).toBe(0);
});

test.each([
	[10, 9, 1],
	[0, 0, 0],
	[-5, 0, 0],
])("work that takes longer than %d ms is late then, and not before", async (ms, before, rest) => {
	const clock = createManualClock();
	const results: unknown[] = [];
	const waiting = within(clock, never, ms).then((value) => results.push(value));
	if (before > 0) {
		await clock.advance(before);
		expect(results).toEqual([]);
	}
	await clock.advance(rest);
	await waiting;
	expect(results).toEqual([LATE]);
});
