import { describe, expect, it } from "vitest";
import { durationMillis, secondsAfter, secondsBetween, soonest } from "../../kube/time.ts";

describe("durations", () => {
	it.each([
		["300s", 300_000],
		["1h30m", 5_400_000],
		["720h", 2_592_000_000],
		["1.5s", 1500],
		["1.25s", 1250],
		["250ms", 250],
		["1m1s1ms", 61_001],
	])("%s", (text, millis) => {
		expect(durationMillis(text)).toBe(millis);
	});

	it.each(["", "5", "1d", "s", "1h 30m", "-1s", "1h30"])("is none: %j", (text) => {
		expect(durationMillis(text)).toBeNaN();
	});
});

describe("timestamps", () => {
	it("are added to, and told apart, in whole seconds", () => {
		expect(secondsAfter("2026-01-31T23:59:59Z", 2)).toBe("2026-02-01T00:00:01Z");
		expect(secondsBetween("2026-01-01T00:00:00Z", "2026-01-01T00:01:00.900Z")).toBe(60);
	});
});

it.each([
	[[], undefined],
	[[undefined, undefined], undefined],
	[[5, undefined, 3], 3],
	[[undefined, 0], 0],
])("the soonest of %j is %j", (seconds, expected) => {
	expect(soonest(...seconds)).toBe(expected);
});
