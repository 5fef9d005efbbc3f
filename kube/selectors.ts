import type { KubeObject } from "../schemas/common.ts";
import type { LabelSelector, RelatedResourceRule } from "../schemas/metacontroller.ts";
import type { Affinity } from "../schemas/scheduling.ts";

export type Labels = Readonly<Record<string, string>>;

/** Whether the labels match the selector, as in apimachinery. An absent or empty selector matches everything. */
export const selects = (selector: LabelSelector | undefined, labels: Labels = {}): boolean =>
	Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labelOf(labels, key) === value) &&
	(selector?.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
		const value = labelOf(labels, key);
		if (operator === "Exists") return value !== undefined;
		if (operator === "DoesNotExist") return value === undefined;
		const isListed = value !== undefined && values.includes(value);
		return operator === "In" ? isListed : !isListed;
	});

/** A label may well be called "constructor". */
const labelOf = (labels: Labels, key: string): string | undefined =>
	Object.hasOwn(labels, key) ? labels[key] : undefined;

/**
 * Whether a related rule selects an object of the kind that it names, as Metacontroller does. A rule's namespace means
 * nothing to an object that is in none. `labelsOf` a namespace: needed for rules with a namespaceSelector alone.
 */
export const isSelected = (
	{ names = [], namespace, labelSelector, namespaceSelector }: RelatedResourceRule,
	{ metadata }: KubeObject,
	labelsOf: (namespace: string) => Labels | undefined = () => undefined,
): boolean => {
	const home = metadata.namespace;
	if (namespace && home !== undefined && home !== namespace) return false;
	if (names.length > 0) return names.includes(metadata.name);
	if (!selects(labelSelector, metadata.labels)) return false;
	if (namespaceSelector === undefined) return true;
	const labels = labelsOf(home ?? "");
	return labels !== undefined && selects(namespaceSelector, labels);
};

/** A kind, and the plural by which rules name it. */
export interface NamedKind {
	readonly apiVersion: string;
	readonly kind: string;
	readonly resource: string;
}

/** The objects that rules relate. */
export const relatedObjects = (
	rules: readonly RelatedResourceRule[],
	objects: readonly KubeObject[],
	kinds: readonly NamedKind[],
): KubeObject[] => {
	const pluralOf = ({ apiVersion, kind }: KubeObject) =>
		kinds.find((known) => known.apiVersion === apiVersion && known.kind === kind)?.resource;
	return objects.filter((object) =>
		rules.some(
			(rule) => rule.apiVersion === object.apiVersion && rule.resource === pluralOf(object) && isSelected(rule, object),
		),
	);
};

/** "app=shop,tier in (a, b),!legacy": a selector as kubectl reads it. */
export const selectorText = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string =>
	[
		...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
		...matchExpressions.map(({ key, operator, values = [] }) => {
			if (operator === "Exists") return key;
			if (operator === "DoesNotExist") return `!${key}`;
			return `${key} ${operator === "In" ? "in" : "notin"} (${values.join(", ")})`;
		}),
	].join(",");

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

/** Whether a required anti-affinity lets no two pods with these labels run on the same node, or in the same zone. */
export const keepsApart = (affinity: Affinity | undefined, podLabels: Labels): boolean =>
	(affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some(
		({ labelSelector }) => labelSelector !== undefined && selects(labelSelector, podLabels),
	);
