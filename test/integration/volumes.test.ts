import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { STORAGE_CLASS } from "../../devcluster/controllers/provisioner.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually, pause } from "./installed.ts";
import { applyBadNeverRuns, applyCase, type Line, METACONTROLLER, startLine } from "./line.ts";

// StatefulSets whose pods wait for a volume, can't be created, or are of a broken revision, where the controllers replace those.

const TIMEOUT = 240_000;
const DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe("pods of StatefulSets that don't come up", () => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine({
			name: "local",
			metacontroller: METACONTROLLER,
			featureGates: { MaxUnavailableStatefulSet: false },
		});
		await storageClass({ metadata: { name: STORAGE_CLASS, annotations: { [DEFAULT_CLASS]: "false" } } });
		await applyBadNeverRuns(line, "vol");
		await applyCase(line, "c47-sts-broken");
		for (const [name, storageClassName] of [
			["default", undefined],
			["unknown", "fast"],
			["manual", ""],
			["going", STORAGE_CLASS],
		] as const)
			await line.apply(
				shard(name, { storage: { size: "1Gi", ...(storageClassName !== undefined && { storageClassName }) } }),
			);
		await line.untilReady("PrismShard", "going", "vol");
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const shard = (name: string, spec: Record<string, unknown>): KubeObject => ({
		apiVersion: "prism.io/v1alpha1",
		kind: "PrismShard",
		metadata: { name, namespace: "vol" },
		spec: { backends: ["postgres"], replicas: 1, ...spec },
	});
	const storageClass = async ({ metadata }: Pick<KubeObject, "metadata">) => {
		const resource = await line.cluster.store.resourceOf("storage.k8s.io/v1", "StorageClass");
		const standard = await line.cluster.store.get(resource, undefined, STORAGE_CLASS);
		if (standard === undefined) throw new Error("the cluster has no storage class");
		const { managedFields: _managed, resourceVersion: _version, uid: _uid, ...own } = standard.metadata;
		await line.cluster.store.apply({ ...standard, metadata: { ...own, ...metadata } }, { fieldManager: "test" });
	};
	const told = (name: string, namespace: string, says: string, seconds = 60) =>
		eventually(async () => {
			const ready = conditionOf(await line.get("PrismShard", name, namespace), "Ready");
			expect(`${ready?.status} ${ready?.reason}: ${ready?.message}`).toContain(`False ${says}`);
		}, seconds);
	const waits = (name: string, what: string) =>
		told(
			name,
			"vol",
			`VolumeUnavailable: StatefulSet prism-${name} waits for a volume: PersistentVolumeClaim data-prism-${name}-0 ${what}`,
		);
	const withFinalizers = (names: readonly string[]) => (object: KubeObject) => ({
		...object,
		metadata: {
			...object.metadata,
			finalizers: [...(object.metadata.finalizers ?? []).filter((name) => !name.startsWith("example.com/")), ...names],
		},
	});

	it.concurrent("because their claims have no class, an unknown one, or no volume", { timeout: TIMEOUT }, async () => {
		await waits("default", "has no storage class, and the cluster has no default one");
		await waits("unknown", "is not bound: storage class fast does not exist");
		await waits("manual", "is not bound: its storage class is empty");
		const names = ["default", "unknown", "manual"];
		const shards = () => Promise.all(names.map((name) => line.get("PrismShard", name, "vol")));
		const versions = async () => (await shards()).map(({ metadata }) => metadata.resourceVersion);
		// What else is found of the children is written once.
		await pause(5_000);
		const before = await versions();
		await pause(15_000);
		expect(await versions()).toEqual(before);
		await storageClass({ metadata: { name: STORAGE_CLASS, annotations: { [DEFAULT_CLASS]: "true" } } });
		await storageClass({ metadata: { name: "fast", annotations: {} } });
		await line.cluster.store.create({
			apiVersion: "v1",
			kind: "PersistentVolume",
			metadata: { name: "by-hand" },
			spec: {
				capacity: { storage: "1Gi" },
				accessModes: ["ReadWriteOnce"],
				claimRef: { namespace: "vol", name: "data-prism-manual-0" },
				persistentVolumeReclaimPolicy: "Retain",
				hostPath: { path: "/nonexistent/by-hand" },
			},
		});
		for (const name of names) await line.untilReady("PrismShard", name, "vol");
	});

	it.concurrent("because a claim is being deleted, which is a Warning while its pod runs", {
		timeout: TIMEOUT,
	}, async () => {
		const claim = "data-prism-going-0";
		await line.change("PersistentVolumeClaim", claim, withFinalizers(["example.com/backup"]), "vol");
		await line.cluster.store.delete(await line.resource("PersistentVolumeClaim"), "vol", claim);
		await eventually(async () => {
			const going = await line.get("PrismShard", "going", "vol");
			expect(conditionOf(going, "Ready")?.status).toBe("True");
			expect(conditionOf(going, "Warning")?.message).toMatch(
				/PersistentVolumeClaim data-prism-going-0 of StatefulSet prism-going is being deleted since .*example\.com\/backup/,
			);
		}, 60);
		await line.cluster.store.delete(await line.resource("Pod"), "vol", "prism-going-0");
		await waits("going", "is being deleted since ");
		const ready = conditionOf(await line.get("PrismShard", "going", "vol"), "Ready");
		expect(ready?.message).toContain("example.com/backup");
		await line.change("PersistentVolumeClaim", claim, withFinalizers([]), "vol");
		await line.untilReady("PrismShard", "going", "vol");
	});

	it.concurrent("because of a runtime class that is not there", { timeout: TIMEOUT }, async () => {
		await applyCase(line, "tenancy-1");
		await told("evil", "team-a", "ReplicaFailure: StatefulSet prism-evil can't create its pods");
	});

	it.concurrent("because of a broken revision, and do once it is mended: nothing is in place that must be deleted", {
		timeout: TIMEOUT,
	}, async () => {
		for (const name of ["b1", "b2"]) await line.untilReady("PrismShard", name, "brk");
		await line.untilReady("PrismPlugin", "ch", "brk");
		const seen = new Set<string>();
		const informer = await line.cluster.informers.get(await line.resource("PrismShard"));
		const unsubscribe = informer.subscribe(({ object }: { readonly object: KubeObject }) => {
			if (object.metadata.namespace === "brk") seen.add(conditionOf(object, "Ready")?.reason ?? "");
		});
		const image = (tag: string) =>
			line.edit("PrismShard", "b1", (spec) => ({ ...spec, image: `ghcr.io/prism/prism-proxy:${tag}` }), "brk");
		await image("broken");
		await told(
			"b1",
			"brk",
			"Progressing: StatefulSet prism-b1 is rolling out: 1 of 3 pods are updated, 0 of 1 updated pods are ready; not ready: prism-b1-2",
		);
		await image("v1");
		await line.untilReady("PrismShard", "b1", "brk");
		const rollout = { bakeSeconds: 1, deadlineSeconds: 20 };
		await line.edit("PrismPlugin", "ch", (spec) => ({ ...spec, version: "2.0.0-bad", rollout }), "brk");
		await eventually(async () => {
			const ready = conditionOf(await line.get("PrismPlugin", "ch", "brk"), "Ready");
			expect(`${ready?.reason}: ${ready?.message}`).toContain("RolledBack: Version 2.0.0-bad failed");
		}, 120);
		await line.untilReady("PrismShard", "b2", "brk");
		expect(valueAt(await line.get("PrismPlugin", "ch", "brk"), "status", "lastGoodVersion")).toBe("1.0.0");
		unsubscribe();
		expect([...seen]).not.toContain("RolloutHeld");
	});
});
