import { expect, test } from "vitest";
import { createInformers } from "../../../../devcluster/controllers/informer.ts";
import { startWorkloads } from "../../../../devcluster/controllers/workloads/index.ts";
import { createMemoryStore } from "../../../../devcluster/memory/memory.ts";
import { createManualClock } from "../../../clock.ts";
import { deployment, service } from "../../workload-objects.ts";

const started = async (options: { readonly readyAfterMs?: number; readonly endAfterMs?: number } = {}) => {
	const clock = createManualClock();
	const store = createMemoryStore({ clock, kinds: [] });
	const informers = createInformers(store, clock);
	const workloads = await startWorkloads({ store, informers, clock, ...options });
	const pods = async () => (await store.list(await store.resourceOf("v1", "Pod"))).items;
	const ready = async () =>
		(await pods()).filter(({ status }) => JSON.stringify(status).includes('"ready":true')).length;
	const slices = async () => (await store.list(await store.resourceOf("discovery.k8s.io/v1", "EndpointSlice"))).items;
	return { clock, store, informers, workloads, pods, ready, slices };
};

test.each([
	[{}, 300, 1000],
	[{ readyAfterMs: 50, endAfterMs: 5000 }, 50, 5000],
])("with %o, a pod is ready after %d ms, and ends in %d ms", async (options, readyAfterMs, endAfterMs) => {
	const { clock, store, pods, ready } = await started(options);
	await store.create(deployment());
	await clock.advance(readyAfterMs - 1);
	expect(await ready()).toBe(0);
	await clock.advance(1);
	expect(await ready()).toBe(1);
	const deployments = await store.resourceOf("apps/v1", "Deployment");
	await store.patch(deployments, "default", "demo", { spec: { replicas: 0 } });
	await clock.advance(endAfterMs - 1);
	expect(await pods()).toHaveLength(1);
	await clock.advance(1);
	expect(await pods()).toEqual([]);
});

test("an object that moves to another owner or Service is looked at from both", async () => {
	const { clock, store, slices } = await started();
	await store.create(deployment());
	await store.create(service());
	await clock.advance(1000);
	expect(await slices()).toMatchObject([{ endpoints: [{ conditions: { ready: true } }] }]);
	const pods = await store.resourceOf("v1", "Pod");
	const [pod] = (await store.list(pods)).items;
	await store.patch(pods, "default", pod?.metadata.name ?? "", { metadata: { labels: { app: "other" } } });
	await clock.settle();
	expect(await slices()).toMatchObject([{ endpoints: [] }]);
});

test("after its stop nothing happens any more", async () => {
	const { clock, store, informers, workloads, pods } = await started();
	await workloads.stop();
	await store.create(deployment());
	await clock.advance(60_000);
	expect(await pods()).toEqual([]);
	informers.stop();
});
