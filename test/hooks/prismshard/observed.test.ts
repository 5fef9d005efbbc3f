import { describe, expect, it } from "vitest";
import {
	heldNamespaces,
	installedPlugin,
	pluginContainer,
	pluginVariable,
	type ShardInstance,
	shardNames,
} from "../../../hooks/prismshard/observed.ts";
import type { InstanceAnswer } from "../../../schemas/admin.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import type { PrismShardSpec } from "../../../schemas/prismshard.ts";
import { PLUGIN_VERSIONS_ANNOTATION } from "../../../schemas/vocabulary.ts";
import { BEFORE, fields, instance, known, request, set, unknown, unverifiable } from "../prismshard-pieces.ts";
import { NOW, object } from "../situations.ts";

// What status says of a shard's StatefulSet, Service, figures and plugins, as they were observed.

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
		expect(fields(request(), [], { plugins: [] }).plugins).toBeUndefined();
		expect(fields(request(), [], {}).plugins).toBeUndefined();
	});
});
