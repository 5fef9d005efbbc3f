import { describe, expect, it } from "vitest";
import { prismShard } from "../../hooks/prismshard/index.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { endpointSlices, requestOf } from "../laws/cluster.ts";
import { reason, ShardWorld, settled, spec } from "./prismshard-world.ts";
import { NOW, object } from "./situations.ts";

// What a shard asks, makes and tells.

describe("what a shard asks and relates to", () => {
	const rulesOf = (parent: KubeObject) => prismShard.customize?.({ controller: {}, parent }).relatedResources;
	const slices = {
		apiVersion: "discovery.k8s.io/v1",
		resource: "endpointslices",
		namespace: "prism",
		labelSelector: { matchLabels: { "kubernetes.io/service-name": "prism-it-headless" } },
	};

	it("relates to the endpoints of its own pods, and to the plugins that spec names", () => {
		expect(rulesOf(object("PrismShard", spec))).toEqual([slices]);
		const plugins = [{ name: "redis" }, { name: "kafka", version: "1.0.0" }, { name: 5 }, "nonsense"];
		expect(rulesOf(object("PrismShard", { ...spec, plugins }))).toEqual([
			slices,
			{ apiVersion: "prism.io/v1alpha1", resource: "prismplugins", namespace: "prism", names: ["kafka", "redis"] },
		]);
	});

	it("depends on spec, name and namespace alone: the answer is cached by generation", () => {
		const before = object("PrismShard", { ...spec, plugins: [{ name: "redis" }] });
		const metadata = { ...before.metadata, uid: "other", annotations: { a: "b" }, deletionTimestamp: NOW };
		expect(rulesOf({ ...before, metadata, status: { phase: "Failed" } })).toEqual(rulesOf(before));
	});

	it("asks each pod that is ready, at an address made of names", () => {
		const world = settled({ adminPort: 9981 });
		const related = endpointSlices(world.children, (pod) => pod !== "prism-it-1");
		const context = { now: NOW, installation: {} as never };
		const request = requestOf(prismShard, { parent: world.parent, related, context }, []);
		const children = { "StatefulSet.apps/v1": { "prism/prism-it": world.child("StatefulSet") as KubeObject } };
		const questions = prismShard.ask?.({ ...request, children }, context) ?? [];
		expect(questions).toEqual(
			[0, 2].map((ordinal) => ({
				about: "instance",
				instance: {
					name: `prism-it-${ordinal}`,
					address: `prism-it-${ordinal}.prism-it-headless.prism.svc:9981`,
					namespace: "prism",
				},
			})),
		);
	});

	it("gives pods of a shard with a long name names that pods can have", () => {
		const world = new ShardWorld(spec, { name: "a".repeat(63) });
		world.settle();
		const { name } = world.child("StatefulSet")?.metadata ?? { name: "" };
		expect(name.length).toBe(52);
		expect(world.at("StatefulSet", "spec", "serviceName")).toBe(`${name}-headless`);
		expect(reason(world)).toBe("ShardReady");
	});
});

