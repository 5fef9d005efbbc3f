import type { Warning } from "../schemas/findings/finding.ts";
import type { Verdict } from "./conditions.ts";
import type { Refusal } from "./spec-refusal.ts";

// Lists of checks, as cert-manager's policy chains: all inputs are gathered first, and small pure functions with one signature look
// at them in the order of a list.

/**
 * A check has the name of the failure that it finds; undefined: it finds none. It takes no more of the input than it needs, so that
 * lists of several kinds can have it.
 */
export type Check<Input, Found> = (input: Input) => Found | undefined;

/** Why a spec can't be carried out: InvalidSpec, Unsupported, InlineCredentials, CrossNamespaceReference. */
export type SpecCheck<Input> = Check<Input, Refusal>;

/** What is odd about a spec that is carried out all the same. */
export type WarningCheck<Input> = Check<Input, readonly Warning[]>;

/** What keeps an object from being Ready, by what was observed. */
export type StatusCheck<Input> = Check<Input, Verdict>;

/** The finding of the first check in the list that has one. */
export const firstFound = <Input, Found>(
	checks: readonly Check<Input, Found>[],
	input: NoInfer<Input>,
): Found | undefined => {
	for (const check of checks) {
		const found = check(input);
		if (found !== undefined) return found;
	}
	return undefined;
};

/** The findings of all checks, in the order of the list. */
export const allFound = <Input, Found>(
	checks: readonly Check<Input, readonly Found[]>[],
	input: NoInfer<Input>,
): Found[] => checks.flatMap((check) => check(input) ?? []);
