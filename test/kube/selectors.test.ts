import { describe, expect, it } from "vitest";
import { idleAntiAffinity, selects } from "../../kube/selectors.ts";

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
			idle: ["tier In (a, b),x Exists"],
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
