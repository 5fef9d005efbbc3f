import { NamespaceWorld, roster } from "./namespace-world.ts";
import { down, type NamespaceSituation, SHARD, SPEC, settled, troubled } from "./prismnamespace-situation.ts";
import { MORE_PRISM_NAMESPACE_SITUATIONS } from "./prismnamespace-situations-places.ts";
import { UNSEEN_SITUATIONS } from "./prismnamespace-situations-unseen.ts";

// One situation for every reason that a namespace's hook can give, with the exact message.

export const PRISM_NAMESPACE_SITUATIONS: readonly NamespaceSituation[] = [
	{
		title: "on all instances",
		world: () => settled(SPEC, [{ name: SHARD }]),
		condition: {
			status: "True",
			reason: "NamespaceReady",
			message: "2 of 2 ready instances of playback have the namespace",
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
			message: "The instances have the namespace",
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
			message: "The limits are applied on the instances; none reports whether it enforces them",
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
			message: "Accepted by dev-proxy-0 of dev-proxy, and can't be verified",
		},
		phase: "Active",
	},
	{
		title: "written ahead, not called yet",
		world: () => {
			const world = new NamespaceWorld(SPEC);
			world.rosters = [roster({ name: SHARD })];
			world.sync();
			return world;
		},
		condition: {
			status: "False",
			reason: "Progressing",
			message: "Being provisioned on playback: 0 of 2 instances have the namespace",
		},
		phase: "Provisioning",
	},
	{
		title: "no shard",
		world: () => settled({ ...SPEC, shard: { product: "video", slaTier: "p99_10ms" } }, []),
		condition: {
			status: "False",
			reason: "NoMatchingShard",
			message:
				"No PrismShard in namespace team serves backend postgres with product=video, slaTier=p99_10ms and allows namespace team",
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
			message: "No PrismShard in namespace theirs serves backend postgres and allows namespace team",
		},
		phase: "Pending",
	},
	{
		title: "more than a shard takes from other namespaces",
		world: () => {
			const world = settled({ ...SPEC, shard: { namespace: "theirs" }, quotas: { maxKeys: 11 } }, []);
			const shared = roster({ name: SHARD, namespace: "theirs", allowed: { from: "All", ceilings: { maxKeys: 10 } } });
			const { metadata } = shared;
			world.rosters = [{ ...shared, metadata: { ...metadata, labels: { ...metadata.labels, shard: "playback" } } }];
			world.sync();
			return world;
		},
		condition: {
			status: "False",
			reason: "NotPermitted",
			message:
				"PrismShard playback in namespace theirs does not allow these values in other namespaces: spec.quotas.maxKeys 11 (at most 10)",
		},
		phase: "Failed",
	},
	{
		title: "no proxies",
		world: () => settled({ proxyRef: { name: "dev", namespace: "theirs" } }, []),
		condition: {
			status: "False",
			reason: "NoMatchingProxy",
			message:
				"spec.proxyRef names dev in namespace theirs: there are no such proxies, or their PrismStack does not allow namespace team",
		},
		phase: "Pending",
	},
	{
		title: "every shard is full",
		world: () => settled(SPEC, [{ name: SHARD, accepting: false }]),
		condition: {
			status: "False",
			reason: "NotAccepting",
			message:
				"Every shard that matches is full, draining, of weight 0, or set to accept no new namespaces: add one, or widen spec.shard",
		},
		phase: "Pending",
	},
	{
		title: "no instance is ready",
		world: () => settled(SPEC, [{ name: SHARD, unready: [0, 1] }]),
		condition: { status: "False", reason: "InstancesNotReady", message: "No instance of playback is ready" },
		phase: "Pending",
	},
	{
		title: "its control plane answers, and no proxy is ready",
		world: () =>
			settled({ ...SPEC, shard: undefined, proxyRef: { name: "shop-proxy" } }, [
				{ name: "shop-proxy", controlPlane: true, unready: [0, 1] },
			]),
		condition: { status: "False", reason: "InstancesNotReady", message: "No instance of shop-proxy is ready" },
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
			message: "Instances unreachable: prism-playback-0: does not answer",
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
			message: "2 of 3 instances have the namespace; prism-playback-2: does not answer",
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
			message: "1 of 2 instances have the namespace; prism-playback-0: accepted the namespace, and does not list it",
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
			message: "Rejected by instances: prism-playback-0: pool_size must be a number",
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
			message: 'Identifier "acme" is in use on prism-playback-0 by another owner, or was created by hand',
		},
		phase: "Failed",
	},
	{
		title: "its time is over",
		world: () => settled({ ...SPEC, ttl: "1h" }, [{ name: SHARD }], (world) => world.pass(3600)),
		condition: {
			status: "False",
			reason: "Expired",
			message:
				"spec.ttl expired at 2026-01-01T01:00:00Z: the namespace is being revoked from playback. Raise spec.ttl, or delete the object",
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
			message: "Not yet revoked from prism-playback-1 (does not answer)",
		},
		phase: "Terminating",
	},
	{
		title: "credentials in the settings",
		world: () => settled({ ...SPEC, backendConfig: { connection_string: "postgres://me:secret@db/profiles" } }, []),
		condition: {
			status: "False",
			reason: "InlineCredentials",
			message:
				"spec.backendConfig.connection_string carries credentials: leave them out, and name a Secret in the BackendConfig",
		},
		phase: "Failed",
	},
	{
		title: "a spec that a newer API server took",
		world: () => settled({ ...SPEC, namespaceId: "" }, []),
		condition: {
			status: "False",
			reason: "InvalidSpec",
			message:
				'spec.namespaceId: expected string length greater or equal to 1, got ""; spec.namespaceId: expected string to match \'^[a-zA-Z0-9]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?$\', got ""',
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
			message: "Nothing is pushed to the proxies until the annotation prism.io/paused is removed",
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
			message:
				"spec.shard matches 17 shards, more than the 16 that a selector should: name product, feature or slaTier",
		},
		phase: "Active",
	},
	{
		title: "a shard that drains, and no other",
		world: () =>
			settled(SPEC, [{ name: SHARD }], (world) => {
				world.rosters = [roster({ name: SHARD, draining: true })];
			}),
		condition: {
			type: "Warning",
			status: "True",
			reason: "Warnings",
			message: "PrismShard playback is draining, and no other shard matches: the namespace stays where it is",
		},
		phase: "Active",
	},
	...MORE_PRISM_NAMESPACE_SITUATIONS,
	...UNSEEN_SITUATIONS,
];
