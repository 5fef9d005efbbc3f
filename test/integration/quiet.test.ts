import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually, pause } from "./installed.ts";
import { applyCase, type Line, METACONTROLLER, startLine } from "./line.ts";

// What is ill stays quiet: instances that can't be reached for good, pauses, objects on their way out.

const TIMEOUT = 240_000;

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe.each([1, 2])("quiet when instances are lost for good, with %i replicas", (replicas) => {
	let line: Line;
	let isCut = false;

	beforeAll(async () => {
		line = await startLine({ name: "local", metacontroller: METACONTROLLER, replicas, isUnreachable: () => isCut });
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	it("writes of namespaces that were served at most twice, and then nothing", { timeout: TIMEOUT }, async () => {
		const versions = new Map<string, Set<string>>();
		const look = async () => {
			const { items } = await line.cluster.store.list(await line.resource("PrismNamespace"), "many");
			for (const { metadata } of items) {
				const seen = versions.get(metadata.name) ?? new Set();
				versions.set(metadata.name, seen.add(metadata.resourceVersion ?? ""));
			}
			return items;
		};
		await applyCase(line, "c37-unreachable");
		await eventually(async () => {
			const ready = (await look()).map((each) => conditionOf(each, "Ready")?.status);
			expect([...new Set(ready)]).toEqual(["True"]);
		}, 90);
		await pause(15_000);
		versions.clear();
		await look();
		isCut = true;
		for (let second = 0; second < 60; second += 0.5) {
			await look();
			await pause(500);
		}
		const reasons = (await look()).map((each) => conditionOf(each, "Ready")?.reason);
		expect([...new Set(reasons)]).toEqual(["InstancesUnreachable"]);
		const writes = [...versions].map(([name, seen]) => ({ name, writes: seen.size - 1 }));
		expect(writes.filter((each) => each.writes > 2)).toEqual([]);
		const before = await line.writes();
		await pause(30_000);
		await look();
		expect([...versions].map(([name, seen]) => ({ name, writes: seen.size - 1 }))).toEqual(writes);
		expect(await line.writes()).toBe(before);
	});
});

describe("quiet when ill", () => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine({ name: "local", metacontroller: METACONTROLLER, isUnreachable: () => true });
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const tenants = async (): Promise<KubeObject[]> =>
		(await line.cluster.store.list(await line.resource("PrismNamespace"), "many")).items;
	const reasons = async () => [...new Set((await tenants()).map((each) => conditionOf(each, "Ready")?.reason))];
	const versions = async () => (await tenants()).map(({ metadata }) => metadata.resourceVersion);

	it("writes nothing about namespaces whose instances can't be reached for good", { timeout: TIMEOUT }, async () => {
		await applyCase(line, "c37-unreachable");
		await eventually(async () => expect(await reasons()).toEqual(["InstancesUnreachable"]), 90);
		await pause(15_000);
		const before = await versions();
		await pause(40_000);
		expect(await versions()).toEqual(before);
	});

	it("says that no proxy is ready, whatever the control plane answers", { timeout: TIMEOUT }, async () => {
		await applyCase(line, "stack0");
		await eventually(async () => {
			const { items } = await line.cluster.store.list(await line.resource("PrismNamespace"), "default");
			const [ready] = items.map((each) => conditionOf(each, "Ready"));
			expect(ready).toMatchObject({ reason: "InstancesNotReady", message: "No instance of shop-proxy is ready" });
		}, 60);
	});

	it("reads annotations in any spelling, and says what it can't read", { timeout: TIMEOUT }, async () => {
		await applyCase(line, "c38-annotations");
		const shard = () => line.get("PrismShard", "f1", "fd");
		const condition = async (type: string) => conditionOf(await shard(), type);
		const annotate = (annotations: Readonly<Record<string, string>>) =>
			line.annotate("PrismShard", "f1", annotations, "fd");
		await eventually(async () => expect((await condition("Ready"))?.reason).toBe("InstancesUnreachable"), 60);
		await annotate({ "prism.io/paused": "True" });
		await eventually(async () => expect((await condition("Paused"))?.status).toBe("True"));
		const before = (await line.get("StatefulSet", "prism-f1", "fd")).metadata.generation;
		await line.edit("PrismShard", "f1", (spec) => ({ ...spec, config: { level: "debug" } }), "fd");
		await pause(6000);
		expect((await line.get("StatefulSet", "prism-f1", "fd")).metadata.generation).toBe(before);
		expect(await condition("Stalled")).toBeUndefined();
		await annotate({ "prism.io/paused": "ture" });
		await eventually(async () => {
			expect(await condition("Paused")).toBeUndefined();
			expect((await condition("Warning"))?.message).toContain('Annotation prism.io/paused is "ture"');
		});
		await line.cluster.store.delete(await line.resource("PrismShard"), "fd", "f1");
		await annotate({ "prism.io/force-delete": "yep" });
		await eventually(async () =>
			expect((await condition("Warning"))?.message).toContain('Annotation prism.io/force-delete is "yep"'),
		);
		await annotate({ "prism.io/force-delete": "Yes" });
		await eventually(async () => await expect(shard()).rejects.toThrow("is not there"), 60);
	});
});
