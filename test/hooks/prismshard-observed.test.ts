import { describe, expect, it } from "vitest";
import { leavingVerdict } from "../../hooks/prismshard/deletion.ts";
import { statusFields } from "../../hooks/prismshard/fields.ts";
import {
	heldNamespaces,
	installedPlugin,
	pluginContainer,
	pluginVariable,
	type ShardInstance,
	shardNames,
} from "../../hooks/prismshard/observed.ts";
import { isFull, leaving } from "../../hooks/prismshard/roster.ts";
import { silenceOf, unverified } from "../../hooks/prismshard/status.ts";
import { objectMap } from "../../kube/offline.ts";
import type { InstanceAnswer } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { PrismShardSpec } from "../../schemas/prismshard.ts";
import { API_VERSION, PLUGIN_VERSIONS_ANNOTATION } from "../../schemas/vocabulary.ts";
import { NOW, object } from "./situations.ts";

// What is read off a shard's StatefulSet, its Service and the answers of its instances, piece by piece.

const BEFORE = "2025-12-31T23:59:00Z";

const known = (
	names: readonly string[],
	more: Partial<Extract<InstanceAnswer, { state: "known" }>> = {},
): InstanceAnswer => ({
	state: "known",
	readAt: NOW,
	namespaces: new Map(names.map((name) => [name, ""])),
	...more,
});
const instance = (ordinal: number, answer: InstanceAnswer | undefined, listed = true): ShardInstance => ({
	name: `prism-it-${ordinal}`,
	listed,
	ready: answer !== undefined,
	answer,
});
const unverifiable: InstanceAnswer = { state: "unverifiable" };
const unknown = (failure: Extract<InstanceAnswer, { state: "unknown" }>["failure"]): InstanceAnswer => ({
	state: "unknown",
	failure,
});

const set = (status: unknown, spec: unknown = { replicas: 3 }, generation = 2): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "StatefulSet",
	metadata: { name: "prism-it", namespace: "prism", generation },
	spec,
	status,
});

const request = (
	children: readonly KubeObject[] = [],
	status?: unknown,
	metadata: Partial<KubeObject["metadata"]> = {},
): CompositeRequest => ({
	controller: {},
	parent: { ...object("PrismShard", {}, metadata), status },
	children: objectMap(children),
	related: {},
	finalizing: false,
});

const fields = (
	its: CompositeRequest,
	instances: readonly ShardInstance[] = [],
	spec?: Partial<PrismShardSpec>,
) => statusFields({ request: its, spec: spec as PrismShardSpec | undefined, instances, now: NOW });

describe("names of a shard", () => {
	it.each([
		[
			{ name: "it", namespace: "prism" },
			{ base: "prism-it", headless: "prism-it-headless", namespace: "prism" },
		],
		[
			{ name: "it", namespace: undefined as never },
			{ base: "prism-it", headless: "prism-it-headless", namespace: "default" },
		],
	])("of %j", (metadata, names) => {
		expect(shardNames(object("PrismShard", {}, metadata))).toEqual(names);
	});

	it("of its plugins", () => {
		expect(pluginContainer("mongo-db")).toBe("plugin-mongo-db");
		expect(pluginVariable("mongo-db-x", "ADDRESS")).toBe("PRISM_PLUGIN_MONGO_DB_X_ADDRESS");
		expect(pluginVariable("a", "PATH")).toBe("PRISM_PLUGIN_A_PATH");
	});
});

describe("counts and endpoint", () => {
	const selector = "app=prism-proxy,shard=it";

	it("are absent before there is anything", () => {
		expect(fields(request())).toEqual({ selector });
	});

	it("are those of the StatefulSet and the Service", () => {
		const service = {
			...object(
				"Service",
				{
					ports: [
						{ name: "grpc", port: 8980 },
						{ name: "metrics", port: 1 },
					],
				},
				{ name: "prism-it" },
			),
			apiVersion: "v1",
		};
		const observed = set({ replicas: 4, readyReplicas: 2, updatedReplicas: 1 });
		expect(fields(request([observed, service]))).toEqual({
			selector,
			replicas: 4,
			readyReplicas: 2,
			updatedReplicas: 1,
			summary: "2/3",
			endpoint: "prism-it.prism.svc:8980",
		});
	});

	it("are 0 of 1 where nothing is told", () => {
		const odd = { ...object("Service", { ports: [{ port: "grpc" }] }, { name: "prism-it" }), apiVersion: "v1" };
		expect(fields(request([set(undefined, {}), odd]))).toEqual({
			selector,
			replicas: 0,
			readyReplicas: 0,
			updatedReplicas: 0,
			summary: "0/1",
		});
	});
});

