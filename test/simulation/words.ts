import type { Deed, Plan, Trouble } from "./plan.ts";
import type { Counts } from "./run.ts";

// A plan and what was counted, for people.

export const planText = ({ deeds, troubles, circumstance }: Plan): string =>
	[
		...(circumstance === undefined
			? []
			: [{ at: circumstance.at, text: `for good: ${circumstance.what} (choice ${circumstance.choice})` }]),
		...deeds.map((deed) => ({ at: deed.at, text: deedText(deed) })),
		...troubles.map((trouble) => ({ at: trouble.at, text: troubleText(trouble) })),
	]
		.toSorted((left, right) => left.at - right.at)
		.map(({ at, text }) => `  ${String(at).padStart(3)} s  ${text}`)
		.join("\n");

const deedText = (deed: Deed): string => {
	const subject = `${deed.kind} ${deed.namespace}/${deed.name}`;
	return deed.do === "declare" ? `declare ${subject} ${JSON.stringify(deed.spec)}` : `${deed.do} ${subject}`;
};

const troubleText = ({ what, seconds, choice }: Trouble): string => `trouble: ${what} (${seconds} s, choice ${choice})`;

export const countsText = (worlds: number, counts: Counts): string => {
	const number = (value: number) => value.toLocaleString("en-US");
	const faults = [...counts.faults].toSorted(([left], [right]) => (left < right ? -1 : 1));
	const total = faults.reduce((sum, [, times]) => sum + times, 0);
	return [
		`${number(worlds)} worlds, ${number(counts.moments)} moments, ${number(counts.hookCalls)} calls of hooks, ${number(counts.adminCalls)} calls of proxies,`,
		`${number(counts.writes)} writes of Metacontroller, ${number(counts.refusals)} declarations refused, ${number(total)} faults:`,
		...faults.map(([name, times]) => `  ${number(times).padStart(9)}  ${name}`),
	].join("\n");
};
