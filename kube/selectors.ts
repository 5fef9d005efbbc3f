import type { LabelSelector } from "../schemas/metacontroller.ts";
import type { Affinity } from "../schemas/placement.ts";

type Labels = Readonly<Record<string, string>>;

/** Whether the labels meet the selector. An empty selector selects everything, as in Kubernetes. */
export const selects = (selector: LabelSelector, labels: Labels): boolean =>
	Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
	(selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
		const value = labels[key];
		if (operator === "Exists") return value !== undefined;
		if (operator === "DoesNotExist") return value === undefined;
		if (operator === "In") return value !== undefined && values.includes(value);
		return value === undefined || !values.includes(value);
	});

/**
 * Selectors of an anti-affinity that select none of the pods that carry it. Such a rule was meant to keep these pods
 * apart, and keeps nothing apart. Returned as "key=value,..." for a message.
 */
export const idleAntiAffinity = (affinity: Affinity | undefined, podLabels: Labels): string[] => {
	const anti = affinity?.podAntiAffinity;
	const terms = [
		...(anti?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
		...(anti?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
	];
	return terms
		.filter(({ namespaces, namespaceSelector }) => namespaces === undefined && namespaceSelector === undefined)
		.map(({ labelSelector }) => labelSelector)
		.filter((selector) => selector !== undefined)
		.filter((selector) => !selects(selector, podLabels))
		.map(selectorText);
};

const selectorText = (selector: LabelSelector): string =>
	[
		...Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`),
		...(selector.matchExpressions ?? []).map(
			({ key, operator, values }) => `${key} ${operator}${values ? ` (${values.join(", ")})` : ""}`,
		),
	].join(",");
