import { describe, expect, it } from "vitest";
import { childrenOf } from "../../../hooks/prismshard/children.ts";
import type { ShardInstance } from "../../../hooks/prismshard/observed-shard.ts";
import { judged, silenceOf, unverified } from "../../../hooks/prismshard/status.ts";
import { objectMap } from "../../../kube/offline.ts";
import { refusal } from "../../../kube/spec-refusal.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { plannedShard } from "../plans.ts";
import { BEFORE, instance, known, unknown, unverifiable } from "../prismshard-pieces.ts";
import { doubted } from "../prismshard-situation.ts";
import { LONG_AGO, NOW } from "../situations.ts";

describe("an instance is silent", () => {
	it.each([
		[undefined, "PodNotReady"],
		[unknown("Unreachable"), "NoAnswer"],
		[unknown("DeadlineExceeded"), "NoAnswer"],
		[unknown("Overloaded"), "NoAnswer"],
		[unknown("Unauthenticated"), "Unauthenticated"],
		[known([]), undefined],
		[unverifiable, undefined],
	])("or not: %j", (answer, silence) => {
		const name = "prism-it-0";
		expect(silenceOf(instance(0, answer))).toEqual(silence && { name, silence });
	});

	it("is not what can't be held against its siblings", () => {
		expect(unverified([instance(0, known([])), instance(1, undefined)])).toEqual([]);
		expect(unverified([instance(0, known([])), instance(1, unverifiable)])).toEqual([
			{ warning: "Unverifiable", instances: ["prism-it-1"] },
		]);
	});
});

const ALL = [0, 1].map((ordinal) => instance(ordinal, known(["a"])));
const counted = (readyReplicas: number) => ({
	observedGeneration: 1,
	replicas: 2,
	readyReplicas,
	availableReplicas: readyReplicas,
	updatedReplicas: 2,
	currentRevision: "new",
	updateRevision: "new",
});
/** A shard of two instances, all of whose children are there, with so many pods ready. */
const judgement = (
	instances: readonly ShardInstance[] = ALL,
	{ ready = 2, status, spec = {} }: { ready?: number; status?: object; spec?: object } = {},
) => {
	const { plan, request } = plannedShard({ replicas: 2, ...spec }, { ...(status && { status }) });
	const seen = { request, instances, now: NOW };
	const children = childrenOf(plan, seen);
	const there = children.map(
		(child): KubeObject => ({
			...child,
			metadata: { ...child.metadata, generation: 1 },
			...(child.kind === "StatefulSet" && { status: counted(ready) }),
		}),
	);
	return judged(plan, { ...seen, request: { ...request, children: objectMap(there) }, children });
};
const RAN = { phase: "Running" };
const UNADDRESSED = { kind: "Service", name: "prism-it", cause: "NoAddress", since: LONG_AGO };
const silent = [instance(0, known(["a"])), instance(1, unknown("Unreachable"))];
const differing = [instance(0, known(["a", "b"])), instance(1, known(["a"]))];
const doubtfulOf = (cause: string) => [{ name: "prism-it-1", cause }];

describe("a shard is", () => {
	it.each([
		["ready", judgement(), { ready: "True", finding: { reason: "ShardReady", instances: 2 } }],
		["ready without pods", judgement([]), { ready: "True", finding: { reason: "ScaledToZero" } }],
		["on its way", judgement(ALL, { ready: 1 }), { phase: "Pending", finding: { reason: "Progressing" } }],
		[
			"the worse for a pod that it had",
			judgement(ALL, { ready: 1, status: RAN }),
			{ phase: "Degraded", finding: { reason: "ReplicasUnavailable" } },
		],
		[
			"without an address that it asks for",
			judgement(ALL, { spec: { exposure: { type: "LoadBalancer" } }, status: { ...RAN, delayed: [UNADDRESSED] } }),
			{ phase: "Degraded", finding: { reason: "NoAddress" } },
		],
		["out of reach", judgement(silent), { phase: "Pending", finding: { reason: "InstancesUnreachable" } }],
		["of instances that differ", judgement(differing), { finding: { reason: "NamespacesDiffer" } }],
	])("%s", (_what, { verdict }, expected) => {
		expect(verdict).toMatchObject(expected);
	});

	it("refused with its spec", () => {
		const refused = refusal({ reason: "InvalidSpec", about: "fields", problems: [] });
		const { request } = plannedShard();
		const found = judged(refused, { request, instances: [], now: NOW, children: [] });
		expect(Object.keys(found)).toEqual(["verdict"]);
		expect(found.verdict).toMatchObject({ phase: "Failed", stalled: true });
	});
});

describe("doubt", () => {
	it("names the instances, and why", () => {
		expect(judgement(silent)).toMatchObject({ doubtfulInstances: doubtfulOf("NoAnswer"), doubtfulSince: NOW });
		expect(judgement(differing)).toMatchObject({ doubtfulInstances: doubtfulOf("NamespacesMissing") });
	});

	it("counts only if it lasts, where the shard was Ready", () => {
		const at = (since: string) => judgement(silent, { status: doubted(since).status });
		expect(at(NOW)).toMatchObject({ verdict: { ready: "True" }, doubtfulSince: NOW });
		expect(at(LONG_AGO)).toMatchObject({ verdict: { phase: "Degraded" }, doubtfulSince: LONG_AGO });
	});

	it("is not about namespaces that came after a list was read", () => {
		const earlier = instance(1, known(["a"], { readAt: BEFORE }));
		expect(judgement([instance(0, known(["a", "b"])), earlier]).verdict.ready).toBe("True");
	});

	it("is remembered while something else is the matter", () => {
		expect(judgement(silent, { ready: 1 })).toMatchObject({ doubtfulSince: NOW });
		expect(judgement(ALL, { ready: 1 })).not.toHaveProperty("doubtfulSince");
	});
});
