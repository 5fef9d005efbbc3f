import { afterEach, beforeEach, expect, test } from "vitest";
import { createInformers, type Informers } from "../../../../devcluster/controllers/informer.ts";
import {
	controllerKey,
	fromCache,
	type NodeCluster,
	openNodes,
} from "../../../../devcluster/controllers/workloads/cluster.ts";
import { createMemoryStore } from "../../../../devcluster/memory/memory.ts";
import type { Store } from "../../../../devcluster/store.ts";
import type { KubeObject } from "../../../../schemas/common.ts";
import { createManualClock, type ManualClock } from "../../../clock.ts";

const pod: KubeObject = {
	apiVersion: "v1",
	kind: "Pod",
	metadata: { name: "demo", namespace: "default" },
	spec: { containers: [], nodeName: "local" },
};

let clock: ManualClock;
let store: Store;
let informers: Informers;
let cluster: NodeCluster;
/** Whether events reach the cache. */
let isHeld = false;
beforeEach(async () => {
	isHeld = false;
	clock = createManualClock();
	store = createMemoryStore({ clock, kinds: [] });
	const slow: Store = {
		...store,
		watch: (resource, version, onEvent, signal) =>
			store.watch(resource, version, (event) => (isHeld ? undefined : onEvent(event)), signal),
	};
	informers = createInformers(slow, clock);
	cluster = await openNodes(slow, informers, clock);
	await clock.settle();
});
afterEach(async () => {
	cluster.close();
	informers.stop();
	await store.close();
});

test("a write ends when the cache shows it", async () => {
	const created = await cluster.create(pod);
	expect(fromCache(cluster.pods, "default/demo")).toEqual(created);
	const updated = await cluster.updateStatus({ ...created, status: { phase: "Running" } });
	expect(fromCache(cluster.pods, "default/demo")).toEqual(updated);
	const relabelled = await cluster.update({ ...updated, metadata: { ...updated.metadata, labels: { a: "b" } } });
	expect(fromCache(cluster.pods, "default/demo")?.metadata.labels).toEqual(relabelled.metadata.labels);
	await cluster.remove(relabelled, { gracePeriodSeconds: 0 });
	expect(fromCache(cluster.pods, "default/demo")).toBeUndefined();
});

test("a write that the cache does not show ends after 5 s", async () => {
	isHeld = true;
	const ended: string[] = [];
	const creating = cluster.create(pod).then(() => ended.push("ended"));
	await clock.advance(4999);
	expect(ended).toEqual([]);
	await clock.advance(1);
	await creating;
	expect(fromCache(cluster.pods, "default/demo")).toBeUndefined();
});

test("only this very object is deleted", async () => {
	const created = await cluster.create(pod);
	const other = { ...created, metadata: { ...created.metadata, uid: "another" } };
	await expect(cluster.remove(other)).rejects.toMatchObject({ reason: "Conflict" });
});

test.each([
	[{ kind: "ReplicaSet", controller: true }, "default/owner"],
	[{ kind: "ReplicaSet", controller: false }, undefined],
	[{ kind: "StatefulSet", controller: true }, undefined],
])("an object with the owner %o is controlled by the ReplicaSet %s", (owner, key) => {
	const ownerReferences = [{ apiVersion: "apps/v1", name: "owner", uid: "u", ...owner }];
	expect(controllerKey({ ...pod, metadata: { ...pod.metadata, ownerReferences } }, "ReplicaSet")).toBe(key);
});
