import { expect, it } from "vitest";
import type { ShardInstance } from "../../../hooks/prismshard/observed-shard.ts";
import { shardRoster } from "../../../hooks/prismshard/prism-roster.ts";
import { plannedShard, type Surroundings } from "../plans.ts";

const NOW = "2026-01-01T00:00:00Z";
const instance = (name: string, changes: Partial<ShardInstance> = {}): ShardInstance => ({
	name,
	uid: `uid-${name}`,
	listed: true,
	ready: true,
	terminating: false,
	answer: { state: "known", readAt: NOW, storeId: "store", namespaces: new Map([["a", ""]]) },
	...changes,
});
const built = (spec: object, instances: readonly ShardInstance[] = [], around: Surroundings = {}) => {
	const { plan, request } = plannedShard(spec, around);
	return shardRoster(plan, { request, instances, now: NOW });
};

it("is found by what PrismNamespaces select shards by", () => {
	const { labels } = built({ product: "shop", feature: "cart", slaTier: "gold", backends: ["redis"] }).metadata;
	expect(labels).toMatchObject({
		shard: "it",
		component: "shard",
		"prism.io/product": "shop",
		"prism.io/feature": "cart",
		"prism.io/sla-tier": "gold",
		"serves.prism.io/redis": "true",
	});
});

it("has what decides an assignment, in a stable order", () => {
	expect(built({ backends: ["nats", "kafka"], weight: 7, adminPort: 9001 }).spec).toMatchObject({
		backends: ["kafka", "nats"],
		weight: 7,
		port: 9001,
		deleting: false,
	});
});

it.each<[string, object, Surroundings, boolean]>([
	["by default", {}, {}, true],
	["not if spec says so", { accepting: false }, {}, false],
	["not while it is drained", { draining: true }, {}, false],
	["below its capacity", { capacity: { maxNamespaces: 2 } }, {}, true],
	["not at its capacity", { capacity: { maxNamespaces: 1 } }, {}, false],
	["not just below a capacity that was reached", { capacity: { maxNamespaces: 1 } }, { status: { full: true } }, false],
])("accepts namespaces %s", (_, spec, around, expected) => {
	expect(built(spec, [instance("prism-it-0")], around).spec.accepting).toBe(expected);
});

it("lists the instances as they are", () => {
	const instances = [instance("prism-it-0"), instance("prism-it-1", { ready: false, answer: undefined })];
	expect(built({}, instances).spec.instances).toEqual([
		{ name: "prism-it-0", ready: true, storeId: "store", uid: "uid-prism-it-0", readySince: NOW },
		{ name: "prism-it-1", ready: false },
	]);
});

it("keeps the store that an instance had while it does not answer", () => {
	const before = built({}, [instance("prism-it-0")]);
	const silent = instance("prism-it-0", { answer: { state: "unknown", failure: "Unreachable" } });
	expect(built({}, [silent], { observed: [before] }).spec.instances).toMatchObject([{ storeId: "store" }]);
	expect(built({}, [silent]).spec.instances[0]).not.toHaveProperty("storeId");
});
