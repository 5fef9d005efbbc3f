import { describe, expect, it } from "vitest";
import { BUGS } from "./bugs.ts";
import { crashEverywhere } from "./crashes.ts";
import { plantedPlans } from "./planted.ts";
import { type RunOptions, runPlan } from "./run.ts";
import { samples } from "./samples.ts";
import { kindOfFinding, planOf, runSeed, smallestOf } from "./seeds.ts";

// A budget of the simulation (make simulate, make crash-points). SIMULATED_SEEDS=1000 takes a bigger one.

const SEEDS = Number(process.env["SIMULATED_SEEDS"] ?? 60);
/** More of them at once would only wait for each other. */
const AT_ONCE = 20;
/** Generous: a world takes a fraction of a second. */
const PATIENCE_MS = 600_000;

describe("whatever goes wrong", () => {
	const batches = Array.from({ length: Math.ceil(SEEDS / AT_ONCE) }, (_, index) => index * AT_ONCE + 1);
	it.each(batches)(
		"seeds from %i on end as if nothing had",
		async (from) => {
			for (let seed = from; seed < from + AT_ONCE; seed += 1) {
				const { findings } = await runSeed(seed);
				expect(findings, `make simulate SEED=${seed} plays it again`).toEqual([]);
			}
		},
		PATIENCE_MS,
	);
});

describe("a world", () => {
	it(
		"is the same each time that its seed is played",
		async () => {
			const play = async () => {
				const log: string[] = [];
				const { counts } = await runSeed(12, { onRest: (world) => void log.push(...world.log) });
				return { log, counts };
			};
			const first = await play();
			expect(first.log.length).toBeGreaterThan(20);
			expect(await play()).toEqual(first);
		},
		PATIENCE_MS,
	);

	it(
		"has trouble in it",
		async () => {
			const { counts } = await runSeed(12);
			expect(planOf(12).troubles.length).toBeGreaterThan(0);
			expect(counts.faults.size).toBeGreaterThan(0);
			expect(counts.hookCalls).toBeGreaterThan(20);
		},
		PATIENCE_MS,
	);
});

/** `make simulate BUG=<name>` looks for a history, and `KEEP=1 SEED=<its seed>` keeps it. */
const WITHOUT_HISTORY: string[] = [];

describe("a bug that is planted on purpose is found", () => {
	const plans = plantedPlans();

	it("unless no history is known for it", () => {
		expect(BUGS.map(({ name }) => name).filter((name) => plans[name] === undefined)).toEqual(WITHOUT_HISTORY);
		expect(Object.keys(plans).filter((name) => !BUGS.some((bug) => bug.name === name))).toEqual([]);
	});

	it.each(BUGS.flatMap(({ name, rows }) => (plans[name] === undefined ? [] : [[name, rows, plans[name]] as const])))(
		"%s",
		async (_name, rows, plan) => {
			expect((await runPlan(plan, { rows: rows() })).findings).not.toEqual([]);
			expect((await runPlan(plan)).findings).toEqual([]);
		},
		PATIENCE_MS,
	);

	it(
		"and cut down to the smallest history that shows it",
		async () => {
			const options: RunOptions = { rows: BUGS.find(({ name }) => name === "unknown-reason")?.rows() ?? [] };
			const { findings } = await runSeed(1, options);
			const smallest = await smallestOf(1, 20_000, options);
			expect(smallest?.findings.map(kindOfFinding)).toContain(kindOfFinding(findings[0] ?? ""));
			expect(smallest?.plan.troubles.length).toBeLessThanOrEqual(planOf(1).troubles.length);
			expect(smallest?.plan.deeds.length).toBeLessThanOrEqual(planOf(1).deeds.length);
			expect(smallest?.findings.join()).toContain("SomethingIsWrong");
		},
		PATIENCE_MS,
	);
});

describe("a crash after every write and every call, of which some are tried here", () => {
	it.each(samples().map((sample) => [sample.name, sample] as const))(
		"of %s",
		async (_name, sample) => {
			const { points, failures } = await crashEverywhere(sample, 1, { oneIn: 23 });
			expect(failures).toEqual([]);
			expect(points).toBeGreaterThan(0);
		},
		PATIENCE_MS,
	);
});
