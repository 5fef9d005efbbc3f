import fc from "fast-check";
import { PLAN, type Plan } from "./plan.ts";
import { type Counts, type Outcome, type RunOptions, runPlan } from "./run.ts";

// From a number to a plan, and from a plan that fails to the smallest one that still does.

export const planOf = (seed: number): Plan => {
	const [plan] = fc.sample(PLAN, { seed, numRuns: 1 });
	if (plan === undefined) throw new Error(`there is no plan of seed ${seed}`);
	return plan;
};

export interface Smallest {
	readonly plan: Plan;
	readonly findings: readonly string[];
	/** How many smaller plans were tried. */
	readonly tries: number;
}

/** Undefined when the plan of the seed does not fail. Takes at most so many milliseconds, and tells what it has by then. */
export const smallestOf = async (
	seed: number,
	patienceMs: number,
	options: RunOptions = {},
): Promise<Smallest | undefined> => {
	let best: Smallest | undefined;
	let tries = 0;
	await fc.check(
		fc.asyncProperty(PLAN, async (plan) => {
			tries += 1;
			const { findings } = await runPlan(plan, options);
			if (findings.length > 0) best = { plan, findings, tries };
			return findings.length === 0;
		}),
		{ seed, numRuns: 1, interruptAfterTimeLimit: patienceMs, markInterruptAsFailure: false },
	);
	return best && { ...best, tries };
};

export const noCounts = (): Counts => ({
	moments: 0,
	hookCalls: 0,
	writes: 0,
	adminCalls: 0,
	refusals: 0,
	faults: new Map(),
});

export const addCounts = (sum: Counts, { faults, ...counts }: Counts): void => {
	for (const name of ["moments", "hookCalls", "writes", "adminCalls", "refusals"] as const) sum[name] += counts[name];
	for (const [name, times] of faults) sum.faults.set(name, (sum.faults.get(name) ?? 0) + times);
};

export const runSeed = (seed: number, options: RunOptions = {}): Promise<Outcome> => runPlan(planOf(seed), options);
