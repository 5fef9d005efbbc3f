import fc from "fast-check";
import { PLAN, type Plan } from "./plan.ts";
import { type Counts, type Outcome, type RunOptions, runPlan } from "./run.ts";
import { NAMES } from "./specs.ts";
import { NAMESPACES } from "./world.ts";

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

/** A finding without what may differ between two plans that fail alike: names, numbers, and conditions beside Ready. */
export const kindOfFinding = (finding: string): string =>
	finding
		.replaceAll(/,?"(?!Ready=)[A-Z]\w*=[^"]*"/g, "")
		.replaceAll(SUBJECTS, "*")
		.replaceAll(/\d+/g, "#");

const SUBJECTS = new RegExp(`\\b(?:${[...NAMESPACES, ...Object.values(NAMES).flat()].join("|")})\\b`, "g");

/**
 * Undefined when the plan of the seed does not fail. A smaller plan counts only if it fails with a finding of the first one's
 * kind, so that it is not cut down to another failure. Takes at most so many milliseconds, and tells what it has by then.
 */
export const smallestOf = async (
	seed: number,
	patienceMs: number,
	options: RunOptions = {},
): Promise<Smallest | undefined> => {
	let best: Smallest | undefined;
	let tries = 0;
	let wanted: string | undefined;
	await fc.check(
		fc.asyncProperty(PLAN, async (plan) => {
			tries += 1;
			const { findings } = await runPlan(plan, options);
			const kinds = findings.map(kindOfFinding);
			wanted ??= kinds[0];
			const isAlike = wanted !== undefined && kinds.includes(wanted);
			if (isAlike) best = { plan, findings, tries };
			return !isAlike;
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
