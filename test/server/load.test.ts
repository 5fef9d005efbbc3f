import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { readConfig } from "../../server/config.ts";
import { createLoad } from "../../server/load.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("measures the event loop while anybody calls, and shortly after, but not at rest", () => {
	const load = createLoad(readConfig({}).limits);
	expect(vi.getTimerCount()).toBe(0);
	expect(load.enter(10)).toBeUndefined();
	expect(vi.getTimerCount()).toBe(1);
	vi.advanceTimersByTime(60_000);
	expect(vi.getTimerCount()).toBe(1);
	load.leave(10);
	vi.advanceTimersByTime(60_000);
	expect(vi.getTimerCount()).toBe(0);
	load.enter(10);
	vi.advanceTimersByTime(1000);
	expect(vi.getTimerCount()).toBe(1);
	load.close();
	expect(vi.getTimerCount()).toBe(0);
});
