import { describe, expect, test } from "vitest";
import { createReminders } from "../../../server/admin/repeat-schedule.ts";

// When a namespace is due to be sent once more to a server that can't be read back.

const prepare = (fraction = 0.5) => {
	const clock = { now: 1000, fraction };
	const reminders = createReminders({ remindMs: 1000 }, { monotonic: () => clock.now, random: () => clock.fraction });
	return { clock, reminders };
};

describe("a reminder", () => {
	test.each([0, 0.5, 0.99])("is due at most one period after the last time, and not long before: %s", (fraction) => {
		const { clock, reminders } = prepare(fraction);
		const left = reminders.sent("a", "orders");
		expect(left).toBeLessThanOrEqual(1000);
		expect(left).toBeGreaterThan(750);
		expect(reminders.left("a", "orders")).toBe(left);
		clock.now += left - 1;
		expect(reminders.left("a", "orders")).toBe(1);
		clock.now += 1;
		expect(reminders.left("a", "orders")).toBe(0);
		clock.now += 500;
		expect(reminders.left("a", "orders")).toBe(0);
	});

	test("of what was not sent from here is due within one period from when it is asked for first", () => {
		const { clock, reminders } = prepare(0.25);
		expect(reminders.left("a", "orders")).toBe(250);
		clock.fraction = 0.75;
		clock.now += 100;
		expect(reminders.left("a", "orders")).toBe(150);
		expect(reminders.left("b", "orders")).toBe(750);
	});

	test("is forgotten with what it is about, and when nobody asks", () => {
		const { clock, reminders } = prepare(0);
		reminders.sent("a", "orders");
		reminders.forget("a", "orders");
		expect(reminders.left("a", "orders")).toBe(0);
		reminders.sent("a", "carts");
		clock.now += 2000;
		reminders.sweep();
		expect(reminders.left("a", "carts")).toBe(0);
		clock.now += 1;
		reminders.sweep();
		clock.fraction = 0.5;
		expect(reminders.left("a", "carts")).toBe(500);
	});
});
