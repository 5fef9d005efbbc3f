import { describe, expect, it } from "vitest";
import { isAnnotationKey, isLabelKey } from "../../kube/child-values.ts";
import { valuesOf } from "../../kube/spec-values.ts";
import { problemText } from "../../schemas/messages/common.ts";
import { PatternRunner } from "../../schemas/patternrunner.ts";
import { PrismShard } from "../../schemas/prismshard.ts";
import { PrismStack } from "../../schemas/prismstack.ts";

const problems = (
	spec: unknown,
	kind: { readonly spec: typeof PatternRunner.spec } | object = PatternRunner,
): string[] => valuesOf((kind as typeof PatternRunner).spec)(spec, "spec").map(problemText);

describe("keys of labels", () => {
	it.each(["app", "App_1.x", "example.com/app", "a.b-c.d/x", `${"a".repeat(63)}/${"b".repeat(63)}`])("%s", (key) =>
		expect(isLabelKey(key)).toBe(true),
	);
	it.each([
		"",
		"-app",
		"a b",
		"a/b/c",
		"/app",
		"app/",
		"a..b/app",
		"Example.com/app",
		"b".repeat(64),
		`${"a.".repeat(130)}a/x`,
	])("not %s", (key) => expect(isLabelKey(key)).toBe(false));
	it("of annotations may have capitals in the domain", () => expect(isAnnotationKey("Example.com/App")).toBe(true));
	it("are told apart within a moment, however long they are", () => {
		const before = performance.now();
		for (const key of ["a".repeat(100_000), "a.".repeat(50_000), "a-".repeat(50_000)]) isLabelKey(key);
		expect(performance.now() - before).toBeLessThan(50);
	});
});

const affinityOf = (term: object) => ({
	runnerSpec: {
		affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } },
	},
});
const AT = "spec.runnerSpec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]";
const podsNear = (labelSelector: object) => ({
	runnerSpec: {
		affinity: {
			podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone", labelSelector }] },
		},
	},
});
const NEAR = "spec.runnerSpec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector";

describe("what the API server would reject in a child", () => {
	it.each<[says: string, spec: unknown]>([
		[
			'spec.service.annotations: must be the key of an annotation, such as app or example.com/app, got "a b"',
			{ service: { annotations: { "a b": "x" } } },
		],
		[
			'spec.runnerSpec.nodeSelector: must be the key of a label, such as app or example.com/app, got "pool!"',
			{ runnerSpec: { nodeSelector: { "pool!": "x" } } },
		],
		[
			`${NEAR}.matchLabels: must be the key of a label, such as app or example.com/app, got "a/b/c"`,
			podsNear({ matchLabels: { "a/b/c": "x" } }),
		],
		[
			`${NEAR}.matchExpressions[0].values: operator In needs values`,
			podsNear({ matchExpressions: [{ key: "app", operator: "In" }] }),
		],
		[
			`${NEAR}.matchExpressions[0].values: operator Exists takes no values`,
			podsNear({ matchExpressions: [{ key: "app", operator: "Exists", values: ["x"] }] }),
		],
		[
			`${AT}.matchExpressions[0].values: operator Gt needs exactly one value`,
			affinityOf({ matchExpressions: [{ key: "cores", operator: "Gt", values: ["1", "2"] }] }),
		],
		[
			`${AT}.matchFields[0].key: must be one of metadata.name, got "spec.unschedulable"`,
			affinityOf({ matchFields: [{ key: "spec.unschedulable", operator: "In", values: ["true"] }] }),
		],
		[
			`${AT}.matchFields[0].operator: must be one of In, NotIn`,
			affinityOf({ matchFields: [{ key: "metadata.name", operator: "Gt", values: ["node-1"] }] }),
		],
		[
			'spec.resources.requests: must be cpu, memory, ephemeral-storage, or a resource with a domain, such as example.com/gpu, got "cpus"',
			{ resources: { requests: { cpus: "100m" } } },
		],
		[
			"spec.resources.limits.nvidia.com/gpu: must be a whole number: this resource can't be divided",
			{ resources: { limits: { "nvidia.com/gpu": "500m" } } },
		],
		[
			"spec.runnerSpec.topologySpreadConstraints[0].minDomains: goes with whenUnsatisfiable: DoNotSchedule only",
			{
				runnerSpec: {
					topologySpreadConstraints: [
						{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway", minDomains: 2 },
					],
				},
			},
		],
		// The API server has rules for these: objects that were stored before are not held to them.
		[
			"spec.runnerSpec.tolerations[0].operator: without key, operator must be Exists: it tolerates every taint",
			{ runnerSpec: { tolerations: [{ effect: "NoSchedule" }] } },
		],
		[
			"spec.placement.tolerations[1].value: value is for operator Equal only: remove value, or set operator: Equal",
			{
				placement: {
					tolerations: [
						{ key: "a", value: "b" },
						{ key: "a", operator: "Exists", value: "b" },
					],
				},
			},
		],
		[
			"spec.runnerSpec.tolerations[0].tolerationSeconds: tolerationSeconds is for effect NoExecute only: set effect: NoExecute, or remove it",
			{ runnerSpec: { tolerations: [{ key: "a", operator: "Exists", tolerationSeconds: 0 }] } },
		],
		[
			"spec.autoscaling.triggers: two triggers have the same name: names of triggers must be unique",
			{ autoscaling: { triggers: [{ name: "a" }, { name: "" }, {}, { name: "a" }] } },
		],
	])("%s", (says, spec) => expect(problems(spec)).toEqual([says]));

	it("is found in every kind with pods", () => {
		const bad = { runnerSpec: { nodeSelector: { "!": "x" } } };
		for (const [kind, spec] of [
			[PrismStack, { proxy: bad }],
			[PrismStack, { admin: bad }],
			[PrismStack, { patterns: [bad] }],
			[PrismShard, bad],
		] as const)
			expect(problems(spec, kind)).toHaveLength(1);
		expect(problems({ exposure: { annotations: { "!": "x" } } }, PrismShard)).toHaveLength(1);
	});

	it("is not what it takes", () => {
		expect(
			problems({
				resources: { requests: { cpu: "0.5", "hugepages-2Mi": "4Mi" }, limits: { "example.com/fpga": 2 } },
				service: { annotations: { "service.beta.kubernetes.io/x": "y" } },
				placement: {
					tolerations: [
						{ operator: "Exists", value: "" },
						{ key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 0 },
						{ key: "a", value: "b" },
					],
				},
				autoscaling: { triggers: [{ name: "a" }, { name: "" }, { name: "" }, {}, {}, { name: "b" }] },
				...affinityOf({
					matchExpressions: [
						{ key: "a", operator: "Exists", values: [] },
						{ key: "cores", operator: "Lt", values: ["8"] },
					],
					matchFields: [{ key: "metadata.name", operator: "NotIn", values: ["node-1"] }],
				}),
			}),
		).toEqual([]);
	});
});
