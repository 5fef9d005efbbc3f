import type { KubeObject } from "../../schemas/common.ts";
import { MACHINERY, type WhyCase } from "./why-case.ts";
import { HOURS_AGO, late, MINUTES_AGO, ours, ownedBy, pod, ready, statefulSet, waiting } from "./world.ts";

// Shards, their namespaces and their plugins in trouble.

const roster = (shard: KubeObject, labels: Record<string, string>, spec: Record<string, unknown> = {}) =>
	ours("PrismRoster", `prism-${shard.metadata.name}`, {
		metadata: { ...ownedBy(shard), labels },
		spec: {
			instances: [],
			accepting: true,
			draining: false,
			deleting: false,
			weight: 1,
			backends: ["redis"],
			allowedNamespaces: { from: "Same" },
			...spec,
		},
	});
const shard = ours("PrismShard", "live", ready("ShardReady", "2 of 2 pods are ready and answer"));
const nowhere = ours("PrismNamespace", "acme", {
	...late(
		"NoMatchingShard",
		"No PrismShard in namespace shop serves backend postgres with product=video and allows namespace shop",
		{ phase: "Pending" },
	),
	spec: { backend: "postgres", shard: { product: "video" } },
});

const notPermitted = ours("PrismNamespace", "acme", {
	...late(
		"NotPermitted",
		"The PrismStack of shared-proxy in namespace pool does not allow these values in other namespaces: spec.quotas.maxKeys 11 (at most 10)",
		{ stalled: true, phase: "Failed" },
	),
	spec: { proxyRef: { name: "shared-proxy", namespace: "pool" }, quotas: { maxKeys: 11 } },
});

const partly = ours("PrismNamespace", "acme", {
	...late("PartiallyProvisioned", "1 of 2 instances have the namespace; prism-live-1: can't be reached"),
	status: {
		placements: [
			{
				roster: "prism-live",
				namespace: "shop",
				state: "Active",
				instances: [
					{ name: "prism-live-0", state: "Applied" },
					{ name: "prism-live-1", state: "Waiting", cause: "Unreachable", message: "can't be reached" },
				],
			},
		],
	},
});
const leaderless = ours("PrismNamespace", "acme", {
	...late("InstancesUnreachable", "Instances unavailable: shop-admin: answers UNAVAILABLE: no leader elected"),
	status: {
		placements: [
			{
				roster: "shop-proxy",
				namespace: "shop",
				state: "Active",
				instances: [
					{ name: "shop-admin", state: "Waiting", cause: "Unavailable", message: "UNAVAILABLE: no leader elected" },
				],
			},
		],
	},
});
const liveSet = statefulSet("prism-live", shard, 2, 2);

const first = ours("PrismNamespace", "acme", {
	...ready("NamespaceReady", "2 of 2 ready instances of live have the namespace"),
	status: { namespaceId: "tenant-acme" },
	metadata: { namespace: "other" },
});
const second = ours("PrismNamespace", "acme-copy", {
	...late(
		"NamespaceIdTaken",
		'Identifier "tenant-acme" is in use on prism-live-0 by another owner, or was created by hand',
		{ stalled: true, phase: "Failed" },
	),
	status: { namespaceId: "tenant-acme" },
});

const failure =
	"PrismShard search-eu did not become ready at 2.0.0 within 600 s: 0 of 1 pods are ready: prism-search-eu-0: Ready is False";
const plugin = ours("PrismPlugin", "clickhouse", {
	...late("RollbackFailed", `Version 2.0.0 failed: ${failure}`, { stalled: true, phase: "Failed" }),
	spec: { version: "2.0.0" },
	status: {
		lastGoodVersion: "1.0.0",
		rollout: { version: "2.0.0", phase: "RollingBack", failure },
		shardStates: [
			{ name: "search-asia", state: "Pending", version: "1.0.0", since: HOURS_AGO },
			{ name: "search-eu", state: "RollingBack", version: "1.0.0", since: MINUTES_AGO, message: failure },
		],
	},
});
const euShard = ours(
	"PrismShard",
	"search-eu",
	late("Progressing", "StatefulSet prism-search-eu is rolling out", { phase: "Pending" }),
);
const settled = ours("PrismShard", "search-eu", ready("ShardReady", "1 of 1 pods are ready and answer"));
const euSet = statefulSet("prism-search-eu", euShard, 0, 1);
const euPod = pod("prism-search-eu-0", euSet, {
	containers: [
		{
			name: "plugin-clickhouse",
			state: waiting("ImagePullBackOff"),
			image: "ghcr.io/prism/plugins/clickhouse-plugin:1.0.0",
		},
	],
});

