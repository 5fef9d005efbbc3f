import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isPod, isReady } from "../../../../devcluster/controllers/workloads/shapes.ts";
import { stringAt } from "../../../../devcluster/json.ts";
import { claimTemplate, podTemplate, type Simulation, simulate, statefulSet } from "../../workload-objects.ts";

let cluster: Simulation;
beforeEach(async () => {
	cluster = await simulate();
});
afterEach(() => cluster.stop());

const names = async () => (await cluster.list("Pod")).map(({ metadata }) => metadata.name).toSorted();
const status = async () => (await cluster.get("StatefulSet", "demo"))["status"];
const revisions = async () => {
	const observed = await status();
	return { current: stringAt(observed, "currentRevision"), update: stringAt(observed, "updateRevision") };
};

describe("a StatefulSet", () => {
	test("in order: each pod waits for the one before it", async () => {
		await cluster.create(statefulSet());
		expect(await names()).toEqual(["demo-0"]);
		await cluster.clock.advance(300);
		expect(await names()).toEqual(["demo-0", "demo-1"]);
		await cluster.clock.advance(300);
		expect(await names()).toEqual(["demo-0", "demo-1", "demo-2"]);
		await cluster.clock.advance(300);
		expect(await status()).toMatchObject({ replicas: 3, readyReplicas: 3, availableReplicas: 3, updatedReplicas: 3 });
	});

	test("in parallel: all pods at once", async () => {
		await cluster.create(statefulSet({ podManagementPolicy: "Parallel" }));
		expect(await names()).toEqual(["demo-0", "demo-1", "demo-2"]);
		await cluster.clock.advance(300);
		const { update } = await revisions();
		expect(await status()).toEqual({
			observedGeneration: 1,
			replicas: 3,
			readyReplicas: 3,
			currentReplicas: 3,
			updatedReplicas: 3,
			availableReplicas: 3,
			collisionCount: 0,
			currentRevision: update,
			updateRevision: update,
		});
	});

	test("in order: a pod that never gets ready holds up the rest; in parallel it does not", async () => {
		const template = podTemplate("app:1", { "local.prism.io/fail": "unready" });
		await cluster.create(statefulSet({ template }));
		await cluster.clock.advance(10_000);
		expect(await names()).toEqual(["demo-0"]);
		await cluster.remove(statefulSet());
		const parallel = statefulSet({ template, podManagementPolicy: "Parallel" });
		await cluster.create({ ...parallel, metadata: { ...parallel.metadata, name: "other" } });
		expect(await names()).toEqual(["demo-0", "other-0", "other-1", "other-2"]);
	});

	test("its pods have names of their own", async () => {
		await cluster.create(statefulSet({ replicas: 1 }));
		const { update: revision } = await revisions();
		expect(await cluster.get("Pod", "demo-0")).toMatchObject({
			metadata: {
				labels: {
					app: "demo",
					"statefulset.kubernetes.io/pod-name": "demo-0",
					"apps.kubernetes.io/pod-index": "0",
					"controller-revision-hash": revision,
				},
				ownerReferences: [{ kind: "StatefulSet", name: "demo", controller: true }],
			},
			spec: { hostname: "demo-0", subdomain: "demo", nodeName: "local" },
		});
	});

	test("updates from the highest number down, one at a time", async () => {
		await cluster.create(statefulSet({ podManagementPolicy: "Parallel" }));
		await cluster.clock.advance(1000);
		const before = await revisions();
		const updated: string[] = [];
		let least = 3;
		const pods = await cluster.informers.get(await cluster.store.resourceOf("v1", "Pod"));
		const stop = pods.subscribe(({ type, object }) => {
			if (type === "ADDED" && isPod(object) && object.spec.containers[0]?.image === "app:2")
				updated.push(object.metadata.name);
			if (type !== "ADDED") least = Math.min(least, pods.list().filter(isPod).filter(isReady).length);
		});
		await cluster.change(statefulSet(), { template: podTemplate("app:2") });
		expect((await revisions()).current).toBe(before.current);
		expect((await revisions()).update).not.toBe(before.update);
		await cluster.clock.advance(5000);
		stop();
		expect(updated).toEqual(["demo-2", "demo-1", "demo-0"]);
		expect(least).toBe(2);
		const after = await revisions();
		expect(after.current).toBe(after.update);
	});

	test("keeps its pods above a partition, and all of them on delete only", async () => {
		await cluster.create(statefulSet({ podManagementPolicy: "Parallel" }));
		await cluster.clock.advance(1000);
		const rollingUpdate = { type: "RollingUpdate", rollingUpdate: { partition: 2 } };
		await cluster.change(statefulSet(), { template: podTemplate("app:2"), updateStrategy: rollingUpdate });
		await cluster.clock.advance(5000);
		expect(await status()).toMatchObject({ updatedReplicas: 1, currentReplicas: 2, readyReplicas: 3 });
		await cluster.change(statefulSet(), { template: podTemplate("app:3"), updateStrategy: { type: "OnDelete" } });
		await cluster.clock.advance(5000);
		expect(await status()).toMatchObject({ readyReplicas: 3 });
		expect(await status()).not.toHaveProperty("updatedReplicas");
	});

	test("writes nothing once it is settled", async () => {
		await cluster.create(statefulSet({ volumeClaimTemplates: [claimTemplate] }));
		await cluster.clock.advance(5000);
		const settled = await cluster.version();
		await cluster.clock.advance(3_600_000);
		expect(await cluster.version()).toBe(settled);
		expect(cluster.log).toEqual([]);
	});
});
