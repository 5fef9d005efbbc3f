import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isActive, isPod, isReady } from "../../../../devcluster/controllers/workloads/shapes.ts";
import type { KubeObject } from "../../../../schemas/common.ts";
import { conditions, deployment, podTemplate, type Simulation, simulate } from "../../workload-objects.ts";

let cluster: Simulation;
beforeEach(async () => {
	cluster = await simulate();
});
afterEach(() => cluster.stop());

const status = async () => (await cluster.get("Deployment", "demo"))["status"];
const readyPods = async () => (await cluster.list("Pod")).filter(isPod).filter(isReady);
const images = async () => (await cluster.list("Pod")).filter(isPod).map(({ spec }) => spec.containers[0]?.image);

describe("a Deployment", () => {
	test("gets pods that are ready after a while", async () => {
		await cluster.create(deployment({ replicas: 2 }));
		expect(await status()).toMatchObject({
			observedGeneration: 1,
			replicas: 2,
			updatedReplicas: 2,
			unavailableReplicas: 2,
			conditions: conditions(["Available", "False", "MinimumReplicasUnavailable"]),
		});
		await cluster.clock.advance(299);
		expect(await readyPods()).toHaveLength(0);
		await cluster.clock.advance(1);
		const [set] = await cluster.list("ReplicaSet");
		const now = "2026-01-01T00:00:00Z";
		expect(await status()).toEqual({
			observedGeneration: 1,
			replicas: 2,
			updatedReplicas: 2,
			readyReplicas: 2,
			availableReplicas: 2,
			conditions: [
				{
					type: "Available",
					status: "True",
					reason: "MinimumReplicasAvailable",
					message: "Deployment has minimum availability.",
					lastTransitionTime: now,
					lastUpdateTime: now,
				},
				{
					type: "Progressing",
					status: "True",
					reason: "NewReplicaSetAvailable",
					message: `ReplicaSet "${set?.metadata.name}" has successfully progressed.`,
					lastTransitionTime: now,
					lastUpdateTime: now,
				},
			],
		});
	});

	test("makes a ReplicaSet and pods as the real controller does", async () => {
		await cluster.create(deployment());
		const [set] = await cluster.list("ReplicaSet");
		const hash = set?.metadata.labels?.["pod-template-hash"];
		expect(set).toMatchObject({
			metadata: {
				name: `demo-${hash}`,
				labels: { app: "demo" },
				annotations: { "deployment.kubernetes.io/revision": "1" },
				ownerReferences: [{ kind: "Deployment", name: "demo", controller: true, blockOwnerDeletion: true }],
			},
			spec: { selector: { matchLabels: { app: "demo", "pod-template-hash": hash } } },
		});
		const [pod] = await cluster.list("Pod");
		expect(pod?.metadata.name).toMatch(new RegExp(`^demo-${hash}-.{5}$`));
		expect(pod).toMatchObject({
			metadata: { labels: { app: "demo", "pod-template-hash": hash }, ownerReferences: [{ kind: "ReplicaSet" }] },
			spec: { nodeName: "local" },
			status: { phase: "Pending", podIP: "10.244.0.1" },
		});
		expect((await cluster.get("Deployment", "demo")).metadata.annotations).toEqual({
			"deployment.kubernetes.io/revision": "1",
		});
	});

	test("scales up and down", async () => {
		await cluster.create(deployment({ replicas: 1 }));
		await cluster.clock.advance(1000);
		await cluster.change(deployment(), { replicas: 4 });
		expect(await cluster.list("Pod")).toHaveLength(4);
		await cluster.clock.advance(1000);
		expect(await status()).toMatchObject({ replicas: 4, availableReplicas: 4, observedGeneration: 2 });
		await cluster.change(deployment(), { replicas: 0 });
		await cluster.clock.advance(1000);
		expect(await cluster.list("Pod")).toHaveLength(0);
		expect(await status()).toMatchObject({ observedGeneration: 3 });
		expect(await cluster.list("ReplicaSet")).toHaveLength(1);
	});

	test.for([
		{ replicas: 1, maxSurge: 1, maxUnavailable: 0, least: 1, most: 2 },
		{ replicas: 3, maxSurge: 1, maxUnavailable: 0, least: 3, most: 4 },
		{ replicas: 3, maxSurge: 0, maxUnavailable: 1, least: 2, most: 3 },
		{ replicas: 4, maxSurge: "25%", maxUnavailable: "25%", least: 3, most: 5 },
		{ replicas: 3, maxSurge: 0, maxUnavailable: 0, least: 2, most: 3 },
	])("rolls from one template to the next within its limits: %j", async (row) => {
		const { replicas, maxSurge, maxUnavailable, least, most } = row;
		const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } };
		await cluster.create(deployment({ replicas, strategy }));
		await cluster.clock.advance(1000);
		const seen: { ready: number; all: number }[] = [];
		const pods = await cluster.informers.get(await cluster.store.resourceOf("v1", "Pod"));
		const stop = pods.subscribe(() => {
			// Pods that are ending count for nothing, as with the real controllers.
			const all = pods.list().filter(isPod).filter(isActive);
			seen.push({ ready: all.filter(isReady).length, all: all.length });
		});
		seen.length = 0;
		await cluster.change(deployment(), { template: podTemplate("app:2") });
		await cluster.clock.advance(5000);
		stop();
		expect(Math.min(...seen.map(({ ready }) => ready))).toBe(least);
		expect(Math.max(...seen.map(({ all }) => all))).toBe(most);
		expect(await images()).toEqual(Array.from({ length: replicas }, () => "app:2"));
		expect(await status()).toMatchObject({ replicas, updatedReplicas: replicas, availableReplicas: replicas });
	});

	test("recreates: no new pod before the old ones are gone", async () => {
		await cluster.create(deployment({ replicas: 2, strategy: { type: "Recreate" } }));
		await cluster.clock.advance(1000);
		const pods = await cluster.informers.get(await cluster.store.resourceOf("v1", "Pod"));
		const mixtures = new Set<number>();
		pods.subscribe(() =>
			mixtures.add(
				new Set(
					pods
						.list()
						.filter(isPod)
						.map(({ spec }) => spec.containers[0]?.image),
				).size,
			),
		);
		await cluster.change(deployment(), { template: podTemplate("app:2") });
		await cluster.clock.advance(2000);
		expect(await images()).toEqual(["app:2", "app:2"]);
		expect(Math.max(...mixtures)).toBe(1);
	});

	test("goes back to an older template with its ReplicaSet of then", async () => {
		await cluster.create(deployment());
		await cluster.clock.advance(1000);
		await cluster.change(deployment(), { template: podTemplate("app:2") });
		await cluster.clock.advance(1000);
		await cluster.change(deployment(), { template: podTemplate("app:1") });
		await cluster.clock.advance(3000);
		expect(await cluster.list("ReplicaSet")).toHaveLength(2);
		expect(await images()).toEqual(["app:1"]);
		const annotations = { "deployment.kubernetes.io/revision": "3" };
		expect(await cluster.get("Deployment", "demo")).toMatchObject({ metadata: { annotations } });
	});

	test("keeps the old pods when the new image can't be pulled, and says so after its deadline", async () => {
		await cluster.create(deployment({ replicas: 2, progressDeadlineSeconds: 60 }));
		await cluster.clock.advance(1000);
		await cluster.change(deployment(), { template: podTemplate("app:broken") });
		await cluster.clock.advance(50_000);
		const progress = async () => JSON.stringify(await status());
		expect(await progress()).not.toContain("ProgressDeadlineExceeded");
		await cluster.clock.advance(15_000);
		expect(await status()).toMatchObject({
			updatedReplicas: 1,
			availableReplicas: 2,
			unavailableReplicas: 1,
			conditions: conditions(
				["Available", "True", "MinimumReplicasAvailable"],
				["Progressing", "False", "ProgressDeadlineExceeded"],
			),
		});
		await cluster.change(deployment(), { template: podTemplate("app:3") });
		await cluster.clock.advance(5000);
		expect(await images()).toEqual(["app:3", "app:3"]);
		expect(await status()).toMatchObject({
			conditions: conditions(["Progressing", "True", "NewReplicaSetAvailable"]),
		});
	});

	test.for([
		["image", "Pending", { waiting: { reason: "ImagePullBackOff" } }],
		["crash", "Running", { waiting: { reason: "CrashLoopBackOff" } }],
		["unready", "Running", { running: {} }],
	] as const)("fails on purpose: %s", async ([way, phase, state]) => {
		await cluster.create(deployment({ template: podTemplate("app:1", { "local.prism.io/fail": way }) }));
		await cluster.clock.advance(10_000);
		const [pod] = await cluster.list("Pod");
		expect(pod).toMatchObject({ status: { phase, containerStatuses: [{ ready: false, state }] } });
		expect(await readyPods()).toHaveLength(0);
	});

	test("replaces a pod that is deleted", async () => {
		await cluster.create(deployment());
		await cluster.clock.advance(1000);
		const [first] = await cluster.list("Pod");
		if (first) await cluster.remove(first);
		await cluster.clock.advance(1000);
		const [second] = await readyPods();
		expect(second?.metadata.uid).not.toBe(first?.metadata.uid);
		expect(await cluster.list("Pod")).toHaveLength(1);
	});

	test("counts a pod as available only after minReadySeconds", async () => {
		await cluster.create(deployment({ minReadySeconds: 10 }));
		await cluster.clock.advance(5000);
		expect(await status()).toMatchObject({ readyReplicas: 1, unavailableReplicas: 1 });
		await cluster.clock.advance(6000);
		expect(await status()).toMatchObject({ availableReplicas: 1 });
	});

	test("writes nothing once it is settled", async () => {
		await cluster.create(deployment({ replicas: 3 }));
		await cluster.clock.advance(5000);
		const settled = await cluster.version();
		await cluster.clock.advance(3_600_000);
		expect(await cluster.version()).toBe(settled);
		expect(cluster.log).toEqual([]);
	});

	test("a failing one is quiet, too", async () => {
		await cluster.create(deployment({ progressDeadlineSeconds: 5, template: podTemplate("app:broken") }));
		await cluster.clock.advance(10_000);
		const settled = await cluster.version();
		await cluster.clock.advance(3_600_000);
		expect(await cluster.version()).toBe(settled);
	});
});

describe("the node", () => {
	test("is there, and ready", async () => {
		const node: KubeObject = await cluster.get("Node", "local");
		expect(node["status"]).toMatchObject({ conditions: conditions(["Ready", "True", "KubeletReady"]) });
	});
});
