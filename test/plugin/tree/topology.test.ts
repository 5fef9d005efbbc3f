import { describe, expect, it } from "vitest";
import { viewOf } from "../../../plugin/cluster/cluster-view.ts";
import { paintOf, widthOf } from "../../../plugin/text/paint.ts";
import { dotLines, mermaidLines, treeLines } from "../../../plugin/tree/text.ts";
import { rootsOf, treeData, treeOf } from "../../../plugin/tree/topology.ts";
import {
	deployment,
	expectGolden,
	late,
	NOW,
	other,
	ours,
	ownedBy,
	pod,
	ready,
	replicaSet,
	statefulSet,
	waiting,
} from "../world.ts";

const stack = ours(
	"PrismStack",
	"shop",
	late("PatternNotReady", "PatternRunner orders: Progressing", { phase: "Pending" }),
);
const proxy = deployment("shop-proxy", stack, 1, 1);
const proxies = replicaSet("shop-proxy-6b7", proxy);
const runner = ours("PatternRunner", "orders", {
	...late("Progressing", "Deployment orders is rolling out", { phase: "Pending" }),
	metadata: ownedBy(stack),
});
const set = deployment("orders", runner, 0, 1);
const replicas = replicaSet("orders-7f9c", set);
const old = replicaSet("orders-5d11", set, 0);
const shard = ours("PrismShard", "live", ready("ShardReady", "1 of 1 pods are ready and answer"));
const shardSet = statefulSet("prism-live", shard, 1, 1);
const roster = ours("PrismRoster", "prism-live", {
	metadata: ownedBy(shard),
	spec: { instances: [{ name: "prism-live-0", ready: true }], accepting: true },
});
const tenant = ours("PrismNamespace", "acme", {
	...ready("NamespaceReady", "1 of 1 ready instances of live have the namespace"),
	status: { placements: [{ roster: "prism-live", namespace: "shop", state: "Active", instances: [] }] },
});
const plugin = ours("PrismPlugin", "clickhouse", {
	...ready("PluginReady", "Version 2.0.0 is ready for 1 shard"),
	status: { shardStates: [{ name: "live", state: "Updated", version: "2.0.0" }], pinnedShards: [] },
});

const OBJECTS = [
	stack,
	proxy,
	proxies,
	runner,
	set,
	replicas,
	old,
	shard,
	shardSet,
	roster,
	tenant,
	plugin,
	pod("shop-proxy-6b7-aaaaa", proxies, { ready: true, containers: [{ name: "prism-proxy" }] }),
	pod("orders-7f9c-x2x4z", replicas, {
		phase: "Pending",
		containers: [{ name: "keyvalue-runner", state: waiting("ImagePullBackOff") }],
	}),
	pod("prism-live-0", shardSet, { ready: true, containers: [{ name: "prism-proxy" }] }),
	other("v1", "Service", "shop-proxy", ownedBy(stack), { spec: { ports: [{ name: "grpc", port: 9090 }] } }),
	other("v1", "ConfigMap", "shop-proxy", ownedBy(stack)),
	other("v1", "Service", "orders", ownedBy(runner), { spec: { ports: [{ name: "http", port: 8080 }] } }),
];

const view = viewOf({ objects: OBJECTS, now: NOW });
const trees = (wide: boolean) => rootsOf(view).map((root) => treeOf(view, root, { wide }));
const lines = (wide: boolean, columns?: number) =>
	`${treeLines(trees(wide), paintOf({ color: false, columns }), { wide, now: NOW, home: "shop" }).join("\n")}\n`;

describe("tree", () => {
	it("shows stacks, shards and plugins with what belongs to them, on 80 columns", () => {
		const text = lines(false, 80);
		expect(text.split("\n").filter((line) => widthOf(line) > 80)).toEqual([]);
		expectGolden("tree", text);
	});

	it("shows all of it when it is asked to", () => expectGolden("tree-wide", lines(true)));

	it("has no roots beside those that nobody owns", () => {
		expect(rootsOf(view).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
			"PrismStack shop",
			"PrismShard live",
			"PrismPlugin clickhouse",
		]);
	});

	it("is data for scripts", () => {
		const [first] = trees(true).map(treeData);
		expect(first).toMatchObject({ kind: "PrismStack", name: "shop", state: "PatternNotReady" });
		expect(JSON.stringify(first)).toContain('"name":"orders-7f9c-x2x4z"');
	});

	it("is a graph for Graphviz, and one for Mermaid", () => {
		expectGolden("tree-dot", `${dotLines(trees(false)).join("\n")}\n`);
		expectGolden("tree-mermaid", `${mermaidLines(trees(false)).join("\n")}\n`);
	});

	it("ends although two objects own each other", () => {
		const one = ours("PrismStack", "one", { metadata: { uid: "one" } });
		const two = ours("PatternRunner", "two", { metadata: { ...ownedBy(one), uid: "two" } });
		const loop = { ...one, metadata: { ...one.metadata, ...ownedBy(two) } };
		const circle = viewOf({ objects: [loop, two], now: NOW });
		expect(JSON.stringify(treeData(treeOf(circle, loop, { wide: true }))).length).toBeLessThan(2000);
	});
});