describe("figures", () => {
	const figures = (status: unknown, ...answers: readonly (InstanceAnswer | undefined)[]) => {
		const { selector: _selector, ...rest } = fields(
			request([], status),
			answers.map((answer, index) => instance(index, answer)),
		);
		return rest;
	};
	const busy = known(["a", "b"], { metrics: { requestsPerSecond: 101, p99LatencyMs: 2 } });
	const idle = known(["b", "c"], { metrics: { requestsPerSecond: 20, p99LatencyMs: 0 } });
	const slow = known([], { metrics: { requestsPerSecond: 0, p99LatencyMs: 5 } });
	const mute = known([], { metrics: { requestsPerSecond: 3 } });

	it.each([
		["of nobody", [undefined, unverifiable, unknown("NotReady")], {}],
		["of one that tells no metrics", [known(["a"])], { namespaces: 1, metricsUpdatedAt: NOW }],
		[
			"of several",
			[busy, idle, slow, undefined],
			{ namespaces: 3, aggregateMetrics: { totalRPS: 120, avgP99Latency: "3.5ms" }, metricsUpdatedAt: NOW },
		],
		[
			"of those that served nothing",
			[idle],
			{ namespaces: 2, aggregateMetrics: { totalRPS: 20 }, metricsUpdatedAt: NOW },
		],
		[
			"of those that tell no latency",
			[mute],
			{ namespaces: 0, aggregateMetrics: { totalRPS: 3 }, metricsUpdatedAt: NOW },
		],
	])("are %s", (_, answers, found) => {
		expect(figures(undefined, ...answers)).toEqual(found);
	});

	const old = { namespaces: 7, aggregateMetrics: { totalRPS: 1, avgP99Latency: "1ms" } };
	const at = (metricsUpdatedAt: string) => ({ ...old, metricsUpdatedAt });
	const next = { namespaces: 1, metricsUpdatedAt: NOW };
	it.each([
		["stay for 59 s", at("2025-12-31T23:59:01Z"), [known(["a"])], at("2025-12-31T23:59:01Z")],
		["are others after 60 s", at(BEFORE), [known(["a"])], next],
		["are others when their time is ahead", at("2026-01-01T00:00:01Z"), [known(["a"])], next],
		["are others when they have no time", old, [known(["a"])], next],
		["stay while nobody tells", at("2025-12-31T23:59:01Z"), [], at("2025-12-31T23:59:01Z")],
		["are forgotten when nobody has told for a minute", at(BEFORE), [], { metricsUpdatedAt: NOW }],
		[
			"stay when they are the same",
			{ namespaces: 1, metricsUpdatedAt: BEFORE },
			[known(["a"])],
			{ namespaces: 1, metricsUpdatedAt: BEFORE },
		],
		[
			"are nothing when they were of nothing",
			{ metricsUpdatedAt: 5, namespaces: "x", aggregateMetrics: { totalRPS: "1" } },
			[],
			{},
		],
		[
			"are read without what makes no sense",
			{ ...at("2025-12-31T23:59:01Z"), aggregateMetrics: { totalRPS: 1, avgP99Latency: 5 } },
			[known(["a"])],
			{ namespaces: 7, aggregateMetrics: { totalRPS: 1 }, metricsUpdatedAt: "2025-12-31T23:59:01Z" },
		],
	])("%s", (_, status, answers, found) => {
		expect(figures(status, ...(answers as InstanceAnswer[]))).toEqual(found);
	});

	it("count what instances hold together", () => {
		expect(heldNamespaces([instance(0, busy), instance(1, idle), instance(2, unverifiable)])).toEqual(
			new Set(["a", "b", "c"]),
		);
		expect(heldNamespaces([instance(0, unverifiable), instance(1, undefined)])).toBeUndefined();
	});
});

