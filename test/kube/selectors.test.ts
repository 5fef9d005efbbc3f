import { describe, expect, it } from "vitest";
import {
	idleAntiAffinity,
	isSelected,
	keepsApart,
	relatedObjects,
	selectorText,
	selects,
} from "../../kube/selectors.ts";

const labels = { app: "prism", stack: "dev" };
const term = (matchLabels: Record<string, string>) => ({
	topologyKey: "kubernetes.io/hostname",
	labelSelector: { matchLabels },
});

describe("selectors", () => {
	it.each([
		{ reason: "an empty one selects everything", selector: {}, met: true },
		{ reason: "all labels agree", selector: { matchLabels: { app: "prism", stack: "dev" } }, met: true },
		{ reason: "one differs", selector: { matchLabels: { app: "prism", stack: "prod" } }, met: false },
		{ reason: "one is absent", selector: { matchLabels: { tier: "a" } }, met: false },
		{
			reason: "In",
			selector: { matchExpressions: [{ key: "stack", operator: "In" as const, values: ["a", "dev"] }] },
			met: true,
		},
		{
			reason: "not In",
			selector: { matchExpressions: [{ key: "stack", operator: "In" as const, values: ["a"] }] },
			met: false,
		},
		{
			reason: "In, absent",
			selector: { matchExpressions: [{ key: "tier", operator: "In" as const, values: ["a"] }] },
			met: false,
		},
		{
			reason: "NotIn",
			selector: { matchExpressions: [{ key: "stack", operator: "NotIn" as const, values: ["a"] }] },
			met: true,
		},
		{
			reason: "NotIn, absent",
			selector: { matchExpressions: [{ key: "tier", operator: "NotIn" as const, values: ["a"] }] },
			met: true,
		},
		{
			reason: "NotIn, there",
			selector: { matchExpressions: [{ key: "app", operator: "NotIn" as const, values: ["prism"] }] },
			met: false,
		},
		{ reason: "Exists", selector: { matchExpressions: [{ key: "app", operator: "Exists" as const }] }, met: true },
		{
			reason: "Exists, absent",
			selector: { matchExpressions: [{ key: "tier", operator: "Exists" as const }] },
			met: false,
		},
		{
			reason: "DoesNotExist",
			selector: { matchExpressions: [{ key: "tier", operator: "DoesNotExist" as const }] },
			met: true,
		},
		{
			reason: "DoesNotExist, there",
			selector: { matchExpressions: [{ key: "app", operator: "DoesNotExist" as const }] },
			met: false,
		},
		{
			reason: "what every object of JavaScript has is no label",
			selector: { matchExpressions: [{ key: "constructor", operator: "Exists" as const }] },
			met: false,
		},
		{ reason: "none selects everything", selector: undefined, met: true },
		{
			reason: "labels and expressions must both hold",
			selector: {
				matchLabels: { app: "prism" },
				matchExpressions: [{ key: "stack", operator: "DoesNotExist" as const }],
			},
			met: false,
		},
	])("$reason", ({ selector, met }) => {
		expect(selects(selector, labels)).toBe(met);
	});
});

describe("related rules", () => {
	const config = {
		apiVersion: "v1",
		kind: "ConfigMap",
		metadata: { name: "settings", namespace: "shop", labels: { app: "prism" } },
	};
	const of = { apiVersion: "v1", resource: "configmaps" };
	const homes: Readonly<Record<string, Record<string, string>>> = { shop: { team: "a" } };

	it.each([
		{ reason: "one that asks for nothing selects all of its kind", rule: {}, met: true },
		{ reason: "its namespace", rule: { namespace: "shop" }, met: true },
		{ reason: "another namespace", rule: { namespace: "bank" }, met: false },
		{ reason: "its name", rule: { names: ["other", "settings"] }, met: true },
		{ reason: "other names", rule: { names: ["other"] }, met: false },
		{ reason: "no names are no wish", rule: { names: [] }, met: true },
		{ reason: "its labels", rule: { labelSelector: { matchLabels: { app: "prism" } } }, met: true },
		{ reason: "other labels", rule: { labelSelector: { matchLabels: { app: "x" } } }, met: false },
		{ reason: "its namespace's labels", rule: { namespaceSelector: { matchLabels: { team: "a" } } }, met: true },
		{ reason: "other labels of it", rule: { namespaceSelector: { matchLabels: { team: "b" } } }, met: false },
	])("$reason", ({ rule, met }) => expect(isSelected({ ...of, ...rule }, config, (home) => homes[home])).toBe(met));

	it("with a namespaceSelector select nothing where nobody knows the labels", () =>
		expect(isSelected({ ...of, namespaceSelector: {} }, config)).toBe(false));

	it("with a namespace select what is in none by the rest", () =>
		expect(
			isSelected({ apiVersion: "v1", resource: "nodes", namespace: "shop" }, { ...config, metadata: { name: "n" } }),
		).toBe(true));

	it("name their kind by its plural", () => {
		const kinds = [{ apiVersion: "v1", kind: "ConfigMap", resource: "configmaps" }];
		const found = (rule: { apiVersion: string; resource: string }) => relatedObjects([rule], [config], kinds);
		expect(found(of)).toEqual([config]);
		expect(found({ ...of, resource: "secrets" })).toEqual([]);
		expect(found({ ...of, apiVersion: "v2" })).toEqual([]);
		expect(relatedObjects([], [config], kinds)).toEqual([]);
		expect(relatedObjects([of], [config], [])).toEqual([]);
	});
});

