import { expect, test } from "vitest";
import { stringAt } from "../../../devcluster/json.ts";
import { ensureNodes, nodeNames, startHeartbeats } from "../../../devcluster/kubelet/nodes.ts";
import { createMemoryStore } from "../../../devcluster/memory/memory.ts";
import type { Store } from "../../../devcluster/store.ts";
import { createManualClock } from "../../clock.ts";

const world = () => {
	const clock = createManualClock();
	const store = createMemoryStore({ clock, kinds: [] });
	const nodes = { store, clock, names: nodeNames(4), hostIP: "127.0.0.1", port: 10_250 };
	const list = async (apiVersion: string, kind: string) =>
		(await store.list(await store.resourceOf(apiVersion, kind))).items;
	return { clock, store, nodes, list };
};

test.each([
	[0, []],
	[2, ["node-1", "node-2"]],
])("%d nodes are %o", (count, names) => {
	expect(nodeNames(count)).toEqual(names);
});

test("nodes are ready, in three zones, two of three for the data plane", async () => {
	const { nodes, list } = world();
	await ensureNodes(nodes);
	const made = await list("v1", "Node");
	expect(made.map(({ metadata: { labels = {} } }) => [labels["topology.kubernetes.io/zone"], labels["role"]])).toEqual([
		["zone-a", "prism-proxy"],
		["zone-b", "prism-proxy"],
		["zone-c", "prism-control-plane"],
		["zone-a", "prism-proxy"],
	]);
	expect(made[0]?.["status"]).toMatchObject({
		daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
		conditions: expect.arrayContaining([expect.objectContaining({ type: "Ready", status: "True" })]) as unknown,
	});
});

test("nodes that are there are not written again; one without a status gets it", async () => {
	const { store, nodes, list } = world();
	await store.create({
		apiVersion: "v1",
		kind: "Node",
		metadata: { name: "node-1", labels: { mine: "yes" } },
		spec: {},
	});
	await ensureNodes({ ...nodes, port: undefined });
	const before = await list("v1", "Node");
	expect(before[0]).toMatchObject({
		metadata: { labels: { mine: "yes" } },
		status: { addresses: [{ address: "127.0.0.1" }] },
	});
	expect(before[0]?.["status"]).not.toHaveProperty("daemonEndpoints");
	await ensureNodes(nodes);
	expect(await list("v1", "Node")).toEqual(before);
});

test("leases are renewed every 10 s until the end, also after a failure", async () => {
	const { clock, store, nodes, list } = world();
	await store.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-node-lease" } });
	let isBroken = true;
	const flaky: Store = {
		...store,
		patch: (...given) => (isBroken ? Promise.reject(new Error("no connection")) : store.patch(...given)),
	};
	const lines: string[] = [];
	const heartbeats = startHeartbeats({ ...nodes, store: flaky }, (line) => void lines.push(line));
	await clock.settle();
	expect(lines).toEqual([expect.stringContaining("no connection")]);
	isBroken = false;
	const renewals = async () =>
		(await list("coordination.k8s.io/v1", "Lease")).map((lease) => stringAt(lease, "spec", "renewTime"));
	for (const seconds of [10, 20]) {
		await clock.advance(10_000);
		expect(await renewals()).toEqual(nodes.names.map(() => `2026-01-01T00:00:${seconds}.000000Z`));
	}
	heartbeats.stop();
	await clock.advance(60_000);
	expect(new Set(await renewals())).toEqual(new Set(["2026-01-01T00:00:20.000000Z"]));
});
