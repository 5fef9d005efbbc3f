import type { LabelSelector } from "../../schemas/metacontroller.ts";

// Label selectors, as apimachinery evaluates them. For development and tests only.

type Labels = Readonly<Record<string, string>>;
type Requirement = NonNullable<LabelSelector["matchExpressions"]>[number];

const labelOf = (labels: Labels, key: string): string | undefined =>
	Object.hasOwn(labels, key) ? labels[key] : undefined;

const holds = ({ key, operator, values = [] }: Requirement, labels: Labels): boolean => {
	const value = labelOf(labels, key);
	if (operator === "Exists") return value !== undefined;
	if (operator === "DoesNotExist") return value === undefined;
	const isListed = value !== undefined && values.includes(value);
	return operator === "In" ? isListed : !isListed;
};

/** An absent or empty selector selects everything. */
export const selects = (selector: LabelSelector | undefined, labels: Labels = {}): boolean =>
	Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labelOf(labels, key) === value) &&
	(selector?.matchExpressions ?? []).every((requirement) => holds(requirement, labels));

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
