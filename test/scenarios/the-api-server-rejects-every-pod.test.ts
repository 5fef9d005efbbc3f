import { describe, expect, it } from "vitest";
import { patternRunner } from "../../hooks/patternrunner/index.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import { readerOf } from "../../kube/received-object.ts";
import { resourceProblems } from "../../kube/resources.ts";
import { isRefusal } from "../../kube/spec-refusal.ts";
import type { FieldProblem } from "../../schemas/findings/specs.ts";
import { problemText } from "../../schemas/messages/specs.ts";
import { findingText } from "../../schemas/messages/text.ts";
import { PrismShard } from "../../schemas/prismshard.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { START } from "../hooks/namespace-world.ts";
import { installation } from "../server/toy.ts";

const problems = (requests: Record<string, string | number>, limits: Record<string, string | number>) =>
	resourceProblems({ requests, limits }, "spec.resources").map((problem) => problemText(withoutValue(problem)));
const withoutValue = ({ field, expected }: FieldProblem): FieldProblem => ({ field, expected });

describe("resources that the API server rejects in every pod", () => {
	it.each<[string, Record<string, string | number>, Record<string, string | number>, string[]]>([
		[
			"requests above limits",
			{ cpu: "1", memory: "1Gi" },
			{ cpu: "500m", memory: "1024Mi" },
			["spec.resources.requests.cpu: must be at most spec.resources.limits.cpu, which is 500m"],
		],
		["the same, written otherwise", { cpu: 1, memory: "1024Mi" }, { cpu: "1000m", memory: "1Gi" }, []],
		["no limit", { cpu: 2 }, { memory: "1Gi" }, []],
		[
			"amounts below zero",
			{ cpu: -1 },
			{ memory: "-1Gi" },
			["spec.resources.requests.cpu: must not be below zero", "spec.resources.limits.memory: must not be below zero"],
		],
		[
			"pages of a limit that is not set",
			{ "hugepages-2Mi": "4Mi" },
			{},
			["spec.resources.requests.hugepages-2Mi: must equal the limit of this resource, which is not shared: set both"],
		],
		[
			"devices beyond and below their limit",
			{ "nvidia.com/gpu": 1, "example.com/fpga": 2 },
			{ "nvidia.com/gpu": 2, "example.com/fpga": "2" },
			["spec.resources.requests.nvidia.com/gpu: must equal the limit of this resource, which is not shared: set both"],
		],
		["nothing at all", { cpu: 0, memory: "0" }, {}, []],
	])("%s", (_, requests, limits, found) => {
		expect(problems(requests, limits)).toEqual(found);
	});

	it.each(["runnerSpec", "placement"])("of %s are InvalidSpec with the field", (field) => {
		const spec = {
			pattern: "keyvalue",
			backend: "memstore",
			[field]: { resources: { requests: { cpu: 2 }, limits: { cpu: 1 } } },
		};
		const metadata = { name: "x", namespace: "team", uid: "u", generation: 1, creationTimestamp: START };
		const parent = { apiVersion: API_VERSION, kind: "PatternRunner", metadata, spec };
		const request = { controller: {}, parent, children: {}, related: {}, finalizing: false };
		const { status } = patternRunner.sync(request, { now: START, installation });
		expect(valueAt(recordsAt(status, "conditions")[0], "message")).toBe(
			`spec.${field}.resources.requests.cpu: must be at most spec.${field}.resources.limits.cpu, which is 1, got 2`,
		);
	});
});

