import { describe, expect, it } from "vitest";
import type { ShardInstance } from "../../../hooks/prismshard/observed-shard.ts";
import type { InstanceAnswer } from "../../../schemas/admin.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import type { PrismShardSpec } from "../../../schemas/prismshard.ts";
import { PLUGIN_VERSIONS_ANNOTATION } from "../../../schemas/vocabulary.ts";
import { BEFORE, fields, instance, known, request, set, unknown, unverifiable } from "../prismshard-pieces.ts";
import { NOW, object } from "../situations.ts";

// What status says of a shard's StatefulSet, Service, figures and plugins, as they were observed.

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
