import { describe, expect, it } from "vitest";
import { isAnnotationKey, isLabelKey } from "../../kube/child-values.ts";
import { valuesOf } from "../../kube/spec-values.ts";
import { problemText } from "../../schemas/messages/specs.ts";
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

describe("what the API server would reject in a pod template", () => {
	const term = (fields: object) => ({
		runnerSpec: {
			affinity: {
				podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone", ...fields }] },
			},
		},
	});
	const TERM = "spec.runnerSpec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]";
	const labelSelector = { matchLabels: { app: "a" } };
	const amounts = (limits: object) => ({ resources: { limits } });
	const NAMES =
		"spec.resources.limits: must be cpu, memory, ephemeral-storage, or a resource with a domain, such as example.com/gpu";
	const divided = (resource: string, divisor: string) => ({
		env: [{ name: "A", valueFrom: { resourceFieldRef: { resource, divisor } } }],
	});
	const projected = (...paths: readonly string[]) => ({
		volumes: [
			{
				name: "v",
				projected: {
					sources: paths.map((path) => ({ configMap: { name: path, items: [{ key: "k", path: path.trim() }] } })),
				},
			},
		],
	});
	const DIVISOR = "spec.env[0].valueFrom.resourceFieldRef.divisor";

	it.each<[says: string, spec: unknown]>([
		[`${TERM}.matchLabelKeys: needs labelSelector beside it`, term({ matchLabelKeys: ["x"] })],
		[`${TERM}.mismatchLabelKeys: needs labelSelector beside it`, term({ mismatchLabelKeys: ["x"] })],
		[
			`${TERM}.mismatchLabelKeys: must not have a key of matchLabelKeys`,
			term({ labelSelector, matchLabelKeys: ["x"], mismatchLabelKeys: ["x"] }),
		],
		[`${TERM}.matchLabelKeys: must not have a key of labelSelector`, term({ labelSelector, matchLabelKeys: ["app"] })],
		[
			"spec.runnerSpec.topologySpreadConstraints[0].matchLabelKeys: must not have a key of labelSelector",
			{
				runnerSpec: {
					topologySpreadConstraints: [
						{
							maxSkew: 1,
							topologyKey: "zone",
							whenUnsatisfiable: "DoNotSchedule",
							labelSelector,
							matchLabelKeys: ["app"],
						},
					],
				},
			},
		],
		["spec.volumes[0].projected.sources[2]: must not write a file of another source", projected("a", "b", " a")],
		[`${NAMES}, got "hugepages-x"`, amounts({ "hugepages-x": 1 })],
		[`${NAMES}, got "requests.example.com/gpu"`, amounts({ "requests.example.com/gpu": 1 })],
		[NAMES, amounts({ [`${"a".repeat(250)}/x`]: 1 })],
		[`${DIVISOR}: must be one of 1, 1m, got "1Mi"`, divided("limits.cpu", "1Mi")],
		[
			`${DIVISOR}: must be one of 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei, got "3"`,
			divided("requests.memory", "3"),
		],
	])("%s", (says, spec) => expect(problems(spec)).toEqual([says]));

	it("is not said of what is right, nor with a credential", () => {
		expect(problems(term({ labelSelector, matchLabelKeys: ["x"], mismatchLabelKeys: ["y"] }))).toEqual([]);
		expect(problems(term({ labelSelector, mismatchLabelKeys: ["app"] }))).toEqual([]);
		expect(problems(projected("a", "b"))).toEqual([]);
		expect(problems(amounts({ "hugepages-2Mi": "2Mi", "example.com/gpu": 1 }))).toEqual([]);
		for (const divisor of ["0", "1", "1000m"]) expect(problems(divided("limits.cpu", divisor))).toEqual([]);
		expect(problems({ exposure: { host: "10.0.0.1" } }, PrismShard)).toEqual([
			'spec.exposure.host: must be a name, not an IP address, got "10.0.0.1"',
		]);
		expect(problems({ runnerSpec: { nodeSelector: { "redis://u:hunter2@h": "x" } } })).toEqual([
			"spec.runnerSpec.nodeSelector: must be the key of a label, such as app or example.com/app",
		]);
	});

	it.each([
		["LoadBalancer", "10.0.0.0/8, 2001:db8::/32", []],
		["LoadBalancer", " ", []],
		["Ingress", "anything", []],
		["LoadBalancer", "10.0.0.0/8;10.1.0.0/16", ["must be a list of ranges such as 203.0.113.0/24,2001:db8::/32"]],
		["LoadBalancer", "10.0.0.1", ["must be a list of ranges such as 203.0.113.0/24,2001:db8::/32"]],
		["ClusterIP", "10.0.0.0/8", ["is for type LoadBalancer only: set that type, or remove it"]],
	])("source ranges in an annotation of type %s: %j", (type, ranges, expected) => {
		const name = "service.beta.kubernetes.io/load-balancer-source-ranges";
		const exposure = { type, annotations: { [name]: ranges }, ...(type === "Ingress" && { host: "a.example.com" }) };
		expect(problems({ exposure }, PrismShard)).toEqual(
			expected.map((words) => `spec.exposure.annotations.${name}: ${words}`),
		);
	});
});
