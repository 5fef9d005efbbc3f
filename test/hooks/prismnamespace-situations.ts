import { NamespaceWorld, roster } from "./namespace-world.ts";
import { down, type NamespaceSituation, SHARD, SPEC, settled, troubled } from "./prismnamespace-situation.ts";
import { MORE_PRISM_NAMESPACE_SITUATIONS } from "./prismnamespace-situations-places.ts";
import { UNSEEN_SITUATIONS } from "./prismnamespace-situations-unseen.ts";

// One situation for every reason that a namespace's hook can give.

export const PRISM_NAMESPACE_SITUATIONS: readonly NamespaceSituation[] = [
	{
		title: "on all instances",
		world: () => settled(SPEC, [{ name: SHARD }]),
		condition: {
			status: "True",
			reason: "NamespaceReady",
		},
		phase: "Active",
	},
	{
		title: "read back",
		world: () => settled(SPEC, [{ name: SHARD }]),
		condition: {
			type: "Provisioned",
			status: "True",
			reason: "NamespaceCreated",
		},
		phase: "Active",
	},
	{
		title: "with limits",
		world: () => settled({ ...SPEC, quotas: { maxKeys: 10 } }, [{ name: SHARD }]),
		condition: {
			type: "QuotasEnforced",
			status: "True",
			reason: "QuotasApplied",
		},
		phase: "Active",
	},
	{
		title: "where nothing can be read back",
		world: () => {
			const world = new NamespaceWorld({ proxyRef: { name: "dev-proxy" } });
			world.relate({ name: "dev-proxy", replicas: 1 });
			world.at("dev-proxy", 0).trouble = { kind: "noReadBack" };
			world.settle();
			return world;
		},
		condition: {
			status: "True",
			reason: "Unverified",
		},
		phase: "Active",
	},
	{
		title: "written ahead, not called yet",
		world: () => {
			const world = new NamespaceWorld(SPEC);
			world.related = [roster({ name: SHARD })];
			world.sync();
			return world;
		},
		condition: {
			status: "False",
			reason: "Progressing",
		},
		phase: "Provisioning",
	},
	{
		title: "no shard",
		world: () => settled({ ...SPEC, shard: { product: "video", slaTier: "p99_10ms" } }, []),
		condition: {
			status: "False",
			reason: "NoMatchingShard",
		},
		phase: "Pending",
	},
	{
		title: "a shard of another namespace that takes none from here",
		world: () =>
			settled({ ...SPEC, shard: { namespace: "theirs" } }, [
				{ name: SHARD, namespace: "theirs", allowed: { from: "Same" } },
			]),
		condition: {
			status: "False",
			reason: "NoMatchingShard",
		},
		phase: "Pending",
	},
	{
		title: "more than a shard takes from other namespaces",
		world: () => {
			const world = settled({ ...SPEC, shard: { namespace: "theirs" }, quotas: { maxKeys: 11 } }, []);
			const shared = roster({ name: SHARD, namespace: "theirs", allowed: { from: "All", ceilings: { maxKeys: 10 } } });
			const { metadata } = shared;
			world.related = [{ ...shared, metadata: { ...metadata, labels: { ...metadata.labels, shard: "playback" } } }];
			world.sync();
			return world;
		},
		condition: {
			status: "False",
			reason: "NotPermitted",
		},
		phase: "Failed",
	},
	{
		title: "no proxies",
		world: () => settled({ proxyRef: { name: "dev", namespace: "theirs" } }, []),
		condition: {
			status: "False",
			reason: "NoMatchingProxy",
		},
		phase: "Pending",
	},
	{
		title: "every shard is full",
		world: () => settled(SPEC, [{ name: SHARD, accepting: false }]),
		condition: {
			status: "False",
			reason: "NotAccepting",
		},
		phase: "Pending",
	},
	{
		title: "no instance is ready",
		world: () => settled(SPEC, [{ name: SHARD, unready: [0, 1] }]),
		condition: { status: "False", reason: "InstancesNotReady" },
		phase: "Pending",
	},
	{
		title: "its control plane answers, and no proxy is ready",
		world: () =>
			settled({ ...SPEC, shard: undefined, proxyRef: { name: "shop-proxy" } }, [
				{ name: "shop-proxy", controlPlane: true, unready: [0, 1] },
			]),
		condition: { status: "False", reason: "InstancesNotReady" },
		phase: "Degraded",
	},
	{
		title: "no instance answers",
		world: () =>
			troubled(SPEC, [{ name: SHARD, replicas: 1 }], (world) => {
				world.at(SHARD, 0).trouble = down;
			}),
		condition: {
			status: "False",
			reason: "InstancesUnreachable",
		},
		phase: "Provisioning",
	},
	{
		title: "one of three does not answer",
		world: () =>
			troubled(SPEC, [{ name: SHARD, replicas: 3 }], (world) => {
				world.at(SHARD, 2).trouble = down;
			}),
		condition: {
			status: "False",
			reason: "PartiallyProvisioned",
		},
		phase: "Provisioning",
	},
	{
		title: "one says yes and does nothing",
		world: () =>
			troubled(SPEC, [{ name: SHARD, replicas: 2 }], (world) => {
				world.at(SHARD, 0).trouble = { kind: "lies" };
			}),
		condition: {
			status: "False",
			reason: "PartiallyProvisioned",
		},
		phase: "Provisioning",
	},
	{
		title: "an instance says no",
		world: () =>
			troubled(SPEC, [{ name: SHARD, replicas: 1 }], (world) => {
				world.at(SHARD, 0).trouble = { kind: "refuses", message: "pool_size must be a number" };
			}),
		condition: {
			status: "False",
			reason: "ProvisioningRefused",
		},
		phase: "Failed",
	},
	{
		title: "the identifier is somebody else's",
		world: () =>
			troubled({ ...SPEC, namespaceId: "acme" }, [{ name: SHARD, replicas: 1 }], (world) => {
				world.at(SHARD, 0).store.put({ name: "acme", config: {}, owner: "other/shop/acme", version: 1 }, "");
			}),
		condition: {
			status: "False",
			reason: "NamespaceIdTaken",
		},
		phase: "Failed",
	},
	{
		title: "its time is over",
		world: () => settled({ ...SPEC, ttl: "1h" }, [{ name: SHARD }], (world) => world.pass(3600)),
		condition: {
			status: "False",
			reason: "Expired",
		},
		phase: "Expired",
	},
	{
		title: "an instance that must let go does not answer",
		world: () =>
			settled(SPEC, [{ name: SHARD }], (world) => {
				world.at(SHARD, 1).trouble = down;
				world.delete();
			}),
		condition: {
			status: "False",
			reason: "Revoking",
		},
		phase: "Terminating",
	},
	{
		title: "credentials in the settings",
		world: () => settled({ ...SPEC, backendConfig: { connection_string: "postgres://me:secret@db/profiles" } }, []),
		condition: {
			status: "False",
			reason: "InlineCredentials",
		},
		phase: "Failed",
	},
	{
		title: "a spec that a newer API server took",
		world: () => settled({ ...SPEC, namespaceId: "" }, []),
		condition: {
			status: "False",
			reason: "InvalidSpec",
		},
		phase: "Failed",
	},
	{
		title: "paused",
		world: () =>
			settled(SPEC, [{ name: SHARD }], (world) => {
				world.annotate({ "prism.io/paused": "true" });
			}),
		condition: {
			type: "Paused",
			status: "True",
			reason: "PausedByAnnotation",
		},
		phase: "Active",
	},
	{
		title: "a selector for more shards than it should match",
		world: () =>
			settled(
				SPEC,
				Array.from({ length: 17 }, (_, index) => ({ name: `prism-${index}` })),
			),
		condition: {
			type: "Warning",
			status: "True",
			reason: "Warnings",
		},
		phase: "Active",
	},
	{
		title: "a shard that drains, and no other",
		world: () =>
			settled(SPEC, [{ name: SHARD }], (world) => {
				world.related = [roster({ name: SHARD, draining: true })];
			}),
		condition: {
			type: "Warning",
			status: "True",
			reason: "Warnings",
		},
		phase: "Active",
	},
	...MORE_PRISM_NAMESPACE_SITUATIONS,
	...UNSEEN_SITUATIONS,
];
