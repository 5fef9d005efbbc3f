import type { LabelSelector } from "../../schemas/metacontroller.ts";

// What is right and wrong about a label selector; kube/selectors.ts evaluates it. For development and tests only.

export const isEmptySelector = (selector: LabelSelector): boolean =>
	Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;

/** What makes the selector unusable, if anything does. */
export const selectorFault = (selector: LabelSelector): string | undefined => {
	for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
		const needsValues = operator === "In" || operator === "NotIn";
		if (needsValues && values.length === 0) return `the operator ${operator} on ${key} needs values`;
		if (!needsValues && values.length > 0) return `the operator ${operator} on ${key} takes no values`;
	}
	return undefined;
};
