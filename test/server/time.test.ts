import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { systemTime, timestamp } from "../../server/time.ts";

test.each([
	[0, "1970-01-01T00:00:00Z"],
	[1_767_225_599_999, "2025-12-31T23:59:59Z"],
])("the time of %d ms, in whole seconds", (now, text) => {
	expect(timestamp({ now: () => now })).toBe(text);
});

test("without a clock, it is the system's", () => {
	const before = Date.now() - 1000;
	expect(Date.parse(timestamp())).toBeGreaterThanOrEqual(before);
	expect(systemTime.now()).toBeGreaterThanOrEqual(before);
});

test("what is due runs once, and not when it is canceled", async () => {
	const ran: string[] = [];
	const cancel = systemTime.after(5, () => void ran.push("canceled"));
	systemTime.after(5, () => void ran.push("due"));
	cancel();
	const began = systemTime.monotonic();
	await sleep(50);
	expect(ran).toEqual(["due"]);
	expect(systemTime.monotonic() - began).toBeGreaterThan(40);
});
