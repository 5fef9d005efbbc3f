import { expect, test } from "vitest";
import { madeUpFigures } from "../../../devcluster/proxy/figures.ts";

const names = ["orders", "users", "", "ns-1", "ns-2"];
const MINUTE = 60_000;

test.each(names)("figures of %o are those of its name and moment, and come again after ten minutes", (name) => {
	const figures = madeUpFigures(name, 7 * MINUTE);
	expect(madeUpFigures(name, 7 * MINUTE)).toEqual(figures);
	expect(madeUpFigures(name, 17 * MINUTE)).toEqual(figures);
	expect(madeUpFigures(name, 12 * MINUTE)).not.toEqual(figures);
});

test.each(names)("figures of %o are whole and positive at any moment, and its keys stay", (name) => {
	const keys = new Set<number>();
	for (let now = 0; now < 10 * MINUTE; now += MINUTE / 4) {
		const { p99LatencyMs, ...counts } = madeUpFigures(name, now);
		for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0);
		expect(Object.values(counts).every(Number.isInteger)).toBe(true);
		expect(p99LatencyMs).toBeGreaterThan(4);
		expect(p99LatencyMs).toBeLessThan(10);
		keys.add(counts.keys);
	}
	expect(keys.size).toBe(1);
});

test("no two names have the same", () => {
	expect(new Set(names.map((name) => madeUpFigures(name, 0).keys)).size).toBe(names.length);
});