describe("a plugin", () => {
	const pod = (spec: unknown, versions?: string): KubeObject =>
		set(
			{ observedGeneration: 2, replicas: 3, updatedReplicas: 3, readyReplicas: 3 },
			{
				replicas: 3,
				template: {
					metadata: { annotations: { ...(versions !== undefined && { [PLUGIN_VERSIONS_ANNOTATION]: versions }) } },
					spec,
				},
			},
		);
	const sidecar = { containers: [{ name: "proxy" }, { name: "plugin-a", image: "a:1" }] };

	it.each([
		["nothing", undefined, undefined],
		["none of that name", pod(sidecar), undefined, "b"],
		["beside the proxy", pod(sidecar, '{"a":"1"}'), { form: "sidecar", image: "a:1", version: "1" }],
		[
			"inside the proxy",
			pod({ containers: [], initContainers: [{ name: "plugin-a", image: "a:1" }] }, '{"a":"1"}'),
			{ form: "in-process", image: "a:1", version: "1" },
		],
		[
			"apart from the proxy",
			pod({ containers: [{ name: "proxy", env: [{ name: "PRISM_PLUGIN_A_ADDRESS" }] }] }),
			{ form: "remote" },
		],
		[
			"apart, for another",
			pod({ containers: [{ name: "proxy", env: [{ name: "PRISM_PLUGIN_B_ADDRESS" }] }] }),
			undefined,
		],
		["without a version", pod(sidecar), { form: "sidecar", image: "a:1" }],
		["with another's version", pod(sidecar, '{"b":"1"}'), { form: "sidecar", image: "a:1" }],
		["with a version that is none", pod(sidecar, '{"a":1}'), { form: "sidecar", image: "a:1" }],
		["with versions that are none", pod(sidecar, "[1"), { form: "sidecar", image: "a:1" }],
		["with a list of versions", pod(sidecar, '["a"]'), { form: "sidecar", image: "a:1" }],
		["without an image", pod({ containers: [{ name: "plugin-a" }] }), { form: "sidecar" }],
	])("is found in the pods: %s", (_, observed, found, name = "a") => {
		expect(installedPlugin(observed, name)).toEqual(found);
	});

	const told = (status: unknown, instances: readonly ShardInstance[] = [], entry: object = {}, children = true) => {
		const observed = { ...pod(sidecar, '{"a":"1"}'), status };
		const spec = { replicas: 5, plugins: [{ name: "a", ...entry }] } as Partial<PrismShardSpec>;
		return fields(request(children ? [observed] : []), instances, spec).plugins?.[0];
	};
	const counts = (replicas: number, updatedReplicas: number, readyReplicas: number, observedGeneration = 2) => ({
		observedGeneration,
		replicas,
		updatedReplicas,
		readyReplicas,
	});
	const it0 = { name: "a", deployment: "sidecar", pinned: false, image: "a:1", version: "1", desired: 3 };

	it.each([
		["all are updated and ready", counts(3, 3, 3), { updated: 3, ready: 3 }],
		["one is not ready", counts(3, 3, 2), { updated: 3, ready: 2 }],
		["one that is ready may be an old one", counts(3, 2, 2), { updated: 2, ready: 1 }],
		["those that are ready may all be old ones", counts(3, 1, 2), { updated: 1, ready: 0 }],
		["more are ready than are wanted", counts(5, 5, 5), { updated: 3, ready: 3 }],
		["nobody has counted since", counts(3, 3, 3, 1), { updated: 0, ready: 0 }],
		["nobody has counted", undefined, { updated: 0, ready: 0 }],
	])("is counted: %s", (_, status, found) => {
		expect(told(status)).toEqual({ ...it0, ...found });
	});

	it("is told as spec has it where there are no pods", () => {
		const none = { name: "a", pinned: true, desired: 5, updated: 0, ready: 0 };
		expect(told({}, [], { version: "9" }, false)).toEqual({ ...none, deployment: "sidecar" });
		expect(told({}, [], { version: "9", deployment: "remote" }, false)).toEqual({ ...none, deployment: "remote" });
	});

	it("is told with the first pod that is not ready", () => {
		const all = counts(3, 3, 3);
		expect(told(all, [instance(0, known([])), instance(1, undefined), instance(2, undefined, false)])?.unready).toBe(
			"prism-it-1: Ready is False",
		);
		expect(told(all, [instance(0, undefined, false)])?.unready).toBe("prism-it-0: it has no address yet");
		expect(told(all, [instance(0, known([]))])).not.toHaveProperty("unready");
	});

	it("is told only where spec names any", () => {
		expect(fields(request(), [], { plugins: [] })).not.toHaveProperty("plugins");
		expect(fields(request(), [], {})).not.toHaveProperty("plugins");
	});
});

describe("an instance is silent", () => {
	it.each([
		[undefined, "prism-it-0 is not ready"],
		[unknown("Unreachable"), "prism-it-0 does not answer"],
		[unknown("DeadlineExceeded"), "prism-it-0 does not answer"],
		[unknown("CircuitOpen"), "prism-it-0 does not answer"],
		[unknown("Overloaded"), "prism-it-0 does not answer"],
		[unknown("Unauthenticated"), "prism-it-0 does not accept the operator's credentials"],
		[known([]), undefined],
		[unverifiable, undefined],
	])("or not: %j", (answer, words) => {
		expect(silenceOf(instance(0, answer))).toBe(words);
	});

	it("is not what can't be held against its siblings", () => {
		expect(unverified([instance(0, known([])), instance(1, undefined)])).toEqual([]);
		expect(unverified([instance(0, known([])), instance(1, unverifiable)])).toEqual([
			"these offer no way to list their namespaces, so that what they hold is not verified: prism-it-1",
		]);
	});
});

