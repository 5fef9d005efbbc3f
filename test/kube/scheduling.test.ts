import { expect, it } from "vitest";
import { isSpread, type SchedulingPlan, schedulingFields } from "../../kube/scheduling.ts";
import type { KubeObject } from "../../schemas/common.ts";

const SELECTOR = { app: "it" };
const SPREAD = { matchLabels: SELECTOR };
const fieldsOf = (plan: Partial<SchedulingPlan>) =>
	schedulingFields({ placement: {}, selector: SELECTOR, spread: false, ...plan });
const ZONE = { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" } as const;
const soft = (topologyKey: string) => ({
	maxSkew: 1,
	topologyKey,
	whenUnsatisfiable: "ScheduleAnyway",
	labelSelector: SPREAD,
});

it.each<[string, Partial<SchedulingPlan>, readonly unknown[] | undefined]>([
	["not at all", {}, undefined],
	["over zones, then nodes", { spread: true }, ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map(soft)],
	[
		"as the spec has it, with the pods of the workload",
		{ spread: true, placement: { topologySpreadConstraints: [ZONE] } },
		[{ ...ZONE, labelSelector: SPREAD }],
	],
	[
		"over the pods that the spec selects",
		{ placement: { topologySpreadConstraints: [{ ...ZONE, labelSelector: { matchLabels: { a: "b" } } }] } },
		[{ ...ZONE, labelSelector: { matchLabels: { a: "b" } } }],
	],
	["not where the spec has an empty list", { spread: true, placement: { topologySpreadConstraints: [] } }, []],
])("spreads pods %s", (_, plan, constraints) => {
	expect(fieldsOf(plan).topologySpreadConstraints).toEqual(constraints);
});

it("has tolerations without empty texts, which the API server does not store", () => {
	const tolerations = [{ key: "", operator: "Exists", effect: "NoSchedule", value: "" }] as const;
	expect(fieldsOf({ placement: { tolerations: [...tolerations] } }).tolerations).toEqual([
		{ operator: "Exists", effect: "NoSchedule" },
	]);
});

const workload = (template: object): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name: "it" },
	spec: { template: { spec: template } },
});
const applied = (template: object): KubeObject["metadata"] => ({
	name: "it",
	annotations: { "metacontroller.k8s.io/last-applied-configuration": JSON.stringify(workload(template)) },
});
const SPREAD_POD = { topologySpreadConstraints: [ZONE] };

it.each<[string, KubeObject | undefined, boolean]>([
	["a new workload", undefined, true],
	["one with constraints", workload(SPREAD_POD), true],
	["one that was created without", workload({}), false],
	["one to which admission added constraints", { ...workload(SPREAD_POD), metadata: applied({}) }, false],
	["one from which admission removed them", { ...workload({}), metadata: applied(SPREAD_POD) }, true],
])("finds whether pods of %s are spread: another template would replace every pod", (_, observed, is) => {
	expect(isSpread(observed)).toBe(is);
});
