import { describe, test } from "vitest";
import { canLimitMemory, MEMORY_CGROUPS } from "./memory-cgroup.ts";

// What some tests need and a machine may lack. Such tests are skipped, never left out: they print a line, and their title
// names what they need, by which the summary of a run (hack/test-summary.ts) counts and lists them.

export interface Need {
	readonly what: string;
	/** How a machine gets it. */
	readonly how: string;
	readonly isMet: boolean;
}

const program = (what: string, variable: string): Need => ({
	what,
	how: `${variable}=<path of the program>`,
	isMet: (process.env[variable] ?? "") !== "",
});

export const REAL_METACONTROLLER = program("the real Metacontroller", "METACONTROLLER");
export const REAL_KUBE_STATE_METRICS = program("the real kube-state-metrics", "KUBE_STATE_METRICS");

export const MEMORY_CGROUP: Need = {
	what: "a memory cgroup",
	how: `Linux with ${MEMORY_CGROUPS}, as root`,
	isMet: canLimitMemory(),
};

/** Defines a suite, skipped where its need is not met. */
export const describeWith = (need: Need, title: string, define: () => void): void => {
	if (need.isMet) describe(title, define);
	else describe.skip(saidToBeSkipped(need, title), define);
};

/** For tests that can't be defined without what they need: where it is lacking, one skipped test stands for all of them. */
export const recordSkipped = (need: Need, title: string): void => {
	if (!need.isMet) test.skip(saidToBeSkipped(need, title), () => {});
};

const saidToBeSkipped = ({ what, how }: Need, title: string): string => {
	const said = `${title} [needs ${what}: ${how}]`;
	console.warn(`skipped: ${said}`);
	return said;
};
