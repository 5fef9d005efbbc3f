import { readFileSync, writeFileSync } from "node:fs";
import type { Plan } from "./plan.ts";

// A history for each planted bug, in which it is found and nothing else is. Kept as plans, not as seeds: what a seed stands for changes
// with every field of the API.

const FILE = new URL("planted.json", import.meta.url);

/** By the bugs' names. */
export const plantedPlans = (): Record<string, Plan> => JSON.parse(readFileSync(FILE, "utf8")) as Record<string, Plan>;

/** One line for each, so that a history that changes is one line that changes. */
export const keepPlan = (bug: string, plan: Plan): void => {
	const lines = Object.entries({ ...plantedPlans(), [bug]: plan })
		.toSorted(([left], [right]) => (left < right ? -1 : 1))
		.map(([name, kept]) => `${JSON.stringify(name)}: ${JSON.stringify(kept)}`);
	writeFileSync(FILE, `{\n${lines.join(",\n")}\n}\n`);
};
