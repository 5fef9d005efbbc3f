import { beforeEach, describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { secondsAfter } from "../../kube/time.ts";
import { ShardWorld } from "../hooks/prismshard-world.ts";
import { NOW } from "../hooks/situations.ts";
import { LAST_APPLIED } from "../world/stored.ts";

// The roster changes only when an assignment could change: each write of it wakes all namespaces of the shard.

const PODS = [0, 1, 2, 3, 4].map((ordinal) => `prism-it-${ordinal}`);
const NAMESPACES = new Map(Array.from({ length: 50 }, (_, index) => [`tenant-${index}`, "digest"]));

let world: ShardWorld;
beforeEach(() => {
	world = new ShardWorld({ backends: ["redis"], replicas: 5, capacity: { maxNamespaces: 100 } });
	for (const pod of PODS) world.tell(pod, { namespaces: NAMESPACES });
	world.settle();
	world.writes.clear();
});

const rosterWrites = () => world.writes.get("PrismRoster") ?? 0;
const instances = () =>
	world.at("PrismRoster", "spec", "instances") as {
		name: string;
		ready: boolean;
		storeId: string;
		uid?: string;
		readySince?: string;
		silentSince?: string;
	}[];
const ready = () => conditionOf(world.object, "Ready");

describe("a roster", () => {
	it("lists the pods by number, with readiness and store", () => {
		expect(instances()).toEqual(
			PODS.map((name) => ({ name, ready: true, storeId: `store-of-${name}`, readySince: NOW })),
		);
		expect(ready()).toMatchObject({ status: "True", reason: "ShardReady" });
	});

	it("is not written in an hour of metrics and status updates", () => {
		for (let second = 0; second < 3600; second += 15) {
			for (const [index, pod] of PODS.entries()) {
				const requestsPerSecond = 1000 * (2 + Math.sin(second / 100 + index));
				world.tell(pod, { metrics: { requestsPerSecond, p99LatencyMs: 5 + 4 * Math.cos(second / 70) } });
			}
			// Now and then one of them says nothing, or not what is wanted of it.
			if (second % 300 === 45) world.answers.set("prism-it-3", { state: "unknown", failure: "DeadlineExceeded" });
			if (second % 600 === 75) world.answers.set("prism-it-1", { state: "unverifiable" });
			world.change("StatefulSet", (set) => ({
				...set,
				metadata: { ...set.metadata, resourceVersion: String(second) },
				status: { ...(set["status"] as object), collisionCount: second },
			}));
			world.sync();
			// One that answers again has the store and the namespaces that it had.
			for (const pod of PODS) world.tell(pod, { storeId: `store-of-${pod}`, namespaces: NAMESPACES });
			world.pass(15);
		}
		expect(rosterWrites()).toBe(0);
		expect([...world.writes.keys()]).toEqual(["status"]);
	});

	it("leaves the shard's own status alone for a minute after its figures changed", () => {
		const changes: number[] = [];
		let last = "";
		for (let second = 0; second < 3600; second += 5) {
			for (const [index, pod] of PODS.entries())
				world.tell(pod, { metrics: { requestsPerSecond: 10 * second + index, p99LatencyMs: second + 1 } });
			const { status } = world.sync();
			const text = JSON.stringify([status["aggregateMetrics"], status["namespaces"]]);
			if (text !== last) changes.push(second);
			last = text;
			world.pass(5);
		}
		const gaps = changes.slice(1).map((second, index) => second - (changes[index] ?? 0));
		expect(changes.length).toBeGreaterThan(40);
		expect(Math.min(...gaps)).toBeGreaterThanOrEqual(60);
		expect(world.writes.get("status")).toBeLessThanOrEqual(61);
		expect(rosterWrites()).toBe(0);
	});

	it("is written once when a pod becomes unready, and once when it is back", () => {
		world.unready.add("prism-it-2");
		for (let round = 0; round < 5; round += 1) world.sync();
		expect(rosterWrites()).toBe(1);
		expect(instances()[2]).toMatchObject({ ready: false, storeId: "store-of-prism-it-2" });
		world.unready.delete("prism-it-2");
		for (let round = 0; round < 5; round += 1) world.sync();
		expect(rosterWrites()).toBe(2);
		expect(instances()[2]).toMatchObject({ ready: true, storeId: "store-of-prism-it-2" });
	});

	it("is written once for a fresh volume, and the shard is not Ready until that is filled", () => {
		world.unready.add("prism-it-2");
		world.sync();
		world.writes.clear();
		world.unready.delete("prism-it-2");
		world.tell("prism-it-2", { storeId: "fresh", namespaces: new Map() });
		for (let round = 0; round < 5; round += 1) world.sync();
		expect(rosterWrites()).toBe(1);
		expect(instances()[2]).toMatchObject({ ready: true, storeId: "fresh" });
		expect(ready()).toMatchObject({ status: "False", reason: "NamespacesDiffer" });
		world.tell("prism-it-2", { namespaces: NAMESPACES });
		world.sync();
		expect(ready()).toMatchObject({ status: "True", reason: "ShardReady" });
		expect(rosterWrites()).toBe(1);
	});

	it("is written once for a fresh volume under a pod that stayed ready", () => {
		world.tell("prism-it-4", { storeId: "fresh", namespaces: new Map() });
		for (let round = 0; round < 5; round += 1) world.sync();
		expect(rosterWrites()).toBe(1);
	});

	describe("reports when an instance last became ready", () => {
		const readySince = () => instances()[2]?.readySince;
		const bounce = () => {
			world.unready.add("prism-it-2");
			world.sync();
			world.unready.delete("prism-it-2");
			world.sync();
		};

		it("which moves when it was not ready, also twice within a second", () => {
			world.pass(60);
			bounce();
			expect(readySince()).toBe(secondsAfter(NOW, 60));
			bounce();
			expect(readySince()).toBe(secondsAfter(NOW, 61));
			world.pass(60);
			world.writes.clear();
			world.sync();
			expect(rosterWrites()).toBe(0);
			expect(instances().map((each) => each.readySince)).toEqual([NOW, NOW, secondsAfter(NOW, 61), NOW, NOW]);
		});

		it("which moves when another pod has its name, though nobody saw the first go", () => {
			world.uids.set("prism-it-2", "uid-1");
			world.sync();
			expect(readySince()).toBe(NOW);
			world.pass(60);
			world.uids.set("prism-it-2", "uid-2");
			world.writes.clear();
			for (let round = 0; round < 3; round += 1) world.sync();
			expect(rosterWrites()).toBe(1);
			expect(instances()[2]).toMatchObject({ uid: "uid-2", readySince: secondsAfter(NOW, 60) });
		});

		it("and asks it for nothing that was read before", () => {
			world.pass(60);
			world.unready.add("prism-it-2");
			world.sync();
			world.unready.delete("prism-it-2");
			expect(world.asked().map(({ changedAt }) => changedAt)).toEqual([NOW, NOW, secondsAfter(NOW, 60), NOW, NOW]);
		});

		it("and leaves alone a roster that an older operator wrote, until something happens", () => {
			world.change("PrismRoster", ({ metadata, ...roster }) => {
				const spec = {
					...(roster["spec"] as object),
					instances: instances().map(({ readySince: _readySince, ...instance }) => instance),
				};
				const annotations = { ...metadata.annotations, [LAST_APPLIED]: JSON.stringify({ spec }) };
				return { ...roster, metadata: { ...metadata, annotations }, spec };
			});
			world.pass(60);
			world.sync();
			expect(instances().map((each) => each.readySince)).toEqual(PODS.map(() => undefined));
			bounce();
			expect(readySince()).toBe(secondsAfter(NOW, 60));
		});
	});

	it("reports an instance that has not answered for half a minute, once, and that it answers again", () => {
		const silent = () => instances().map((each) => each.silentSince);
		world.answers.set("prism-it-3", { state: "unknown", failure: "Unreachable" });
		const seen: unknown[] = [];
		for (let second = 0; second <= 80; second += 10) {
			world.sync();
			seen.push(silent()[3]);
			world.pass(10);
		}
		const told = secondsAfter(NOW, 30);
		expect(seen).toEqual([undefined, undefined, undefined, told, told, told, told, told, told]);
		expect(rosterWrites()).toBe(1);
		expect(ready()).toMatchObject({ status: "False", reason: "InstancesUnreachable" });
		world.tell("prism-it-3", { namespaces: NAMESPACES });
		for (let round = 0; round < 3; round += 1) world.sync();
		expect(silent()).toEqual(PODS.map(() => undefined));
		expect(rosterWrites()).toBe(2);
		expect(ready()).toMatchObject({ status: "True" });
	});

	it("reports it also while something else is the matter with the shard", () => {
		world.unready.add("prism-it-1");
		world.answers.set("prism-it-3", { state: "unknown", failure: "Unreachable" });
		for (let round = 0; round < 5; round += 1) {
			world.sync();
			world.pass(10);
		}
		expect(instances()[3]?.silentSince).toBe(secondsAfter(NOW, 30));
		expect(instances()[1]?.silentSince).toBeUndefined();
	});

	it("keeps the store of an instance that does not answer, or no longer tells", () => {
		world.answers.set("prism-it-0", { state: "unknown", failure: "Unreachable" });
		world.tell("prism-it-1", {});
		const { storeId: _storeId, ...silent } = world.answers.get("prism-it-1") as { state: "known"; storeId: string };
		world.answers.set("prism-it-1", silent as never);
		world.answers.set("prism-it-2", { state: "unverifiable" });
		world.settle();
		expect(rosterWrites()).toBe(0);
		expect(instances().map(({ storeId }) => storeId)).toEqual(PODS.map((pod) => `store-of-${pod}`));
	});

	it("follows the count of the StatefulSet, not that of spec", () => {
		world.edit({ replicas: 7 });
		world.sync();
		expect(instances().length).toBe(5);
		world.sync();
		expect(instances().length).toBe(7);
		world.edit({ replicas: 2 });
		world.sync();
		world.sync();
		expect(instances().map(({ name }) => name)).toEqual(["prism-it-0", "prism-it-1"]);
	});

	it("lists nobody before there is a StatefulSet", () => {
		const fresh = new ShardWorld({ backends: ["redis"], replicas: 3 });
		fresh.sync();
		expect(fresh.at("PrismRoster", "spec", "instances")).toEqual([]);
	});

	it("closes at the capacity, and opens again only well below it", () => {
		const hold = (count: number) => {
			const namespaces = new Map(Array.from({ length: count }, (_, index) => [`n-${index}`, ""]));
			for (const pod of PODS) world.tell(pod, { namespaces });
			world.sync();
			return world.at("PrismRoster", "spec", "accepting");
		};
		const seen = [99, 100, 99, 96, 95, 94, 99].map((count) => [count, hold(count)]);
		expect(seen).toEqual([
			[99, true],
			[100, false],
			[99, false],
			[96, false],
			[95, false],
			[94, true],
			[99, true],
		]);
		expect(rosterWrites()).toBe(2);
	});

	it("stays closed while nobody tells how much is held", () => {
		const namespaces = new Map(Array.from({ length: 100 }, (_, index) => [`n-${index}`, ""]));
		for (const pod of PODS) world.tell(pod, { namespaces });
		world.sync();
		for (const pod of PODS) world.answers.set(pod, { state: "unknown", failure: "Unreachable" });
		world.sync();
		expect(world.at("PrismRoster", "spec", "accepting")).toBe(false);
	});

	it.each([
		[{ accepting: false }, { accepting: false, draining: false }],
		[{ draining: true }, { accepting: false, draining: true }],
		[{ weight: 7 }, { accepting: true, weight: 7 }],
	])("says what spec says: %j", (changes, said) => {
		world.edit(changes);
		world.sync();
		expect(world.at("PrismRoster", "spec")).toMatchObject({ ...said, deleting: false });
	});

	describe.each([
		["is paused", () => world.annotate({ "prism.io/paused": "true" })],
		["is refused", () => world.edit({ replicas: "many" })],
	])("of a shard that %s", (_, freeze) => {
		const frozen = () => {
			const { instances: _instances, ...intent } = world.at("PrismRoster", "spec") as Record<string, unknown>;
			return [intent, world.at("PrismRoster", "metadata", "annotations", "prism.io/desired-hash")];
		};

		it("goes on telling readiness and stores, and nothing else", () => {
			const before = frozen();
			world.edit({ weight: 7, draining: true, backends: ["postgres"] });
			freeze();
			world.unready.add("prism-it-2");
			world.tell("prism-it-4", { storeId: "fresh" });
			for (let round = 0; round < 5; round += 1) world.sync();
			expect(instances()[2]).toMatchObject({ ready: false, storeId: "store-of-prism-it-2" });
			expect(instances()[4]).toMatchObject({ ready: true, storeId: "fresh" });
			expect(frozen()).toEqual(before);
			expect(rosterWrites()).toBe(1);
			expect([...world.writes.keys()].toSorted()).toEqual(["PrismRoster", "status"]);
		});

		it("is not made anew", () => {
			freeze();
			world.children = world.children.filter(({ kind }) => kind !== "PrismRoster");
			expect(world.sync().children.map(({ kind }) => kind)).not.toContain("PrismRoster");
		});
	});

	it("has labels to be selected by, and is small", () => {
		world.edit({ product: "cart", feature: "checkout", slaTier: "p99_10ms", backends: ["redis", "postgres"] });
		world.sync();
		expect(world.at("PrismRoster", "metadata", "labels")).toMatchObject({
			"prism.io/product": "cart",
			"prism.io/feature": "checkout",
			"prism.io/sla-tier": "p99_10ms",
			"serves.prism.io/redis": "true",
			"serves.prism.io/postgres": "true",
		});
		expect(JSON.stringify(world.at("PrismRoster", "spec")).length).toBeLessThan(1024);
	});
});