describe("a selector's text", () => {
	it("is what kubectl reads", () =>
		expect(
			selectorText({
				matchLabels: { app: "prism" },
				matchExpressions: [
					{ key: "tier", operator: "In", values: ["a", "b"] },
					{ key: "stage", operator: "NotIn", values: ["dev"] },
					{ key: "team", operator: "Exists" },
					{ key: "legacy", operator: "DoesNotExist" },
				],
			}),
		).toBe("app=prism,tier in (a, b),stage notin (dev),team,!legacy"));
});

describe("anti-affinity that keeps nothing apart", () => {
	it.each([
		{ reason: "none", affinity: undefined, idle: [] },
		{
			reason: "it selects these pods",
			affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term({ app: "prism" })] } },
			idle: [],
		},
		{
			reason: "required and preferred, neither of which does",
			affinity: {
				podAntiAffinity: {
					requiredDuringSchedulingIgnoredDuringExecution: [term({ component: "x" })],
					preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term({ a: "1", b: "2" }) }],
				},
			},
			idle: ["component=x", "a=1,b=2"],
		},
		{
			reason: "expressions are told as well",
			affinity: {
				podAntiAffinity: {
					requiredDuringSchedulingIgnoredDuringExecution: [
						{
							topologyKey: "zone",
							labelSelector: {
								matchExpressions: [
									{ key: "tier", operator: "In" as const, values: ["a", "b"] },
									{ key: "x", operator: "Exists" as const },
								],
							},
						},
					],
				},
			},
			idle: ["tier in (a, b),x"],
		},
		{
			reason: "pods of other namespaces are not these pods' business",
			affinity: {
				podAntiAffinity: {
					requiredDuringSchedulingIgnoredDuringExecution: [{ ...term({ a: "1" }), namespaces: ["other"] }],
				},
			},
			idle: [],
		},
		{
			reason: "nor those of namespaces that are selected",
			affinity: {
				podAntiAffinity: {
					requiredDuringSchedulingIgnoredDuringExecution: [{ ...term({ a: "1" }), namespaceSelector: {} }],
				},
			},
			idle: [],
		},
		{
			reason: "affinity is no anti-affinity",
			affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term({ a: "1" })] } },
			idle: [],
		},
	])("$reason", ({ affinity, idle }) => {
		expect(idleAntiAffinity(affinity, labels)).toEqual(idle);
	});
});

describe("a required anti-affinity", () => {
	const required = (...terms: object[]) =>
		({ podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } }) as never;

	it.each([
		{ reason: "of its own labels", affinity: required(term({ stack: "dev" })), apart: true },
		{ reason: "of others", affinity: required(term({ stack: "prod" })), apart: false },
		{ reason: "of nobody", affinity: required({ topologyKey: "zone" }), apart: false },
		{ reason: "of none", affinity: undefined, apart: false },
		{
			reason: "that is only preferred",
			affinity: {
				podAntiAffinity: {
					preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term({ stack: "dev" }) }],
				},
			},
			apart: false,
		},
	])("keeps pods apart, or not: $reason", ({ affinity, apart }) => {
		expect(keepsApart(affinity, labels)).toBe(apart);
	});
});
