import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EmulatedProxy } from "../../devcluster/proxy/service.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { recordsAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually, pause } from "./installed.ts";
import { LINES, type Line, startLine } from "./line.ts";

// How soon it is told what becomes of single instances, where nothing else wakes anybody: Metacontroller's own resync is as
// seldom as in production. Nearly all of it is waiting, so that both lines, and all tests of each, run side by side: every test has
// objects of its own.

const object = (kind: string, name: string, spec: Record<string, unknown>): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind,
	metadata: { name, namespace: "default" },
	spec,
});

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe.concurrent.each(LINES)("instances: $line", (options) => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine({ ...options, resyncSeconds: 300 });
		for (const each of [
			object("PrismStack", "shop", { proxy: { replicas: 2 }, admin: { enabled: false } }),
			object("PrismShard", "live", { backends: ["redis"], replicas: 2 }),
			object("PrismShard", "fresh", { backends: ["nats"], replicas: 2 }),
			object("PrismNamespace", "on-stack", { proxyRef: { name: "shop-proxy" } }),
			object("PrismNamespace", "on-shard", { backend: "redis" }),
			object("PrismNamespace", "on-fresh", { backend: "nats" }),
		])
			await line.apply(each);
		for (const name of ["on-stack", "on-shard", "on-fresh"]) await line.untilReady("PrismNamespace", name);
		for (const name of ["live", "fresh"]) await line.untilReady("PrismShard", name);
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const proxy = (pod: string): EmulatedProxy | undefined => line.cluster.proxies?.proxy(`default/${pod}`);
	const ready = async (kind: string, name: string) => conditionOf(await line.get(kind, name), "Ready");

	it("says nothing of a fresh volume that it read before, however fast the pod is back", {
		timeout: 120_000,
	}, async () => {
		for (let turn = 0; turn < 3; turn += 1) {
			// Somebody has just read that it is there.
			await line.untilReady("PrismNamespace", "on-fresh");
			await line.edit("PrismNamespace", "on-fresh", (spec) => ({ ...spec, quotas: { maxKeys: 10 + turn } }));
			await line.untilReady("PrismNamespace", "on-fresh");
			const pod = await line.get("Pod", "prism-fresh-0");
			await line.cluster.proxies?.restart("default/prism-fresh-0", { freshVolume: true });
			await line.cluster.store.delete(await line.resource("Pod"), "default", "prism-fresh-0");
			await eventually(async () => {
				const roster = await line.get("PrismRoster", "prism-fresh");
				const [listed] = recordsAt(roster["spec"], "instances");
				expect(listed).toMatchObject({ ready: true });
				expect(listed?.["uid"]).not.toBe(pod.metadata.uid);
				expect(proxy("prism-fresh-0")?.store.list()).toHaveLength(1);
			}, 10);
		}
	});

	it("reports within 90 s that instances don't answer, and soon that they do again", { timeout: 240_000 }, async () => {
		const roster = await line.get("PrismRoster", "shop-proxy");
		const [first] = recordsAt(roster["spec"], "instances");
		const silent = [proxy("prism-live-1"), proxy(String(first?.["name"]))];
		for (const each of silent) each?.faults.set("*", { kind: "hanging" });
		const began = Date.now();
		const all = [
			["PrismShard", "live", "InstancesUnreachable"],
			["PrismNamespace", "on-shard", "PartiallyProvisioned"],
			["PrismNamespace", "on-stack", "PartiallyProvisioned"],
		] as const;
		await eventually(async () => {
			for (const [kind, name, reason] of all)
				expect(await ready(kind, name), name).toMatchObject({ status: "False", reason });
		}, 90);
		expect(Date.now() - began).toBeLessThan(90_000);
		// At rest, nothing moves but the tries.
		await pause(8000);
		const rosters = async () =>
			Promise.all(
				["prism-live", "shop-proxy"].map(
					async (name) => (await line.get("PrismRoster", name)).metadata.resourceVersion,
				),
			);
		const before = await rosters();
		await pause(15_000);
		expect(await rosters()).toEqual(before);
		for (const each of silent) each?.faults.clear();
		for (const [kind, name] of all) await line.untilReady(kind, name);
	});

	it("deletes a namespace at once whose shard was forced away", { timeout: 120_000 }, async () => {
		await line.apply(object("PrismShard", "lone", { backends: ["sqlite"], replicas: 1 }));
		await line.apply(object("PrismNamespace", "on-lone", { backend: "sqlite" }));
		await line.untilReady("PrismNamespace", "on-lone");
		await line.annotate("PrismShard", "lone", { "prism.io/force-delete": "true" });
		await line.cluster.store.delete(await line.resource("PrismShard"), "default", "lone");
		await eventually(async () => {
			await expect(line.get("PrismRoster", "prism-lone")).rejects.toThrow();
			await expect(line.get("Pod", "prism-lone-0")).rejects.toThrow();
		}, 60);
		await line.cluster.store.delete(await line.resource("PrismNamespace"), "default", "on-lone");
		await eventually(() => expect(line.get("PrismNamespace", "on-lone")).rejects.toThrow(), 15);
	});
});