describe("a shard's count of pods", () => {
	const replicas = (world: ShardWorld) => world.at("StatefulSet", "spec", "replicas");
	const scaleTo = (world: ShardWorld, count: number) =>
		world.change("StatefulSet", (set) => ({ ...set, spec: { ...(set["spec"] as object), replicas: count } }));

	it("never jumps when autoscaling is switched on and off", () => {
		const world = settled();
		const trace = [replicas(world)];
		const look = () => {
			world.sync();
			if (trace.at(-1) !== replicas(world)) trace.push(replicas(world));
		};
		for (const count of [7, 5]) {
			world.edit({ autoscaling: { minReplicas: 2, maxReplicas: 10, targetRPS: 5000 } });
			look();
			look();
			scaleTo(world, count);
			look();
			look();
			world.edit({ autoscaling: { enabled: false, minReplicas: 2, maxReplicas: 10, targetRPS: 5000 } });
			look();
			look();
		}
		expect(trace).toEqual([3, 7, 3, 5, 3]);
	});

	it("is not seen as an edit while the autoscaler moves it", () => {
		const world = settled({ autoscaling: { minReplicas: 2, maxReplicas: 10, targetRPS: 5000 } });
		const hash = () => world.at("StatefulSet", "metadata", "annotations", "prism.io/desired-hash");
		const before = hash();
		scaleTo(world, 9);
		world.sync();
		expect(hash()).toBe(before);
		expect(world.at("HorizontalPodAutoscaler", "spec", "scaleTargetRef")).toEqual({
			apiVersion: "apps/v1",
			kind: "StatefulSet",
			name: "prism-it",
		});
	});

	it.each([
		[1, 2],
		[5, 5],
		[50, 10],
	])("of %i begins within the autoscaler's bounds: %i", (wanted, expected) => {
		const world = settled({ replicas: wanted, autoscaling: { minReplicas: 2, maxReplicas: 10, targetRPS: 1 } });
		expect(replicas(world)).toBe(expected);
	});
});

describe("a shard's volumes", () => {
	const templates = (world: ShardWorld) => recordsAt(world.child("StatefulSet"), "spec", "volumeClaimTemplates");

	it("stay as the StatefulSet was made with them, whatever spec and the API server say", () => {
		const world = settled();
		const [made] = templates(world);
		const padded = [{ ...made, metadata: { name: "data", creationTimestamp: null } }];
		world.change("StatefulSet", (set) => ({
			...set,
			spec: { ...(set["spec"] as object), volumeClaimTemplates: padded },
		}));
		world.edit({ storage: { size: "50Gi" } });
		world.settle();
		expect(templates(world)).toEqual(padded);
		expect(reason(world)).toBe("ShardReady");
	});

	it("may be kept or dropped later on", () => {
		const world = settled();
		world.edit({ storage: { retention: { whenDeleted: "Delete" } } });
		world.settle();
		expect(world.at("StatefulSet", "spec", "persistentVolumeClaimRetentionPolicy")).toEqual({
			whenDeleted: "Delete",
			whenScaled: "Retain",
		});
	});
});

describe("a shard's figures", () => {
	it("are absent until an instance tells, and again when none has told for a minute", () => {
		const world = new ShardWorld(spec);
		for (const pod of ["prism-it-0", "prism-it-1", "prism-it-2"])
			world.answers.set(pod, { state: "unknown", failure: "Unreachable" });
		world.settle();
		const figures = () => [
			valueAt(world.parent["status"], "namespaces"),
			valueAt(world.parent["status"], "aggregateMetrics"),
		];
		expect(figures()).toEqual([undefined, undefined]);
		world.tell("prism-it-1", {
			namespaces: new Map([["a", ""]]),
			metrics: { requestsPerSecond: 123.4, p99LatencyMs: 8.765 },
		});
		world.sync();
		const told = [1, { totalRPS: 120, avgP99Latency: "8.8ms" }];
		expect(figures()).toEqual(told);
		world.answers.set("prism-it-1", { state: "unknown", failure: "Unreachable" });
		world.later(59);
		world.sync();
		expect(figures()).toEqual(told);
		world.later(1);
		world.sync();
		expect(figures()).toEqual([undefined, undefined]);
	});

	it("are of those that tell, and never 0 for those that don't", () => {
		const world = settled();
		world.tell("prism-it-0", { metrics: { requestsPerSecond: 0 } });
		world.tell("prism-it-1", { metrics: { requestsPerSecond: 1.44, p99LatencyMs: 0.0456 } });
		world.answers.set("prism-it-2", { state: "unverifiable" });
		world.later(60);
		world.sync();
		expect(valueAt(world.parent["status"], "aggregateMetrics")).toEqual({ totalRPS: 1.4, avgP99Latency: "0.046ms" });
	});
});
