import type { KubeObject } from "../../schemas/common.ts";
import { late, ours, ownedBy, ready } from "./world.ts";

// Clusters in which objects wait for each other, and the object of ours that all others wait for.

interface FirstCauseCase {
	readonly name: string;
	readonly about: KubeObject;
	readonly objects: readonly KubeObject[];
	readonly cause: string;
}

const part = (name: string, phase: string, isReady = false) => ({ name, ready: isReady, phase });
const failed = (reason: string) => late(reason, "in words that nobody reads", { phase: "Failed" });
const pending = (reason: string) => late(reason, "in words that nobody reads", { phase: "Pending" });

const stack = (reason: string, status: Record<string, unknown>) =>
	ours("PrismStack", "shop", { ...failed(reason), status });
const of = (kind: string, name: string, told: ReturnType<typeof failed>, more: Record<string, unknown> = {}) =>
	ours(kind, name, { ...told, ...more });

const patterns = stack("PatternNotReady", {
	patterns: [part("a", "Pending"), part("b", "Failed"), part("c", "Running", true)],
});
const backends = stack("BackendNotReady", {
	patterns: [part("a", "Failed")],
	backends: [part("b", "Degraded"), part("c", "Failed")],
});
const through = stack("PatternNotReady", { patterns: [part("a", "Degraded")] });
const started = stack("Progressing", {
	proxy: { desired: 2, ready: 2, summary: "2/2" },
	namespaces: [part("acme", "Pending")],
});
const starting = stack("Progressing", {
	proxy: { desired: 2, ready: 1, summary: "1/2" },
	patterns: [part("a", "Pending")],
});
const paused = stack("BackendNotReady", { backends: [part("redis", "Pending")] });
const unseen = stack("PatternNotReady", { patterns: [part("gone", "Failed")] });

const shard = of("PrismShard", "live", pending("PluginNotReady"), { spec: { plugins: [{ name: "clickhouse" }] } });
const roster = ours("PrismRoster", "prism-live", { metadata: ownedBy(shard), spec: { instances: [] } });
const tenant = of("PrismNamespace", "acme", pending("InstancesNotReady"), {
	status: { placements: [{ roster: "prism-live", namespace: "shop", state: "Active" }] },
});
const plugin = of("PrismPlugin", "clickhouse", failed("RolloutStalled"), {
	status: { shardStates: [{ name: "live", state: "Failed", version: "2.0.0", cause: "DeadlineExceeded" }] },
});
const rollout = (state: string) =>
	of("PrismPlugin", "clickhouse", pending("Progressing"), {
		status: {
			shardStates: [
				{ name: "calm", state: "Pending" },
				{ name: "busy", state },
			],
		},
	});
const busy = of("PrismShard", "busy", failed("ReplicaFailure"));
const calm = ours("PrismShard", "calm", ready("ShardReady", "ready"));
const updating = rollout("Updating");
const baked = rollout("Updated");

export const FIRST_CAUSE_CASES: readonly FirstCauseCase[] = [
	{
		name: "the part of a stack that failed, not one that is on its way",
		about: patterns,
		objects: [
			patterns,
			of("PatternRunner", "a", pending("Progressing")),
			of("PatternRunner", "b", failed("ReplicaFailure")),
		],
		cause: "PatternRunner shop/b",
	},
	{
		name: "a part of the kind that the reason is about",
		about: backends,
		objects: [
			backends,
			of("PatternRunner", "a", failed("ReplicaFailure")),
			of("BackendConfig", "b", failed("BackendUnhealthy")),
			of("BackendConfig", "c", failed("InlineCredentials")),
		],
		cause: "BackendConfig shop/c",
	},
	{
		name: "the backend behind the runner behind the stack",
		about: through,
		objects: [
			through,
			of("PatternRunner", "a", pending("BackendNotReady"), { spec: { backendConfig: { name: "redis" } } }),
			of("BackendConfig", "redis", failed("BackendUnhealthy")),
		],
		cause: "BackendConfig shop/redis",
	},
	{
		name: "a namespace, once the stack's own proxies are there",
		about: started,
		objects: [started, of("PrismNamespace", "acme", failed("ProvisioningRefused"))],
		cause: "PrismNamespace shop/acme",
	},
	{
		name: "the stack itself while its own proxies start",
		about: starting,
		objects: [starting, of("PatternRunner", "a", pending("Progressing"))],
		cause: "PrismStack shop/shop",
	},
	{
		name: "a part that rests",
		about: paused,
		objects: [paused, of("BackendConfig", "redis", pending("PausedByAnnotation"))],
		cause: "BackendConfig shop/redis",
	},
	{
		name: "the stack itself where the part is not there",
		about: unseen,
		objects: [unseen],
		cause: "PrismStack shop/shop",
	},
	{
		name: "the plugin that the shard of a namespace waits for",
		about: tenant,
		objects: [tenant, shard, roster, of("PrismPlugin", "clickhouse", failed("InvalidSpec"))],
		cause: "PrismPlugin shop/clickhouse",
	},
	{
		name: "the shard that holds a rollout up",
		about: updating,
		objects: [updating, calm, busy],
		cause: "PrismShard shop/busy",
	},
	{
		name: "the plugin itself while no shard holds it up",
		about: baked,
		objects: [baked, calm, busy],
		cause: "PrismPlugin shop/clickhouse",
	},
	{
		name: "the last of a circle",
		about: tenant,
		objects: [tenant, shard, roster, plugin],
		cause: "PrismPlugin shop/clickhouse",
	},
];
