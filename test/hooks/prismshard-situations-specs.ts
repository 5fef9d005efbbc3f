import type { KubeObject } from "../../schemas/common.ts";
import { expected, plugin, shard, warning } from "./prismshard-situation.ts";
import {
	delayed,
	heldBack,
	LONG_AGO,
	NOW,
	older,
	paused,
	type Situation,
	somebodys,
	without,
	withoutPods,
} from "./situations.ts";

// What a shard's spec says, and its plugins.

export const PRISM_SHARD_SPEC_SITUATIONS: readonly Situation[] = [
	{
		title: "a plugin that names no version for a new shard",
		parent: shard({ plugins: [{ name: "redis" }] }),
		related: [plugin("redis", 50100)],
		condition: expected("False", "PluginNotReady", "PrismPlugin redis has not set a version for this shard yet"),
		phase: "Pending",
	},
	{
		title: "a plugin that can't be read",
		parent: shard({ plugins: [{ name: "redis", version: "1.0.0" }] }),
		related: [{ ...plugin("redis", 50100), spec: {} }],
		condition: expected(
			"False",
			"PluginNotReady",
			"PrismPlugin redis is invalid: spec.version: expected required property; spec.version: expected string",
		),
		phase: "Pending",
	},
	{
		title: "a plugin that names a version",
		parent: shard({ plugins: [{ name: "redis" }] }),
		related: [
			plugin("redis", 50100, {
				shardStates: [{ name: "it", version: "1.1.0", image: "plugins/redis:1.1.0", state: "Updated", since: NOW }],
			}),
		],
		condition: expected("True", "ShardReady", "3 of 3 pods are ready and answer"),
		phase: "Running",
	},
	{
		title: "two plugins on one port",
		parent: shard({
			plugins: [
				{ name: "mongodb", version: "1.0.0" },
				{ name: "redis", version: "1.0.0" },
			],
		}),
		related: [plugin("mongodb", 50200), plugin("redis", 50200)],
		condition: expected(
			"False",
			"InvalidSpec",
			'spec.plugins "mongodb" and "redis" both serve on port 50200 of the same pod: change healthCheck.grpc.port of one PrismPlugin',
		),
		phase: "Failed",
	},
	{
		title: "a plugin on a port of the proxy",
		parent: shard({ plugins: [{ name: "redis", version: "1.0.0" }] }),
		related: [plugin("redis", 9090)],
		condition: expected(
			"False",
			"InvalidSpec",
			'spec.plugins "redis" serves on port 9090, which is spec.metricsPort of the same pod: change either, or healthCheck.grpc.port of the PrismPlugin',
		),
		phase: "Failed",
	},
	{
		title: "credentials in its configuration",
		parent: shard({ config: { upstream: "redis://:p@redis" } }),
		condition: expected("False", "InlineCredentials", "spec.config.upstream carries credentials: remove them"),
		phase: "Failed",
	},
	{
		title: "its pods are not created",
		parent: {
			...shard(),
			status: delayed({ kind: "StatefulSet", name: "prism-it", cause: "PodsMissing", since: "2025-12-31T23:59:30Z" }),
		},
		observed: withoutPods,
		condition: expected("False", "ReplicaFailure", "StatefulSet prism-it can't create its pods"),
		phase: "Failed",
	},
	{
		title: "its pods are not created for longer than a Deployment's deadline",
		parent: {
			...shard(),
			status: delayed({ kind: "StatefulSet", name: "prism-it", cause: "PodsMissing", since: LONG_AGO }),
		},
		observed: withoutPods,
		condition: {
			type: "Stalled",
			...expected("True", "ReplicaFailure", "StatefulSet prism-it can't create its pods"),
		},
		phase: "Failed",
	},
	{
		title: "a partition holds an update",
		parent: shard(),
		observed: heldBack("StatefulSet", { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } }),
		condition: expected(
			"False",
			"RolloutHeld",
			`StatefulSet prism-it is not rolled out: spec.updateStrategy.rollingUpdate.partition is 1`,
		),
		phase: "Degraded",
	},
	{
		title: "OnDelete holds an update",
		parent: shard(),
		observed: heldBack("StatefulSet", { updateStrategy: { type: "OnDelete" } }),
		condition: expected(
			"False",
			"RolloutHeld",
			`StatefulSet prism-it is not rolled out: spec.updateStrategy.type is OnDelete`,
		),
		phase: "Degraded",
	},
	{
		title: "a roster whose name belongs to somebody else",
		parent: { ...shard(), status: { missing: [{ kind: "PrismRoster", name: "prism-it", since: LONG_AGO }] } },
		observed: without("PrismRoster"),
		related: [somebodys("prism.io/v1alpha1", "PrismRoster", "prism-it")],
		condition: expected(
			"False",
			"NameTaken",
			"PrismRoster prism-it was not created within 30 s: the name is in use by an object that this controller does not own",
		),
		phase: "Failed",
	},
	{
		title: "a PrismRoster that the API server rejects",
		parent: { ...shard(), status: { missing: [{ kind: "PrismRoster", name: "prism-it", since: LONG_AGO }] } },
		observed: without("PrismRoster"),
		condition: expected(
			"False",
			"ChildRefused",
			"PrismRoster prism-it was not created within 30 s: rejected by the API server",
		),
		phase: "Failed",
	},
	{
		title: "paused in the middle",
		parent: shard({}, paused),
		observed: older("StatefulSet"),
		condition: expected(
			"False",
			"PausedByAnnotation",
			"Paused before this was done: StatefulSet prism-it is being created or changed",
		),
		phase: "Pending",
	},
	{
		title: "paused",
		parent: shard({}, paused),
		condition: {
			type: "Paused",
			status: "True",
			reason: "PausedByAnnotation",
			message: "Children stay as they are until the annotation prism.io/paused is removed",
		},
		phase: "Running",
	},
	// ── Warnings ──────────────────────────────────────────────────────────────────────────────────────────────────────
	{
		title: "an image without a version",
		parent: shard({ image: "proxy" }),
		condition: warning("Image proxy has no fixed version: pods that start later may run another one"),
		phase: "Running",
	},
	{
		title: "plugins without a PrismPlugin",
		parent: shard({
			plugins: [{ name: "kafka" }, { name: "redis", version: "2.0.0" }, { name: "search", deployment: "remote" }],
		}),
		condition: warning(
			'spec.plugins "kafka" has no PrismPlugin kafka in this namespace: image ghcr.io/prism/plugins/kafka-plugin:v1.0.0 is used; spec.plugins "redis" has no PrismPlugin redis in this namespace: image ghcr.io/prism/plugins/redis-plugin:2.0.0 is used; spec.plugins "search" is remote, and there is no PrismPlugin search: nothing serves it',
		),
		phase: "Running",
	},
	{
		title: "a remote plugin whose PrismPlugin is no remote one",
		parent: shard({ plugins: [{ name: "search", deployment: "remote" }] }),
		related: [plugin("search", 50100)],
		condition: warning('spec.plugins "search" is remote, but PrismPlugin search has type sidecar: nothing serves it'),
		phase: "Running",
	},
	{
		title: "volumes of another size",
		parent: shard({ storage: { size: "20Gi" } }),
		observed: (children) =>
			children.map((child): KubeObject => {
				const text = JSON.stringify(child).replaceAll('"storage":"20Gi"', '"storage":"10Gi"');
				return child.kind === "StatefulSet" ? (JSON.parse(text) as KubeObject) : child;
			}),
		condition: warning("spec.storage.size is 20Gi, but the StatefulSet was made with volumes of 10Gi, and keeps them"),
		phase: "Running",
	},
	// ── Deletion ──────────────────────────────────────────────────────────────────────────────────────────────────────
];
