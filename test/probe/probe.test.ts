import { describe, expect, test } from "vitest";
import type { Checker } from "../../probe/connection.ts";
import { ProbeError } from "../../probe/errors.ts";
import { createProbe } from "../../probe/probe.ts";
import type { CheckOutcome } from "../../probe/verdict.ts";
import { createManualClock } from "../clock.ts";

// The loop with a manual clock and checkers that do as they are told.

const INTERVAL = 10_000;
const TIMEOUT = 3000;

/** Each check stays open until the test ends it. */
function controlledChecker() {
	const open: { resolve: () => void; reject: (error: unknown) => void; signal: AbortSignal }[] = [];
	let closed = 0;
	const checker: Checker = {
		check: (signal) => new Promise((resolve, reject) => open.push({ resolve, reject, signal })),
		close: () => {
			closed += 1;
			return Promise.resolve();
		},
	};
	return { checker, open, closed: () => closed, last: () => open.at(-1) };
}

const answering = (...outcomes: CheckOutcome[]): Checker => {
	const rest = [...outcomes];
	return {
		check: () => {
			const outcome = rest.length > 1 ? rest.shift() : rest[0];
			if (outcome === undefined || outcome === "Healthy") return Promise.resolve();
			return Promise.reject(new ProbeError(outcome));
		},
		close: () => Promise.resolve(),
	};
};

function begin(checker: Checker) {
	const clock = createManualClock();
	const start = clock.now();
	const verdicts: { outcome: CheckOutcome; at: number }[] = [];
	const checks: { outcome: CheckOutcome; ms: number }[] = [];
	const probe = createProbe({
		checker,
		clock,
		intervalMs: INTERVAL,
		timeoutMs: TIMEOUT,
		onCheck: (outcome, ms) => checks.push({ outcome, ms }),
		onVerdict: ({ outcome, since }) => verdicts.push({ outcome, at: since - start }),
	});
	probe.start();
	return { clock, probe, verdicts, checks };
}

describe("the loop", () => {
	test("the first check runs at once, and until it has ended nothing is claimed", async () => {
		const { checker, open, last } = controlledChecker();
		const { clock, probe, verdicts } = begin(checker);
		expect(open).toHaveLength(1);
		expect(probe.verdict().outcome).toBe("NotChecked");
		last()?.resolve();
		await clock.settle();
		expect(probe.verdict().outcome).toBe("Healthy");
		expect(verdicts).toEqual([{ outcome: "Healthy", at: 0 }]);
	});

	test("up: a check per interval, and one verdict for all of them", async () => {
		const { clock, verdicts, checks } = begin(answering("Healthy"));
		await clock.advance(5 * INTERVAL);
		expect(checks).toHaveLength(6);
		expect(verdicts).toHaveLength(1);
	});

	test("down: keeps trying, and one verdict for all failures of one reason", async () => {
		const { clock, verdicts, checks } = begin(answering("Unreachable"));
		await clock.advance(5 * INTERVAL);
		expect(checks).toHaveLength(6);
		expect(verdicts).toEqual([{ outcome: "Unreachable", at: 0 }]);
	});

	test("flapping: each change is told, with its time", async () => {
		const { clock, verdicts } = begin(answering("Healthy", "Unreachable", "Unreachable", "NotServing", "Healthy"));
		await clock.advance(5 * INTERVAL);
		expect(verdicts).toEqual([
			{ outcome: "Healthy", at: 0 },
			{ outcome: "Unreachable", at: INTERVAL },
			{ outcome: "NotServing", at: 3 * INTERVAL },
			{ outcome: "Healthy", at: 4 * INTERVAL },
		]);
	});

	test("hanging: a failure at the timeout, told to the checker, and the next check comes at its time", async () => {
		const { checker, open, last } = controlledChecker();
		const { clock, probe, verdicts, checks } = begin(checker);
		await clock.advance(TIMEOUT - 1);
		expect(probe.verdict().outcome).toBe("NotChecked");
		expect(last()?.signal.aborted).toBe(false);
		await clock.advance(1);
		expect(verdicts).toEqual([{ outcome: "TimedOut", at: TIMEOUT }]);
		expect(last()?.signal.aborted).toBe(true);
		expect(checks).toEqual([{ outcome: "TimedOut", ms: TIMEOUT }]);
		last()?.reject(new ProbeError("TimedOut"));
		await clock.advance(INTERVAL - TIMEOUT - 1);
		expect(open).toHaveLength(1);
		await clock.advance(1);
		expect(open).toHaveLength(2);
	});

	test("one in flight: a check that heeds no signal is waited for, however long, and its late end changes nothing", async () => {
		const { checker, open, last } = controlledChecker();
		const { clock, probe, checks } = begin(checker);
		await clock.advance(10 * INTERVAL);
		expect(open).toHaveLength(1);
		last()?.resolve();
		await clock.settle();
		expect(probe.verdict().outcome).toBe("TimedOut");
		expect(checks).toHaveLength(1);
		// Long overdue: the next one follows at once.
		await clock.advance(0);
		expect(open).toHaveLength(2);
		last()?.resolve();
		await clock.settle();
		expect(probe.verdict().outcome).toBe("Healthy");
	});

	test("a slow check does not shift the next ones", async () => {
		const { checker, open, last } = controlledChecker();
		const { clock } = begin(checker);
		await clock.advance(2000);
		last()?.resolve();
		await clock.advance(INTERVAL - 2000);
		expect(open).toHaveLength(2);
	});

	test("what is no ProbeError is a reason too", async () => {
		const { checker, last } = controlledChecker();
		const { clock, probe } = begin(checker);
		last()?.reject("a string");
		await clock.settle();
		expect(probe.verdict().outcome).toBe("ProtocolError");
	});

	test("stop: gives up what is in flight, closes, begins no other, and changes no verdict", async () => {
		const { checker, open, last, closed } = controlledChecker();
		const { clock, probe, verdicts } = begin(checker);
		last()?.resolve();
		await clock.advance(INTERVAL);
		await probe.stop();
		expect(last()?.signal.aborted).toBe(true);
		expect(closed()).toBe(1);
		last()?.reject(new ProbeError("ConnectionClosed"));
		await clock.advance(5 * INTERVAL);
		expect(open).toHaveLength(2);
		expect(verdicts).toHaveLength(1);
		expect(probe.verdict().outcome).toBe("Healthy");
	});
});
