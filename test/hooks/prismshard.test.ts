import { describe, expect, it } from "vitest";
import { prismShard } from "../../hooks/prismshard/index.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { endpointSlices, requestOf } from "../laws/cluster.ts";
import { ShardWorld } from "./prismshard-world.ts";
import { NOW, object } from "./situations.ts";

const spec = { backends: ["redis"], replicas: 3 };
const reason = ({ parent }: ShardWorld) => conditionOf(parent, "Ready")?.reason;
const settled = (changes: Record<string, unknown> = {}, related: KubeObject[] = []): ShardWorld => {
	const world = new ShardWorld({ ...spec, ...changes });
	world.related = related;
	world.settle();
	return world;
};

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

describe("a shard's plugins", () => {
	const plugin = (name: string, version: string, fields: Record<string, unknown> = {}): KubeObject => ({
		...object("PrismPlugin", { version: "2.0.0", ...fields }, { name }),
		status: {
			shardStates: [
				{ name: "another", version: "9.9.9", image: `plugins/${name}:9.9.9`, state: "Updated", since: NOW },
				{ name: "it", version, image: `plugins/${name}:${version}`, state: "Updating", since: NOW },
			],
		},
	});
	const image = (world: ShardWorld, name = "plugin-redis") =>
		recordsAt(world.child("StatefulSet"), "spec", "template", "spec", "containers").find(
			(container) => container["name"] === name,
		)?.["image"];
	const told = (world: ShardWorld) => recordsAt(world.parent["status"], "plugins");
	const follower = { plugins: [{ name: "redis" }] };

	it("follow the PrismPlugin, entry by entry, and tell what was observed", () => {
		const world = settled(follower, [plugin("redis", "1.0.0")]);
		expect(image(world)).toBe("plugins/redis:1.0.0");
		world.related = [plugin("redis", "2.0.0")];
		world.sync();
		expect(image(world)).toBe("plugins/redis:2.0.0");
		// What was just sent was not observed yet.
		expect(told(world)).toMatchObject([{ version: "1.0.0", image: "plugins/redis:1.0.0", updated: 3, ready: 3 }]);
		expect(reason(world)).toBe("Progressing");
		world.change("StatefulSet", (set) => ({
			...set,
			status: { ...(set["status"] as object), updatedReplicas: 1, readyReplicas: 2, updateRevision: "two" },
		}));
		world.unready.add("prism-it-2");
		world.sync();
		expect(told(world)).toEqual([
			{
				name: "redis",
				deployment: "sidecar",
				pinned: false,
				version: "2.0.0",
				image: "plugins/redis:2.0.0",
				desired: 3,
				updated: 1,
				ready: 0,
				unready: "prism-it-2: Ready is False",
			},
		]);
	});

	it("tell nothing of pods that the StatefulSet's controller has not seen the latest of", () => {
		const world = settled(follower, [plugin("redis", "1.0.0")]);
		world.change("StatefulSet", (set) => ({
			...set,
			metadata: { ...set.metadata, generation: (set.metadata.generation ?? 0) + 1 },
		}));
		world.sync();
		expect(told(world)).toMatchObject([{ version: "1.0.0", updated: 0, ready: 0 }]);
	});

	it("keep what they have when the PrismPlugin no longer names the shard", () => {
		const world = settled(follower, [plugin("redis", "1.0.0")]);
		const { status: _status, ...unnamed } = plugin("redis", "1.0.0");
		world.related = [unnamed];
		world.writes.clear();
		world.sync();
		expect(world.writes.size).toBe(0);
		expect(reason(world)).toBe("ShardReady");
	});

	it("that are new, and not named yet, hold the pods as they are, and everything else goes on", () => {
		const world = settled();
		const { status: _status, ...unnamed } = plugin("redis", "1.0.0");
		world.related = [unnamed];
		world.edit({ ...follower, image: "proxy:v2", weight: 5 });
		world.sync();
		expect(image(world, "prism-proxy")).toBe("ghcr.io/prism/prism-proxy:v1.0.0");
		expect(reason(world)).toBe("PluginNotReady");
		expect(world.at("PrismRoster", "spec", "weight")).toBe(5);
		world.related = [plugin("redis", "1.0.0")];
		world.settle();
		expect(image(world, "prism-proxy")).toBe("proxy:v2");
		expect(image(world)).toBe("plugins/redis:1.0.0");
	});

	it("that are pinned have the pin for a tag, wherever their image is", () => {
		const source = { registry: "mirror.example.com:5000/plugins", image: "redis-plugin:2.0.0" };
		const pinned = { plugins: [{ name: "redis", version: "1.5.0" }] };
		const world = settled(pinned, [plugin("redis", "2.0.0", { source })]);
		expect(image(world)).toBe("mirror.example.com:5000/plugins/redis-plugin:1.5.0");
		expect(told(world)).toMatchObject([{ pinned: true, version: "1.5.0" }]);
	});

	it("are run as the PrismPlugin says, unless spec does", () => {
		const inProcess = plugin("redis", "1.0.0", { deployment: { type: "in-process" } });
		expect(told(settled(follower, [inProcess]))).toMatchObject([{ deployment: "in-process", version: "1.0.0" }]);
		const sidecar = { plugins: [{ name: "redis", deployment: "sidecar" }] };
		expect(told(settled(sidecar, [inProcess]))).toMatchObject([{ deployment: "sidecar", version: "1.0.0" }]);
	});

	it("bear a StatefulSet that somebody made a mess of", () => {
		const world = settled(follower, [plugin("redis", "1.0.0")]);
		for (const text of ["{", "[]", "null", '{"redis":5}']) {
			world.change("StatefulSet", (set) => {
				const changed = JSON.parse(JSON.stringify(set)) as KubeObject;
				const annotations = valueAt(changed, "spec", "template", "metadata", "annotations") as Record<string, string>;
				annotations["prism.io/plugin-versions"] = text;
				return changed;
			});
			expect(recordsAt(world.sync().status, "plugins")[0]).not.toHaveProperty("version");
		}
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

describe("a shard that is in doubt", () => {
	it("stays Ready for half a minute, and is looked at often", () => {
		const world = settled();
		expect(world.sync().resyncAfterSeconds).toBeGreaterThanOrEqual(60);
		world.answers.set("prism-it-1", { state: "unknown", failure: "DeadlineExceeded" });
		const seen: unknown[] = [];
		for (let second = 0; second <= 40; second += 10) {
			const { resyncAfterSeconds } = world.sync();
			expect(resyncAfterSeconds).toBeLessThanOrEqual(10);
			seen.push(reason(world));
			world.later(10);
		}
		expect(seen).toEqual(["ShardReady", "ShardReady", "ShardReady", "InstancesUnreachable", "InstancesUnreachable"]);
		world.answers.delete("prism-it-1");
		world.sync();
		expect(reason(world)).toBe("ShardReady");
		expect(world.parent["status"]).not.toHaveProperty("doubtfulSince");
	});

	it("is not in doubt because one list is older than another, however many namespaces come", () => {
		const world = settled();
		const names: string[] = [];
		for (let second = 0; second < 600; second += 9) {
			const before = { readAt: world.now, namespaces: new Map(names.map((name) => [name, ""])) };
			world.later(9);
			names.push(`tenant-${second}`);
			const latest = { readAt: world.now, namespaces: new Map(names.map((name) => [name, ""])) };
			world.tell("prism-it-0", latest);
			world.tell("prism-it-1", before);
			world.tell("prism-it-2", latest);
			world.sync();
			expect(reason(world)).toBe("ShardReady");
			expect(world.parent["status"]).not.toHaveProperty("doubtfulSince");
		}
	});

	it("holds a list against those that were read before it, or within the same second", () => {
		const world = settled();
		const told = (...names: string[]) => ({ namespaces: new Map(names.map((name) => [name, ""])) });
		world.tell("prism-it-0", told("a", "b"));
		world.later(5);
		world.tell("prism-it-1", told("b", "c", "d"));
		world.tell("prism-it-2", told("a", "c"));
		world.edit({ weight: 7 });
		world.sync();
		world.sync();
		expect(conditionOf(world.parent, "Ready")).toMatchObject({
			reason: "NamespacesDiffer",
			message: "prism-it-1 lacks 1 of 4 namespaces, prism-it-2 lacks 2 of 4 namespaces",
		});
	});

	it("is not Ready for a moment when it was not before, or was edited", () => {
		const world = settled();
		world.edit({ image: "proxy:v2" });
		world.tell("prism-it-0", { namespaces: new Map([["a", ""]]) });
		world.sync();
		world.sync();
		expect(reason(world)).toBe("NamespacesDiffer");
	});
});

describe("a shard that is deleted", () => {
	const roster = (world: ShardWorld) => world.at("PrismRoster", "spec");
	const hold = (world: ShardWorld, ...names: string[]) => {
		for (const pod of ["prism-it-0", "prism-it-1", "prism-it-2"])
			world.tell(pod, { namespaces: new Map(names.map((name) => [name, ""])) });
	};

	it("tells its namespaces to leave, counts them down, and goes when they are gone", () => {
		const world = settled();
		hold(world, "a", "b");
		world.settle();
		world.delete();
		world.later(5);
		const seen: string[] = [];
		for (const names of [["a", "b"], ["a", "b"], ["a"], []]) {
			hold(world, ...names);
			const { finalized, resyncAfterSeconds } = world.sync();
			expect(resyncAfterSeconds).toBeLessThanOrEqual(7);
			seen.push(`${reason(world)} ${finalized}`);
			world.later(5);
		}
		expect(roster(world)).toMatchObject({ accepting: false, draining: true, deleting: false });
		expect(world.child("StatefulSet")).toBeDefined();
		expect(seen).toEqual(["Terminating false", "NamespacesRemain false", "NamespacesRemain false", "Terminating true"]);
	});

	it("is not held up by a pause, nor by a spec that can't be carried out", () => {
		const paused = settled();
		paused.annotate({ "prism.io/paused": "true" });
		paused.delete();
		paused.later(5);
		paused.sync();
		expect(roster(paused)).toMatchObject({ draining: true });
		expect(paused.sync().finalized).toBe(true);

		const refused = settled();
		refused.edit({ replicas: "many" });
		refused.delete();
		refused.later(5);
		refused.sync();
		expect(roster(refused)).toMatchObject({ accepting: false, draining: true });
		expect(refused.sync().finalized).toBe(true);
	});

	it.each([
		["at itself", {}, (world: ShardWorld, replicas: number) => world.edit({ replicas })],
		[
			"at its StatefulSet, where it is autoscaled",
			{ autoscaling: { minReplicas: 2, maxReplicas: 4, targetRPS: 100 } },
			(world: ShardWorld, replicas: number) =>
				world.change("StatefulSet", (set) => ({ ...set, spec: { ...(set["spec"] as object), replicas } })),
		],
	])("without pods waits until it is scaled up %s, and goes once its pod holds nothing", (_, more, scale) => {
		const world = new ShardWorld({ ...spec, ...more });
		world.settle();
		scale(world, 0);
		world.sync();
		world.delete();
		world.later(5);
		world.sync();
		expect([world.sync().finalized, reason(world)]).toEqual([false, "NamespacesUnknown"]);
		scale(world, 1);
		world.tell("prism-it-0", { namespaces: new Map([["a", ""]]) });
		world.sync();
		expect([world.sync().finalized, reason(world)]).toEqual([false, "NamespacesRemain"]);
		expect(world.at("StatefulSet", "spec", "replicas")).toBe(1);
		world.later(5);
		world.tell("prism-it-0", { namespaces: new Map() });
		expect(world.sync().finalized).toBe(true);
	});

	it("goes by force once its namespaces were told to let go of it", () => {
		const world = settled();
		hold(world, "a");
		world.delete();
		world.annotate({ "prism.io/force-delete": "true" });
		expect(world.sync().finalized).toBe(false);
		expect(roster(world)).toMatchObject({ accepting: false, draining: true, deleting: true });
		expect(world.sync().finalized).toBe(true);
	});

	it("goes at once when it never had pods, and makes nothing anew", () => {
		const world = new ShardWorld({ ...spec, plugins: [{ name: "redis" }] });
		world.delete();
		const answer = world.sync();
		expect(answer.finalized).toBe(true);
		expect(answer.children).toEqual([]);

		const foreground = settled();
		foreground.children = foreground.children.filter(({ kind }) => kind !== "Service" && kind !== "PrismRoster");
		foreground.delete();
		foreground.later(5);
		expect(foreground.sync().children.map(({ kind }) => kind)).not.toContain("Service");
	});

	it("does not believe a list that was read before", () => {
		const world = settled();
		hold(world);
		world.delete();
		world.sync();
		expect(world.sync().finalized).toBe(false);
		world.later(1);
		hold(world);
		expect(world.sync().finalized).toBe(true);
	});
});
