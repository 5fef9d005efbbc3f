import { describeObject } from "../kube/object.ts";
import { objectProblems } from "../kube/validation.ts";
import type { Manifest } from "./manifests.ts";
import { rowOf } from "./render.ts";

export interface Validation {
	/** "FILE: KIND NAME: FIELD: WHAT", one line each, in the order of the files. */
	readonly problems: readonly string[];
	/** Objects of our kinds that were looked at. */
	readonly checked: number;
	/** Objects of other kinds, which only the API server can judge. */
	readonly skipped: number;
}

/** Checks manifests as the API server would: fields, types, bounds and CEL rules, all at once. */
export const validate = (manifests: readonly Manifest[]): Validation => {
	const ours = manifests.filter(({ object }) => rowOf(object) !== undefined);
	return {
		problems: ours.flatMap(({ source, object }) => {
			const row = rowOf(object);
			const found = row === undefined ? [] : objectProblems(row.parent, object);
			return found.map((problem) => `${source}: ${describeObject(object)}: ${problem}`);
		}),
		checked: ours.length,
		skipped: manifests.length - ours.length,
	};
};
