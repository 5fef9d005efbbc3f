import { describe, expect, test } from "vitest";
import type { Reason } from "../../probe/errors.ts";
import { initialState, nextState, type ProbeEvent, type State } from "../../probe/verdict.ts";

const INTERVAL = 10_000;

describe("the decisions", () => {
	const at = (phase: State["phase"], reason: Reason = "NotChecked"): State => ({
		phase,
		began: 1000,
		due: 0,
		verdict: { outcome: reason, since: 500 },
	});
	const events: ProbeEvent[] = [
		{ type: "due" },
		{ type: "ended", outcome: "Healthy" },
		{ type: "timedOut" },
		{ type: "stop" },
	];

	test.each([
		{ phase: "waiting", next: ["checking", "waiting", "waiting", "stopped"] },
		{ phase: "checking", next: ["checking", "waiting", "overdue", "stopped"] },
		{ phase: "overdue", next: ["overdue", "waiting", "overdue", "stopped"] },
		{ phase: "stopped", next: ["stopped", "stopped", "stopped", "stopped"] },
	] as const)("from $phase", ({ phase, next }) => {
		expect(events.map((event) => nextState(at(phase), event, 2000, INTERVAL).phase)).toEqual(next);
	});

	test("the same outcome keeps its verdict as it is, since included", () => {
		const state = at("checking", "Unreachable");
		expect(nextState(state, { type: "ended", outcome: "Unreachable" }, 2000, INTERVAL).verdict).toBe(state.verdict);
	});

	test("only a check that has begun can be judged", () => {
		const state = initialState(0);
		expect(nextState(state, { type: "ended", outcome: "Healthy" }, 1, INTERVAL)).toBe(state);
		expect(nextState(state, { type: "timedOut" }, 1, INTERVAL)).toBe(state);
	});

	test.each([
		{ began: 1000, now: 2000, due: 11_000 },
		// A check that took longer than the interval is followed by the next at once.
		{ began: 1000, now: 50_000, due: 50_000 },
	])("a check that began at $began and ended at $now is followed by one at $due", ({ began, now, due }) => {
		const state = { ...at("checking"), began };
		expect(nextState(state, { type: "ended", outcome: "Healthy" }, now, INTERVAL)).toEqual({
			phase: "waiting",
			began,
			due,
			verdict: { outcome: "Healthy", since: now },
		});
	});
});
