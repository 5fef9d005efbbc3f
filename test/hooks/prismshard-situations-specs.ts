import type { KubeObject } from "../../schemas/common.ts";
import { plugin, shard } from "./prismshard-situation.ts";
import {
	delayed,
	expected,
	heldBack,
	LONG_AGO,
	NOW,
	older,
	paused,
	type Situation,
	somebodys,
	WARNED,
	without,
	withoutPods,
} from "./situations.ts";

// What a shard's spec says, and its plugins.

export const PRISM_SHARD_SPEC_SITUATIONS: readonly Situation[] = [
	{
		title: "a plugin that names no version for a new shard",
		parent: shard({ plugins: [{ name: "redis" }] }),
		related: [plugin("redis", 50100)],
		condition: expected("False", "PluginNotReady"),
		phase: "Pending",
	},
	{
		title: "a plugin that can't be read",
		parent: shard({ plugins: [{ name: "redis", version: "1.0.0" }] }),
		related: [{ ...plugin("redis", 50100), spec: {} }],
		condition: expected("False", "PluginNotReady"),
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
		condition: expected("True", "ShardReady"),
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
		condition: expected("False", "InvalidSpec"),
		phase: "Failed",
	},
	{
		title: "a plugin on a port of the proxy",
		parent: shard({ plugins: [{ name: "redis", version: "1.0.0" }] }),
		related: [plugin("redis", 9090)],
		condition: expected("False", "InvalidSpec"),
		phase: "Failed",
	},
	{
		title: "credentials in its configuration",
		parent: shard({ config: { upstream: "redis://:p@redis" } }),
		condition: expected("False", "InlineCredentials"),
		phase: "Failed",
	},
	{
		title: "its pods are not created",
		parent: {
			...shard(),
			status: delayed({ kind: "StatefulSet", name: "prism-it", cause: "PodsMissing", since: "2025-12-31T23:59:30Z" }),
		},
		observed: withoutPods,
		condition: expected("False", "ReplicaFailure"),
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
			...expected("True", "ReplicaFailure"),
		},
		phase: "Failed",
	},
	{
		title: "a partition holds an update",
		parent: shard(),
		observed: heldBack("StatefulSet", { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } }),
		condition: expected("False", "RolloutHeld"),
		phase: "Degraded",
	},
	{
		title: "OnDelete holds an update",
		parent: shard(),
		observed: heldBack("StatefulSet", { updateStrategy: { type: "OnDelete" } }),
		condition: expected("False", "RolloutHeld"),
		phase: "Degraded",
	},
	{
		title: "a roster whose name belongs to somebody else",
		parent: { ...shard(), status: { missing: [{ kind: "PrismRoster", name: "prism-it", since: LONG_AGO }] } },
		observed: without("PrismRoster"),
		related: [somebodys("prism.io/v1alpha1", "PrismRoster", "prism-it")],
		condition: expected("False", "NameTaken"),
		phase: "Failed",
	},
	{
		title: "a PrismRoster that the API server rejects",
		parent: { ...shard(), status: { missing: [{ kind: "PrismRoster", name: "prism-it", since: LONG_AGO }] } },
		observed: without("PrismRoster"),
		condition: expected("False", "ChildRefused"),
		phase: "Failed",
	},
	{
		title: "paused in the middle",
		parent: shard({}, paused),
		observed: older("StatefulSet"),
		condition: expected("False", "PausedByAnnotation"),
		phase: "Pending",
	},
	{
		title: "paused",
		parent: shard({}, paused),
		condition: {
			type: "Paused",
			status: "True",
			reason: "PausedByAnnotation",
		},
		phase: "Running",
	},
	// ── Warnings ──────────────────────────────────────────────────────────────────────────────────────────────────────
	{
		title: "an image without a version",
		parent: shard({ image: "proxy" }),
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "plugins without a PrismPlugin",
		parent: shard({
			plugins: [{ name: "kafka" }, { name: "redis", version: "2.0.0" }, { name: "search", deployment: "remote" }],
		}),
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "a remote plugin whose PrismPlugin is no remote one",
		parent: shard({ plugins: [{ name: "search", deployment: "remote" }] }),
		related: [plugin("search", 50100)],
		condition: WARNED,
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
		condition: WARNED,
		phase: "Running",
	},
	// ── Deletion ──────────────────────────────────────────────────────────────────────────────────────────────────────
];
