import { describe, expect, it } from "vitest";
import { prismShard } from "../../../hooks/prismshard/index.ts";
import { conditionOf } from "../../../kube/conditions.ts";
import { recordsAt, valueAt } from "../../../kube/object.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { requestOf } from "../../laws/cluster.ts";
import { readyOf } from "../../laws/findings.ts";
import { scaledTo } from "../../laws/scaling.ts";
import { stagesOf } from "../../stages.ts";
import { endpointSlices } from "../../world/stored.ts";
import { reason, ShardWorld, settled, spec } from "../prismshard-world.ts";
import { NOW, object } from "../situations.ts";

// What a shard asks, makes and tells.

describe("what a shard asks and relates to", () => {
	const rulesOf = (parent: KubeObject) => prismShard.customize?.({ controller: {}, parent }).relatedResources;
	const slices = {
		apiVersion: "discovery.k8s.io/v1",
		resource: "endpointslices",
		namespace: "prism",
		labelSelector: { matchLabels: { "kubernetes.io/service-name": "prism-it-headless" } },
	};

	const claims = {
		apiVersion: "v1",
		resource: "persistentvolumeclaims",
		namespace: "prism",
		labelSelector: { matchLabels: { app: "prism-proxy", shard: "it" } },
	};

	it("relates to the volumes of its pods: their claims, and the class and the claims that spec names", () => {
		const volumes = [{ persistentVolumeClaim: { claimName: "b" } }, { persistentVolumeClaim: { claimName: "a" } }, {}];
		expect(rulesOf(object("PrismShard", { ...spec, storage: { storageClassName: "fast" }, volumes }))).toEqual([
			slices,
			claims,
			{ apiVersion: "storage.k8s.io/v1", resource: "storageclasses", names: ["fast"] },
			{ apiVersion: "v1", resource: "persistentvolumeclaims", namespace: "prism", names: ["a", "b"] },
		]);
		expect(rulesOf(object("PrismShard", { ...spec, storage: { storageClassName: "" }, volumes: "nonsense" }))).toEqual([
			slices,
			claims,
		]);
	});

	it("relates to the endpoints of its own pods, and to the plugins that spec names", () => {
		expect(rulesOf(object("PrismShard", spec))).toEqual([slices, claims]);
		const plugins = [{ name: "redis" }, { name: "kafka", version: "1.0.0" }, { name: 5 }, "nonsense"];
		expect(rulesOf(object("PrismShard", { ...spec, plugins }))).toEqual([
			slices,
			claims,
			{ apiVersion: "prism.io/v1alpha1", resource: "prismplugins", namespace: "prism", names: ["kafka", "redis"] },
			{ apiVersion: "v1", resource: "services", namespace: "prism", names: ["kafka-plugin", "redis-plugin"] },
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
		const request = requestOf(prismShard, { parent: world.object, related, context }, []);
		const children = { "StatefulSet.apps/v1": { "prism/prism-it": world.child("StatefulSet") as KubeObject } };
		const questions = stagesOf(prismShard).ask({ ...request, children }, context);
		expect(questions).toEqual(
			[0, 2].map((ordinal) => ({
				about: "instance",
				instance: {
					name: `prism-it-${ordinal}`,
					address: `prism-it-${ordinal}.prism-it-headless.prism.svc:9981`,
					namespace: "prism",
				},
				changedAt: NOW,
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
	const scaleTo = (world: ShardWorld, count: number) => {
		world.children = scaledTo(world.children, count);
	};

	it("never jumps when autoscaling is switched on and off", () => {
		const world = settled();
		const trace = [replicas(world)];
		const look = () => {
			world.sync();
			if (trace.at(-1) !== replicas(world)) trace.push(replicas(world));
		};
		for (const count of [7, 5]) {
			world.edit({ replicas: 3, autoscaling: { minReplicas: 2, maxReplicas: 10, targetRPS: 5000 } });
			look();
			look();
			scaleTo(world, count);
			look();
			look();
			world.edit({ replicas: 3, autoscaling: { enabled: false, minReplicas: 2, maxReplicas: 10, targetRPS: 5000 } });
			look();
			look();
		}
		expect(trace).toEqual([3, 7, 5]);
		world.edit({ replicas: 4 });
		look();
		expect(replicas(world)).toBe(4);
	});

	it.each([
		[0, 2],
		[1, 2],
		[6, 6],
		[12, 10],
	])("is brought from %i to %i, between the autoscaler's bounds", (observed, expected) => {
		const world = settled({ autoscaling: { minReplicas: 2, maxReplicas: 10, targetRPS: 5000 } });
		scaleTo(world, observed);
		const first = world.sync().status;
		if (observed < expected) expect(readyOf(first)).toBe("False");
		expect(replicas(world)).toBe(expected);
		expect(readyOf(world.settle().status)).toBe("True");
	});

	it("comes with a warning while the autoscaler can't act", () => {
		const world = settled({ autoscaling: { minReplicas: 2, maxReplicas: 10, targetRPS: 5000 } });
		const conditions = [{ type: "ScalingActive", status: "False", reason: "FailedGetPodsMetric" }];
		world.change("HorizontalPodAutoscaler", (scaler) => ({ ...scaler, status: { conditions } }));
		world.sync();
		expect(conditionOf(world.object, "Warning")?.message).toContain(
			"HorizontalPodAutoscaler prism-it does not scale: FailedGetPodsMetric",
		);
		expect(conditionOf(world.object, "Ready")?.status).toBe("True");
	});

	it("is what it was when an autoscaled StatefulSet is created again", () => {
		const world = settled({ autoscaling: { minReplicas: 2, maxReplicas: 10, targetRPS: 5000 } });
		scaleTo(world, 7);
		world.sync();
		world.sync();
		world.children = world.children.filter(({ kind }) => kind !== "StatefulSet");
		world.sync();
		expect(replicas(world)).toBe(7);
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
			valueAt(world.object["status"], "namespaces"),
			valueAt(world.object["status"], "aggregateMetrics"),
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
		world.pass(59);
		world.sync();
		expect(figures()).toEqual(told);
		world.pass(1);
		world.sync();
		expect(figures()).toEqual([undefined, undefined]);
	});

	it("are of those that tell, and never 0 for those that don't", () => {
		const world = settled();
		world.tell("prism-it-0", { metrics: { requestsPerSecond: 0 } });
		world.tell("prism-it-1", { metrics: { requestsPerSecond: 1.44, p99LatencyMs: 0.0456 } });
		world.answers.set("prism-it-2", { state: "unverifiable" });
		world.pass(60);
		world.sync();
		expect(valueAt(world.object["status"], "aggregateMetrics")).toEqual({ totalRPS: 1.4, avgP99Latency: "0.046ms" });
	});
});