describe("a shard is full", () => {
	const full = (maxNamespaces: number | undefined, before: unknown, ...answers: readonly InstanceAnswer[]) =>
		isFull(
			{ spec: { capacity: { maxNamespaces } } as unknown as PrismShardSpec },
			answers.map((answer, index) => instance(index, answer)),
			request([], { full: before }),
		);
	const holding = (count: number) => known(Array.from({ length: count }, (_, index) => `n${index}`));

	it.each([
		["without a capacity", undefined, true, [holding(100)], undefined],
		["below it", 100, false, [holding(99)], false],
		["at it", 100, false, [holding(100)], true],
		["above it", 100, undefined, [holding(101)], true],
		["until well below it", 100, true, [holding(95)], true],
		["well below it", 100, true, [holding(94)], false],
		["as it was, when nobody tells", 100, true, [unverifiable], true],
		["as it was not, when nobody tells", 100, undefined, [], false],
	])("%s", (_, most, before, answers, isIt) => {
		expect(full(most, before, ...answers)).toBe(isIt);
	});
});

describe("a shard on its way out", () => {
	const roster = (spec: unknown): KubeObject => ({
		apiVersion: API_VERSION,
		kind: "PrismRoster",
		metadata: { name: "prism-it", namespace: "prism" },
		spec,
	});
	const going = { deletionTimestamp: BEFORE };
	const forced = { ...going, annotations: { "prism.io/force-delete": "true" } };
	const pods = set({ replicas: 1 });
	const way = "To delete the shard all the same: kubectl annotate prismshard it -n prism prism.io/force-delete=true";

	it.each([
		["nothing was made", going, [], [], undefined],
		[
			"its roster does not say so yet",
			going,
			[pods, roster({ draining: false })],
			[instance(0, known([]))],
			"Terminating: being deleted: its namespaces are being told to leave",
		],
		[
			"namespaces are left",
			going,
			[pods, roster({ draining: true })],
			[instance(0, known(["a", "b"])), instance(1, undefined)],
			`NamespacesRemain: namespaces left: 2. Each moves to another shard that matches, or goes with its PrismNamespace. ${way}`,
		],
		[
			"there is no pod to say so",
			going,
			[pods, roster({ draining: true })],
			[],
			`NamespacesUnknown: there is no pod that could say which namespaces are left. ${way}`,
		],
		[
			"one can't say so",
			going,
			[pods, roster({ draining: true })],
			[instance(0, unverifiable), instance(1, known([]))],
			`NamespacesUnknown: whether namespaces are left is not known: prism-it-0 can't list its namespaces. ${way}`,
		],
		[
			"one does not say so",
			going,
			[pods, roster({ draining: true })],
			[instance(0, known([])), instance(1, undefined)],
			`NamespacesUnknown: whether namespaces are left is not known: prism-it-1 is not ready. ${way}`,
		],
		[
			"one said so before",
			going,
			[pods, roster({ draining: true })],
			[instance(0, known([])), instance(1, known([], { readAt: BEFORE }))],
			"Terminating: being deleted: its pods are asked once more which namespaces they hold",
		],
		["all say so", going, [pods, roster({ draining: true })], [instance(0, known([]))], undefined],
		["all say so, and there is no roster", going, [pods], [instance(0, known([]))], undefined],
		[
			"it is forced, and its roster does not say so yet",
			forced,
			[pods, roster({ draining: true })],
			[instance(0, known(["a"]))],
			"Terminating: being deleted: its namespaces are being told to leave",
		],
		[
			"it is forced",
			forced,
			[pods, roster({ draining: true, deleting: true })],
			[instance(0, known(["a"]))],
			undefined,
		],
	])("waits or not when %s", (_, metadata, children, instances, words) => {
		const verdict = leavingVerdict(request(children, undefined, metadata), instances);
		expect(verdict && `${verdict.reason}: ${verdict.message}`).toBe(words);
	});

	it("tells its roster, and no other child", () => {
		const before = roster({ accepting: true, draining: false, deleting: false, weight: 3 });
		expect(leaving("draining")(before)["spec"]).toEqual({
			accepting: false,
			draining: true,
			deleting: false,
			weight: 3,
		});
		expect(leaving("deleting")(before)["spec"]).toEqual({
			accepting: false,
			draining: true,
			deleting: true,
			weight: 3,
		});
		expect(leaving("deleting")(pods)).toBe(pods);
	});
});