it("a toleration that was stored before there was a rule is InvalidSpec, and the pods stay as they are", () => {
	const spec = { pattern: "keyvalue", backend: "memstore", runnerSpec: { tolerations: [{ effect: "NoSchedule" }] } };
	const metadata = { name: "x", namespace: "team", uid: "u", generation: 1, creationTimestamp: START };
	const parent = { apiVersion: API_VERSION, kind: "PatternRunner", metadata, spec };
	const there = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "x", namespace: "team" }, spec: {} };
	const children = { "Deployment.apps/v1": { "team/x": there } };
	const answer = patternRunner.sync(
		{ controller: {}, parent, children, related: {}, finalizing: false },
		{ now: START, installation },
	);
	expect(recordsAt(answer.status, "conditions")[0]).toMatchObject({
		status: "False",
		reason: "InvalidSpec",
		message: "spec.runnerSpec.tolerations[0].operator: without key, operator must be Exists: it tolerates every taint",
	});
	expect(answer.children.map(({ kind, spec: kept }) => [kind, kept])).toEqual([["Deployment", {}]]);
});

const metric = (one: object) => ({ autoscaling: { maxReplicas: 2, metrics: [one] } });

describe("what the schema rejects", () => {
	const read = readerOf(PrismShard);
	const messageOf = (spec: object): string => {
		const metadata = { name: "x", namespace: "team" };
		const found = read({ apiVersion: API_VERSION, kind: "PrismShard", metadata, spec: { product: "p", ...spec } });
		return isRefusal(found) ? findingText(found.finding) : "";
	};
	it.each<[string, object]>([
		["spec.resources.requests.cpu", { resources: { requests: { cpu: "-1" } } }],
		["spec.exposure.host", { exposure: { type: "Ingress", host: "a..b" } }],
		["spec.runnerSpec.tolerations[0].key", { runnerSpec: { tolerations: [{ key: "a b", operator: "Exists" }] } }],
		["spec.runnerSpec.tolerations[0].value", { runnerSpec: { tolerations: [{ key: "a", value: "\u001b" }] } }],
		["spec.runnerSpec.nodeSelector.zone", { runnerSpec: { nodeSelector: { zone: "-a" } } }],
		[
			"spec.runnerSpec.topologySpreadConstraints[0].topologyKey",
			{
				runnerSpec: {
					topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "a//b", whenUnsatisfiable: "DoNotSchedule" }],
				},
			},
		],
		["spec.runnerSpec.priorityClassName", { runnerSpec: { priorityClassName: "a..b" } }],
		["spec.storage.storageClassName", { storage: { storageClassName: "a.-b" } }],
		["spec.autoscaling.metrics[0].averageValue", metric({ name: "load", averageValue: 0 })],
		["spec.autoscaling.metrics[0].averageValue", metric({ name: "load", averageValue: "0.0" })],
		["spec.autoscaling.metrics[0].averageValue", metric({ name: "load", averageValue: "-5" })],
		["spec.autoscaling.metrics[0].name", metric({ name: "a/load", averageValue: 1 })],
		["spec.autoscaling.metrics[0].resource.name", metric({ type: "Resource", resource: { name: "disk" } })],
		["spec.allowedNamespaces.names[0]", { allowedNamespaces: { from: "List", names: ["Team A"] } }],
	])("%s", (field, spec) => {
		expect(messageOf(spec)).toContain(field);
	});

	it("values to hold with what to write", () => {
		expect(messageOf(metric({ name: "load", averageValue: 0 }))).toContain(
			"spec.autoscaling.metrics[0].averageValue: must be a quantity above 0, such as 500m, 2 or 1k, got 0",
		);
		expect(messageOf(metric({ name: "load", averageValue: 0.5 }))).toContain("write it in quotes");
	});

	it("and what it takes", () => {
		expect(
			messageOf({ storage: { storageClassName: "a.b-c.d1" }, ...metric({ name: "load", averageValue: ".5" }) }),
		).toBe("");
		expect(messageOf({ exposure: { type: "Ingress", host: "*.a-b.c1" } })).toBe("");
		const tolerations = [{ operator: "Exists" }, { key: "a.example/b_c", operator: "Equal", value: "" }];
		expect(messageOf({ runnerSpec: { tolerations, nodeSelector: { "a/b": "" } } })).toBe("");
	});
});
