import { setImmediate as settled } from "node:timers/promises";
import { expect, it } from "vitest";
import { createActivity } from "../../../devcluster/controllers/activity.ts";
import {
	clientGoLimiter,
	createQueue,
	createWorkQueue,
	type Outcome,
} from "../../../devcluster/controllers/work-queue.ts";
import { ApiError } from "../../../devcluster/store.ts";
import { createManualClock } from "../../clock.ts";

const start = (outcomes: Readonly<Record<string, Outcome[]>> = {}, workers = 5) => {
	const clock = createManualClock(0);
	const activity = createActivity();
	const runs: { key: string; at: number }[] = [];
	const held = new Map<string, () => void>();
	const queue = createQueue({
		clock,
		activity,
		workers,
		limiter: clientGoLimiter(clock),
		work: async (key) => {
			runs.push({ key, at: clock.now() });
			if (key.startsWith("held")) await new Promise<void>((resolve) => held.set(key, resolve));
			return outcomes[key]?.shift() ?? "done";
		},
	});
	return { clock, activity, queue, runs, held, times: () => runs.map(({ at }) => at) };
};

it("works on a key once however often it was added before", async () => {
	const { queue, runs, activity } = start();
	for (const key of ["a", "b", "a", "a"]) queue.add(key);
	await activity.idle();
	expect(runs.map(({ key }) => key)).toEqual(["a", "b"]);
});

it("never works on a key twice at once, and once more when it was added meanwhile", async () => {
	const { queue, runs, held, activity } = start();
	queue.add("held");
	await settled();
	queue.add("held");
	queue.add("held");
	await settled();
	expect(runs).toHaveLength(1);
	held.get("held")?.();
	await settled();
	expect(runs).toHaveLength(2);
	held.get("held")?.();
	await activity.idle();
	expect(runs).toHaveLength(2);
});

it("has no more keys in flight than workers", async () => {
	const { queue, runs, held } = start({}, 2);
	for (const key of ["held1", "held2", "held3"]) queue.add(key);
	await settled();
	expect(runs).toHaveLength(2);
	held.get("held1")?.();
	await settled();
	expect(runs.at(-1)?.key).toBe("held3");
});

it("backs off from 5 ms by doubling, and begins anew after a success", async () => {
	const { queue, clock, times } = start({ a: ["retry", "retry", "retry", "done", "retry"] });
	queue.add("a");
	await clock.advance(1000);
	queue.add("a");
	await clock.advance(1000);
	expect(times()).toEqual([0, 5, 15, 35, 1000, 1005]);
});

it("backs off by no more than 1000 s", async () => {
	const { queue, clock, times } = start({ a: Array.from({ length: 25 }, () => "retry" as const) });
	queue.add("a");
	await clock.advance(10_000_000);
	const gaps = times().map((at, index) => at - (times()[index - 1] ?? 0));
	expect(Math.max(...gaps)).toBe(1_000_000);
});

it("retries ten keys a second once a hundred were retried at once", async () => {
	const keys = Array.from({ length: 120 }, (_, index) => `key${index}`);
	const { queue, clock, runs } = start(Object.fromEntries(keys.map((key) => [key, ["retry"]])));
	for (const key of keys) queue.add(key);
	await clock.advance(10);
	expect(runs).toHaveLength(120 + 100);
	await clock.advance(1000);
	expect(runs).toHaveLength(120 + 110);
});

it("keeps the earliest of several delays, and works on the key in between all the same", async () => {
	const { queue, clock, times } = start();
	queue.addAfter("a", 500);
	queue.addAfter("a", 100);
	queue.addAfter("a", 300);
	queue.add("a");
	await clock.advance(1000);
	expect(times()).toEqual([0, 100]);
});

it("waits as long as the work asks for, and a retry after that starts from where back-off was", async () => {
	const { queue, clock, times } = start({ a: ["retry", { after: 2000 }, "retry"] });
	queue.add("a");
	await clock.advance(5000);
	expect(times()).toEqual([0, 5, 2005, 2015]);
});

it("starts nothing once it is stopped, and waits for what is in flight", async () => {
	const { queue, clock, runs, held, activity } = start({}, 1);
	queue.add("held");
	queue.add("b");
	queue.addAfter("c", 10);
	await settled();
	const stopped = queue.stop();
	held.get("held")?.();
	await stopped;
	queue.add("d");
	await clock.advance(1000);
	await activity.idle();
	expect(runs.map(({ key }) => key)).toEqual(["held"]);
});

it("takes a rejection for a retry", async () => {
	const clock = createManualClock(0);
	let runs = 0;
	const work = async (): Promise<Outcome> => {
		runs += 1;
		if (runs === 1) throw new Error("unforeseen");
		return "done";
	};
	createQueue({ clock, workers: 1, limiter: clientGoLimiter(clock), work }).add("a");
	await clock.advance(100);
	expect(runs).toBe(2);
});

it("backs off from 20 ms to 5 s for a controller, and tells what went wrong but for conflicts", async () => {
	const clock = createManualClock(0);
	const times: number[] = [];
	const log: string[] = [];
	const failures = [new Error("unforeseen"), new ApiError(409, "Conflict", "it was modified")];
	const queue = createWorkQueue(
		clock,
		async () => {
			times.push(clock.now());
			const failure = failures.shift();
			if (failure !== undefined) throw failure;
			return times.length < 5 ? 1000 : undefined;
		},
		(line) => void log.push(line),
	);
	queue.add("a");
	await clock.advance(10_000);
	expect(times).toEqual([0, 20, 60, 1060, 2060]);
	expect(log).toEqual(["a: unforeseen"]);
});
