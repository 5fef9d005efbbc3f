import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withClaims } from "../../../../devcluster/controllers/workloads/claims.ts";
import { isStatefulSet } from "../../../../devcluster/controllers/workloads/shapes.ts";
import { claimTemplate, type Simulation, simulate, statefulSet } from "../../workload-objects.ts";

let cluster: Simulation;
beforeEach(async () => {
	cluster = await simulate();
});
afterEach(() => cluster.stop());

const names = async () => (await cluster.list("Pod")).map(({ metadata }) => metadata.name).toSorted();

describe("a StatefulSet", () => {
	test("has claims that are bound, and keeps them when it shrinks", async () => {
		await cluster.create(
			statefulSet({ replicas: 2, podManagementPolicy: "Parallel", volumeClaimTemplates: [claimTemplate] }),
		);
		await cluster.clock.advance(1000);
		expect(await cluster.get("Pod", "demo-1")).toMatchObject({
			spec: { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data-demo-1" } }] },
		});
		expect(await cluster.get("PersistentVolumeClaim", "data-demo-1")).toMatchObject({
			metadata: { labels: { app: "demo" } },
			status: { phase: "Bound", capacity: { storage: "1Gi" } },
		});
		await cluster.change(statefulSet(), { replicas: 1 });
		await cluster.clock.advance(1000);
		expect(await names()).toEqual(["demo-0"]);
		expect(await cluster.list("PersistentVolumeClaim")).toHaveLength(2);
	});

	test("gives claims away where its policy says so", async () => {
		const policy = { whenScaled: "Delete", whenDeleted: "Delete" };
		await cluster.create(
			statefulSet({ replicas: 2, volumeClaimTemplates: [claimTemplate], persistentVolumeClaimRetentionPolicy: policy }),
		);
		await cluster.clock.advance(1000);
		expect((await cluster.get("PersistentVolumeClaim", "data-demo-0")).metadata.ownerReferences).toMatchObject([
			{ kind: "StatefulSet" },
		]);
		await cluster.change(statefulSet(), { replicas: 1 });
		await cluster.clock.advance(1000);
		expect((await cluster.list("PersistentVolumeClaim")).map(({ metadata }) => metadata.name)).toEqual(["data-demo-0"]);
	});

	test("leaves claims of others alone when it shrinks", async () => {
		const others = ["data-demo-x", "data-demo-1-old", "other-demo-1"];
		for (const name of others)
			await cluster.create({
				apiVersion: "v1",
				kind: "PersistentVolumeClaim",
				metadata: { name, namespace: "default" },
				spec: {},
			});
		await cluster.create(
			statefulSet({
				replicas: 2,
				podManagementPolicy: "Parallel",
				volumeClaimTemplates: [claimTemplate],
				persistentVolumeClaimRetentionPolicy: { whenScaled: "Delete" },
			}),
		);
		await cluster.clock.advance(1000);
		await cluster.change(statefulSet(), { replicas: 1 });
		await cluster.clock.advance(2000);
		const left = (await cluster.list("PersistentVolumeClaim")).map(({ metadata }) => metadata.name);
		expect(left.toSorted()).toEqual([...others, "data-demo-0"].toSorted());
	});
});

test("a claim grows with its request", async () => {
	const claim = (storage: string) => ({
		apiVersion: "v1",
		kind: "PersistentVolumeClaim",
		metadata: { name: "own", namespace: "default" },
		spec: { accessModes: ["ReadWriteMany"], resources: { requests: { storage } } },
	});
	await cluster.create(claim("1Gi"));
	await cluster.change(claim("1Gi"), claim("2Gi").spec);
	expect((await cluster.get("PersistentVolumeClaim", "own"))["status"]).toEqual({
		phase: "Bound",
		accessModes: ["ReadWriteMany"],
		capacity: { storage: "2Gi" },
	});
});

test.each([
	[[], [{ name: "a" }], [{ name: "a" }]],
	[[claimTemplate], undefined, ["data"]],
	[[claimTemplate], [{ name: "data" }, { name: "a" }], [{ name: "a" }, "data"]],
])("with the templates %o, the volumes %o of a pod are %o", (volumeClaimTemplates, volumes, expected) => {
	const set = statefulSet({ volumeClaimTemplates });
	if (!isStatefulSet(set)) throw new Error("another kind");
	const spec = withClaims(set, { containers: [], ...(volumes && { volumes }) }, 3);
	expect(spec.volumes).toEqual(
		expected.map((volume) =>
			volume === "data" ? { name: "data", persistentVolumeClaim: { claimName: "data-demo-3" } } : volume,
		),
	);
});
