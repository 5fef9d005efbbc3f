import { afterEach, beforeEach, expect, test } from "vitest";
import { RETRY_MS } from "../../../../devcluster/controllers/workloads/replicasets.ts";
import type { KubeObject } from "../../../../schemas/common.ts";
import { podTemplate, type Simulation, simulate } from "../../workload-objects.ts";

let cluster: Simulation;
beforeEach(async () => {
	cluster = await simulate();
});
afterEach(() => cluster.stop());

const set = (spec: Record<string, unknown> = {}): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "ReplicaSet",
	metadata: { name: "demo", namespace: "default" },
	spec: { replicas: 3, selector: { matchLabels: { app: "demo" } }, template: podTemplate(), ...spec },
});
const status = async () => (await cluster.get("ReplicaSet", "demo"))["status"];
const names = async () => (await cluster.list("Pod")).map(({ metadata }) => metadata.name);

test("it has as many pods as replicas, and counts them", async () => {
	await cluster.create(set());
	expect(await names()).toHaveLength(3);
	expect(await status()).toMatchObject({ replicas: 3 });
	await cluster.clock.advance(1000);
	expect(await status()).toEqual({
		observedGeneration: 1,
		replicas: 3,
		fullyLabeledReplicas: 3,
		readyReplicas: 3,
		availableReplicas: 3,
	});
	await cluster.change(set(), { replicas: 0 });
	await cluster.clock.advance(2000);
	expect(await status()).toEqual({ observedGeneration: 2, replicas: 0 });
	expect(await names()).toEqual([]);
});

test("a pod that is deleted is replaced", async () => {
	await cluster.create(set());
	const [gone = ""] = await names();
	await cluster.remove(await cluster.get("Pod", gone));
	await cluster.clock.advance(2000);
	const left = await names();
	expect(left).toHaveLength(3);
	expect(left).not.toContain(gone);
});

test("of several, a pod that is not ready goes first", async () => {
	await cluster.create(set({ replicas: 2 }));
	await cluster.clock.advance(1000);
	const ready = await names();
	await cluster.create({ ...set(), metadata: { ...set().metadata, name: "other" } });
	await cluster.change(set(), { replicas: 3, template: podTemplate("app:broken") });
	await cluster.clock.advance(1000);
	await cluster.change(set(), { replicas: 2 });
	await cluster.clock.advance(2000);
	expect(await names()).toEqual(expect.arrayContaining(ready));
});

test("pods are available minReadySeconds after they are ready", async () => {
	await cluster.create(set({ replicas: 1, minReadySeconds: 10 }));
	await cluster.clock.advance(9000);
	expect(await status()).not.toHaveProperty("availableReplicas");
	await cluster.clock.advance(2500);
	expect(await status()).toMatchObject({ readyReplicas: 1, availableReplicas: 1 });
});

test("pods that a quota refuses are reported, and tried again", async () => {
	const quota: KubeObject = {
		apiVersion: "v1",
		kind: "ResourceQuota",
		metadata: { name: "q", namespace: "default" },
		spec: { hard: { pods: "1" } },
	};
	await cluster.create(quota);
	await cluster.create(set({ replicas: 2 }));
	expect(await status()).toMatchObject({ conditions: [{ type: "ReplicaFailure", reason: "FailedCreate" }] });
	await cluster.change(quota, { hard: { pods: "5" } });
	await cluster.clock.advance(RETRY_MS + 1000);
	expect(await names()).toHaveLength(2);
	expect(await status()).not.toHaveProperty("conditions");
});