const rolledBack = ours("PrismPlugin", "clickhouse", {
	...late("RolledBack", `Version 2.0.0 failed, and was rolled back: ${failure}`, {
		stalled: true,
		phase: "RolledBack",
	}),
	spec: { version: "2.0.0" },
	status: {
		lastGoodVersion: "1.0.0",
		rollout: { version: "2.0.0", phase: "RolledBack", failure },
		shardStates: [
			{ name: "search-asia", state: "Updated", version: "2.0.0", since: HOURS_AGO },
			{ name: "search-eu", state: "RolledBack", version: "1.0.0", since: MINUTES_AGO, message: failure },
		],
	},
});

const leavingShard = ours("PrismShard", "live", {
	...late(
		"NamespacesRemain",
		"Namespaces left: 1. Each moves to another shard that matches, or is revoked with its PrismNamespace",
		{ phase: "Terminating" },
	),
	metadata: { deletionTimestamp: MINUTES_AGO, finalizers: ["metacontroller.io/compositecontroller-prismshard"] },
});
const NOBODY = "No pod can report which namespaces are left";
const sleeping = (spec: object) => {
	const sleeper = ours("PrismShard", "live", {
		...late("NamespacesUnknown", NOBODY, { phase: "Terminating" }),
		metadata: { deletionTimestamp: MINUTES_AGO, finalizers: ["metacontroller.io/compositecontroller-prismshard"] },
	});
	return { ...sleeper, spec };
};
const sleepingShard = sleeping({ replicas: 0 });
const sleepingScaled = sleeping({ autoscaling: { enabled: true, minReplicas: 2 } });
const onLeaving = ours("PrismNamespace", "acme", {
	...ready("NamespaceReady", "2 of 2 ready instances of live have the namespace"),
	status: { placements: [{ roster: "prism-live", namespace: "shop", state: "Active", instances: [] }] },
});

export const SHARD_CASES: readonly WhyCase[] = [
	{
		name: "no-shard",
		about: nowhere,
		objects: [nowhere, shard, roster(shard, { "prism.io/product": "playback", "serves.prism.io/redis": "true" })],
	},
	{ name: "not-permitted", about: notPermitted, objects: [notPermitted] },
	{
		name: "partly",
		about: partly,
		objects: [
			partly,
			shard,
			roster(shard, {}),
			liveSet,
			pod("prism-live-0", liveSet, { ready: true, containers: [{ name: "prism-proxy" }] }),
			pod("prism-live-1", liveSet, { ready: true, containers: [{ name: "prism-proxy" }] }),
		],
	},
	{ name: "leaderless", about: leaderless, objects: [leaderless] },
	{ name: "identifier-taken", about: second, objects: [first, second] },
	{ name: "rollback-failed", about: plugin, objects: [plugin, euShard, euSet, euPod] },
	{ name: "rolled-back", about: rolledBack, objects: [rolledBack, settled] },
	{
		name: "namespaces-remain",
		about: leavingShard,
		objects: [...MACHINERY, leavingShard, roster(leavingShard, {}, { draining: true }), onLeaving],
	},
	{
		name: "nobody-to-ask",
		about: sleepingShard,
		objects: [
			...MACHINERY,
			sleepingShard,
			roster(sleepingShard, {}, { draining: true }),
			statefulSet("prism-live", sleepingShard, 0, 0),
		],
	},
	{
		name: "nobody-to-ask-autoscaled",
		about: sleepingScaled,
		objects: [
			...MACHINERY,
			sleepingScaled,
			roster(sleepingScaled, {}, { draining: true }),
			statefulSet("prism-live", sleepingScaled, 0, 0),
		],
	},
];
