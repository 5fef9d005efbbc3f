import { describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { recordsAt } from "../../kube/object.ts";
import { reason, ShardWorld, settled, spec } from "../hooks/prismshard-world.ts";

// A shard over time: while its instances are in doubt, and on its way out.

describe("a shard that is in doubt", () => {
	it("stays Ready for half a minute, and is looked at often", () => {
		const world = settled();
		expect(world.sync().resyncAfterSeconds).toBeLessThanOrEqual(37);
		world.answers.set("prism-it-1", { state: "unknown", failure: "DeadlineExceeded" });
		const seen: unknown[] = [];
		for (let second = 0; second <= 40; second += 10) {
			const { resyncAfterSeconds } = world.sync();
			expect(resyncAfterSeconds).toBeLessThanOrEqual(10);
			seen.push(reason(world));
			world.pass(10);
		}
		expect(seen).toEqual(["ShardReady", "ShardReady", "ShardReady", "InstancesUnreachable", "InstancesUnreachable"]);
		world.answers.delete("prism-it-1");
		world.sync();
		expect(reason(world)).toBe("ShardReady");
		expect(world.object["status"]).not.toHaveProperty("doubtfulSince");
	});

	it("is not in doubt because one list is older than another, however many namespaces come", () => {
		const world = settled();
		const names: string[] = [];
		for (let second = 0; second < 600; second += 9) {
			const before = { readAt: world.now, namespaces: new Map(names.map((name) => [name, ""])) };
			world.pass(9);
			names.push(`tenant-${second}`);
			const latest = { readAt: world.now, namespaces: new Map(names.map((name) => [name, ""])) };
			world.tell("prism-it-0", latest);
			world.tell("prism-it-1", before);
			world.tell("prism-it-2", latest);
			world.sync();
			expect(reason(world)).toBe("ShardReady");
			expect(world.object["status"]).not.toHaveProperty("doubtfulSince");
		}
	});

	it("holds a list against those that were read before it, or within the same second", () => {
		const world = settled();
		const told = (...names: string[]) => ({ namespaces: new Map(names.map((name) => [name, ""])) });
		world.tell("prism-it-0", told("a", "b"));
		world.pass(5);
		world.tell("prism-it-1", told("b", "c", "d"));
		world.tell("prism-it-2", told("a", "c"));
		world.edit({ weight: 7 });
		world.sync();
		world.sync();
		expect(conditionOf(world.object, "Ready")).toMatchObject({
			reason: "NamespacesDiffer",
			message: "Namespaces differ: prism-it-1 lacks 1 of 4, prism-it-2 lacks 2 of 4",
		});
	});

	it("names the instances that Ready is False for, 16 of them at most, each with its cause", () => {
		const world = settled({ replicas: 20 });
		const named = () => recordsAt(world.object, "status", "doubtfulInstances");
		for (let ordinal = 0; ordinal < 20; ordinal += 1)
			world.answers.set(`prism-it-${ordinal}`, { state: "unknown", failure: "Unauthenticated" });
		world.sync();
		expect(named()).toEqual([]);
		world.pass(31);
		world.sync();
		expect(reason(world)).toBe("InstancesUnreachable");
		expect(named()).toHaveLength(16);
		expect(named()[3]).toEqual({ name: "prism-it-3", cause: "Unauthenticated" });
		world.answers.clear();
		world.sync();
		expect(world.object["status"]).not.toHaveProperty("doubtfulInstances");
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
		world.pass(5);
		const seen: string[] = [];
		for (const names of [["a", "b"], ["a", "b"], ["a"], []]) {
			hold(world, ...names);
			const { finalized, resyncAfterSeconds } = world.sync();
			expect(resyncAfterSeconds).toBeLessThanOrEqual(7);
			seen.push(`${reason(world)} ${finalized}`);
			world.pass(5);
		}
		expect(roster(world)).toMatchObject({ accepting: false, draining: true, deleting: false });
		expect(world.child("StatefulSet")).toBeDefined();
		expect(seen).toEqual(["Terminating false", "NamespacesRemain false", "NamespacesRemain false", "Terminating true"]);
	});

	it("is not held up by a pause, nor by a spec that can't be carried out", () => {
		const paused = settled();
		paused.annotate({ "prism.io/paused": "true" });
		paused.delete();
		paused.pass(5);
		paused.sync();
		expect(roster(paused)).toMatchObject({ draining: true });
		expect(paused.sync().finalized).toBe(true);

		const refused = settled();
		refused.edit({ replicas: "many" });
		refused.delete();
		refused.pass(5);
		refused.sync();
		expect(roster(refused)).toMatchObject({ accepting: false, draining: true });
		expect(refused.sync().finalized).toBe(true);
	});

	it("without pods waits until it is scaled up, and goes once its pod holds nothing", () => {
		const world = settled();
		const scale = (replicas: number) => world.edit({ replicas });
		scale(0);
		world.sync();
		world.delete();
		world.pass(5);
		world.sync();
		expect([world.sync().finalized, reason(world)]).toEqual([false, "NamespacesUnknown"]);
		scale(1);
		world.tell("prism-it-0", { namespaces: new Map([["a", ""]]) });
		world.sync();
		expect([world.sync().finalized, reason(world)]).toEqual([false, "NamespacesRemain"]);
		expect(world.at("StatefulSet", "spec", "replicas")).toBe(1);
		world.pass(5);
		world.tell("prism-it-0", { namespaces: new Map() });
		expect(world.sync().finalized).toBe(true);
	});

	it("without pods asks those that it gets by its autoscaler's bounds", () => {
		const world = settled({ autoscaling: { minReplicas: 2, maxReplicas: 4, targetRPS: 100 } });
		world.change("StatefulSet", (set) => ({ ...set, spec: { ...(set["spec"] as object), replicas: 0 } }));
		world.delete();
		world.pass(5);
		world.sync();
		expect(world.at("StatefulSet", "spec", "replicas")).toBe(2);
		world.tell("prism-it-0", { namespaces: new Map([["a", ""]]) });
		expect([world.sync().finalized, reason(world)]).toEqual([false, "NamespacesRemain"]);
		world.pass(5);
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
		foreground.object = {
			...foreground.object,
			metadata: { ...foreground.object.metadata, finalizers: ["foregroundDeletion"] },
		};
		foreground.pass(5);
		expect(foreground.sync().children.map(({ kind }) => kind)).not.toContain("Service");
	});

	it("gets back what its pods are asked by while it waits for them", () => {
		const world = settled();
		hold(world, "a");
		world.delete();
		const needed = world.children.filter(({ kind }) => kind === "Service" || kind === "ConfigMap");
		world.children = world.children.filter((child) => !needed.includes(child));
		const kept = world.sync().children.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
		expect(needed.length).toBeGreaterThan(0);
		expect(kept).toEqual(expect.arrayContaining(needed.map(({ kind, metadata }) => `${kind} ${metadata.name}`)));
	});

	it("does not believe a list that was read before", () => {
		const world = settled();
		hold(world);
		world.delete();
		world.sync();
		expect(world.sync().finalized).toBe(false);
		world.pass(1);
		hold(world);
		expect(world.sync().finalized).toBe(true);
	});
});
