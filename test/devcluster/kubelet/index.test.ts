import { expect, onTestFinished, test } from "vitest";
import { createInformers } from "../../../devcluster/controllers/informer.ts";
import { startNodes } from "../../../devcluster/kubelet/index.ts";
import { createMemoryStore } from "../../../devcluster/memory/memory.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { createManualClock } from "../../clock.ts";
import { createAuthority } from "../../server/authority.ts";

const pod = (name: string, nodeName: string): KubeObject => ({
	apiVersion: "v1",
	kind: "Pod",
	metadata: { name, namespace: "default" },
	spec: { nodeName, containers: [{ name: "app", image: "app:broken" }] },
});

async function started() {
	const clock = createManualClock();
	const store = createMemoryStore({ clock, kinds: [] });
	await store.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-node-lease" } });
	const informers = createInformers(store, clock);
	const log: string[] = [];
	const certificate = createAuthority("node").sign("node");
	const nodes = await startNodes({
		store,
		informers,
		clock,
		nodes: 2,
		certificate,
		log: (line) => void log.push(line),
	});
	const stop = async () => {
		await nodes.stop();
		informers.stop();
	};
	const list = async (apiVersion: string, kind: string) =>
		(await store.list(await store.resourceOf(apiVersion, kind))).items;
	return { clock, store, log, stop, list };
}

test("pods of its nodes are run, and no others; what becomes of them is an Event", async () => {
	const { clock, store, log, stop, list } = await started();
	onTestFinished(stop);
	await store.create(pod("ours", "node-2"));
	await store.create(pod("theirs", "node-3"));
	await clock.advance(5000);
	const [ours, theirs] = await list("v1", "Pod");
	expect(ours?.["status"]).toMatchObject({
		phase: "Pending",
		hostIP: "127.0.0.1",
		podIP: expect.any(String) as unknown,
	});
	expect(theirs?.["status"]).toEqual({ phase: "Pending" });
	expect((await list("v1", "Event")).length).toBeGreaterThan(0);
	expect(await list("coordination.k8s.io/v1", "Lease")).toHaveLength(2);
	expect(log).toEqual([]);
});

test("after its stop nothing is run, and no lease renewed", async () => {
	const { clock, store, stop, list } = await started();
	await clock.settle();
	await stop();
	const before = await list("coordination.k8s.io/v1", "Lease");
	await store.create(pod("late", "node-1"));
	await clock.advance(60_000);
	expect((await list("v1", "Pod"))[0]?.["status"]).toEqual({ phase: "Pending" });
	expect(await list("coordination.k8s.io/v1", "Lease")).toEqual(before);
});
