import type { KubeObject } from "../../schemas/common.ts";
import type { PluginRollout, RolloutPart } from "../../schemas/pluginrollout.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { REMOTE_PLUGIN_SITUATIONS } from "./prismplugin-remote-situations.ts";
import { LONG_AGO, object, paused, type Situation } from "./situations.ts";

const spec = { version: "2.0.0" };
const image = (version: string) => `ghcr.io/prism/plugins/it-plugin:${version}`;

type Pods = readonly [ready: number, desired: number];

/** A shard that follows the plugin, or is pinned, with so many of its pods ready at a version. */
const shard = (name: string, version?: string, [ready, desired]: Pods = [1, 1], pin?: string): KubeObject => ({
	apiVersion: API_VERSION,
	kind: "PrismShard",
	metadata: { name, namespace: "prism", generation: 1 },
	spec: { plugins: [{ name: "it", ...(pin !== undefined && { version: pin }) }] },
	status: {
		observedGeneration: 1,
		plugins: [
			{
				name: "it",
				deployment: "sidecar",
				pinned: pin !== undefined,
				...(version !== undefined && { version, image: image(version) }),
				desired,
				updated: desired,
				ready,
				...(ready < desired && { unready: `prism-${name}-0: Ready is False` }),
			},
		],
	},
});

const part = (name: string, state: RolloutPart["state"], version: string, message?: string): RolloutPart => ({
	name,
	state,
	version,
	image: image(version),
	since: state === "RollingBack" ? "2025-12-31T23:59:50Z" : LONG_AGO,
	...(message !== undefined && { message }),
});

const rollout = (phase: PluginRollout["phase"], failure?: string): PluginRollout => ({
	generation: 1,
	version: "2.0.0",
	image: image("2.0.0"),
	phase,
	startedAt: LONG_AGO,
	...((phase === "Complete" || phase === "RolledBack") && { finishedAt: LONG_AGO }),
	...(failure !== undefined && { failure }),
});

const good = (version: string) => ({ lastGoodVersion: version, lastGoodImage: image(version) });

const plugin = (
	status: unknown,
	metadata: Partial<KubeObject["metadata"]> = {},
	wanted: object = spec,
): KubeObject => ({
	...object("PrismPlugin", wanted, metadata),
	status,
});

const why = "Did not become ready at 2.0.0 within 600 s: 0 of 1 pods are ready: prism-b-0: Ready is False";
const failure = `PrismShard b ${why.replace("Did", "did")}`;
const complete = { rollout: rollout("Complete"), ...good("2.0.0"), shardStates: [part("a", "Updated", "2.0.0")] };

export const PRISM_PLUGIN_SITUATIONS: readonly Situation[] = [
	{
		title: "everywhere ready",
		parent: plugin(complete),
		related: [shard("a", "2.0.0"), shard("p", "0.9.0", [1, 1], "0.9.0")],
		condition: {
			status: "True",
			reason: "PluginReady",
			message: "Version 2.0.0 is ready for 1 shard; pinned to a version of their own: p",
		},
		phase: "Running",
	},
	{
		title: "nobody uses it",
		parent: object("PrismPlugin", spec),
		condition: {
			status: "True",
			reason: "NotFollowed",
			message: "No shard follows the plugin: there is nothing to roll out",
		},
		phase: "Idle",
	},
	{
		title: "just created, with two shards",
		parent: object("PrismPlugin", spec),
		related: [shard("b"), shard("a")],
		condition: {
			status: "False",
			reason: "Progressing",
			message:
				"Version 2.0.0 is being rolled out: updating to 2.0.0: a; waiting for a first version: b. PrismShard a: it does not run the plugin yet",
		},
		phase: "RollingOut",
	},
	{
		title: "a shard that goes back",
		parent: plugin({
			rollout: rollout("RollingBack", failure),
			...good("1.0.0"),
			shardStates: [
				part("a", "Updated", "2.0.0"),
				part("b", "RollingBack", "1.0.0", why),
				part("c", "Pending", "1.0.0"),
			],
		}),
		related: [shard("a", "2.0.0"), shard("b", "2.0.0", [0, 1]), shard("c", "1.0.0")],
		condition: {
			status: "False",
			reason: "RollingBack",
			message: `Version 2.0.0 failed: ${failure}; updated to 2.0.0: a; rolling back to 1.0.0: b; still at 1.0.0: c`,
		},
		phase: "RollingBack",
	},
	{
		title: "a shard that is back",
		parent: plugin({
			rollout: rollout("RolledBack", failure),
			...good("1.0.0"),
			shardStates: [
				part("a", "Updated", "2.0.0"),
				part("b", "RolledBack", "1.0.0", why),
				part("c", "Pending", "1.0.0"),
			],
		}),
		related: [shard("a", "2.0.0"), shard("b", "1.0.0"), shard("c", "1.0.0")],
		condition: {
			type: "Stalled",
			status: "True",
			reason: "RolledBack",
			message: `Version 2.0.0 failed, and was rolled back: ${failure}; updated to 2.0.0: a; rolled back to 1.0.0: b; still at 1.0.0: c. Set spec.version to another version`,
		},
		phase: "RolledBack",
	},
	{
		title: "a shard that can't go back either",
		parent: plugin({
			rollout: rollout("RollingBack", failure),
			...good("1.0.0"),
			shardStates: [{ ...part("b", "RollingBack", "1.0.0", why), since: LONG_AGO }],
		}),
		related: [shard("b", "1.0.0", [0, 1])],
		condition: {
			type: "Stalled",
			status: "True",
			reason: "RollbackFailed",
			message: `Version 2.0.0 failed: ${failure}; PrismShard b did not become ready at 1.0.0 either within 600 s; rolling back to 1.0.0: b`,
		},
		phase: "Failed",
	},
	{
		title: "a shard that fails at the first version that there is",
		parent: plugin({ rollout: rollout("Progressing"), shardStates: [part("b", "Updating", "2.0.0")] }),
		related: [shard("b", "2.0.0", [0, 1]), shard("c")],
		condition: {
			type: "Stalled",
			status: "True",
			reason: "RolloutStalled",
			message: `Version 2.0.0 failed without an earlier version: ${failure}; failed at 2.0.0: b; waiting for a first version: c`,
		},
		phase: "Failed",
	},
	{
		title: "a shard that is no longer ready",
		parent: plugin({ ...complete, shardStates: [part("a", "Updated", "2.0.0"), part("b", "Updated", "2.0.0")] }),
		related: [shard("a", "2.0.0"), shard("b", "2.0.0", [2, 3])],
		condition: {
			status: "False",
			reason: "ReplicasUnavailable",
			message: "PrismShard b: 2 of 3 pods are ready: prism-b-0: Ready is False",
		},
		phase: "Degraded",
	},
	{
		title: "a shard that joined",
		parent: plugin(complete),
		related: [shard("a", "2.0.0"), shard("b")],
		condition: { status: "False", reason: "Progressing", message: "PrismShard b: it does not run the plugin yet" },
		phase: "Pending",
	},
	{
		title: "a spec that the schema refuses",
		parent: object("PrismPlugin", { version: 2 }),
		condition: { status: "False", reason: "InvalidSpec", message: "spec.version: expected string, got 2" },
		phase: "Failed",
	},
	{
		title: "deleted while shards use it",
		parent: plugin(complete, { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["f"] }),
		related: [shard("a", "2.0.0"), shard("p", "0.9.0", [1, 1], "0.9.0")],
		condition: {
			type: "Stalled",
			status: "True",
			reason: "PluginInUse",
			message: "In use by shards: a, p. Remove the plugin from their spec.plugins first",
		},
		phase: "Deleting",
	},
	{
		title: "paused in the middle",
		parent: plugin(
			{ rollout: rollout("Progressing"), ...good("1.0.0"), shardStates: [part("a", "Updating", "2.0.0")] },
			paused,
		),
		related: [shard("a", "2.0.0", [0, 1])],
		condition: {
			type: "Reconciling",
			status: "True",
			reason: "PausedByAnnotation",
			message:
				"Paused before this was done: Version 2.0.0 is being rolled out: updating to 2.0.0: a. PrismShard a: 0 of 1 pods are ready: prism-a-0: Ready is False",
		},
		phase: "RollingOut",
	},
	{
		title: "an image with another tag, and a canary that does not follow",
		parent: plugin(complete, {}, { ...spec, source: { image: "it:1.9" }, rollout: { canary: "z" } }),
		related: [shard("a", "2.0.0")],
		condition: {
			type: "Warning",
			status: "True",
			reason: "Warnings",
			message:
				"spec.rollout.canary is z, which does not follow the plugin: the first by name goes first; spec.source.image has the tag 1.9, which is not spec.version 2.0.0: leave the tag out, or make them equal",
		},
		phase: "RollingOut",
	},
	{
		title: "a shard that calls what nothing serves",
		parent: object("PrismPlugin", spec),
		related: [{ ...shard("a"), spec: { plugins: [{ name: "it", deployment: "remote" }] } }],
		condition: {
			type: "Warning",
			status: "True",
			reason: "Warnings",
			message: "Shards use the remote form, which nothing serves unless spec.deployment.type is remote: a",
		},
		phase: "Idle",
	},
	{
		title: "paused before it began",
		parent: plugin(undefined, paused),
		related: [shard("a")],
		condition: {
			status: "False",
			reason: "PausedByAnnotation",
			message: "Paused before this was done: A version is being rolled out: waiting for a first version: a",
		},
		phase: "RollingOut",
	},
	{
		title: "back, of its own accord, and nothing good is known",
		parent: plugin({ rollout: rollout("RolledBack"), shardStates: [part("a", "RolledBack", "1.0.0")] }),
		related: [shard("a", "1.0.0")],
		condition: {
			status: "False",
			reason: "RolledBack",
			message:
				"Version 2.0.0 failed, and was rolled back: a shard did not become ready; rolled back to 1.0.0: a. Set spec.version to another version",
		},
		phase: "RolledBack",
	},
	{
		title: "two shards that are no longer ready, and one that is",
		parent: plugin({
			...complete,
			shardStates: ["a", "b", "c"].map((name) => part(name, "Updated", "2.0.0")),
		}),
		related: [shard("a", "2.0.0"), shard("b", "2.0.0", [2, 3]), shard("c")],
		condition: {
			status: "False",
			reason: "ReplicasUnavailable",
			message: "PrismShard b: 2 of 3 pods are ready: prism-b-0: Ready is False; and 1 more",
		},
		phase: "Degraded",
	},
	{
		title: "at two versions, of which one shard has fallen",
		parent: plugin({
			rollout: rollout("Progressing"),
			...good("1.0.0"),
			shardStates: [
				part("a", "Updated", "2.0.0"),
				{ ...part("b", "Updated", "2.0.0"), unreadySince: "2025-12-31T23:59:00Z" },
				part("c", "Pending", "0.9.0"),
				part("d", "Pending", "1.0.0"),
			],
		}),
		related: [shard("a", "2.0.0"), shard("b", "2.0.0", [0, 1]), shard("c", "0.9.0", [0, 1]), shard("d", "1.0.0")],
		condition: {
			status: "False",
			reason: "Progressing",
			message:
				"Version 2.0.0 is being rolled out: updated to 2.0.0: a, b; still at 0.9.0: c; still at 1.0.0: d. PrismShard b: 0 of 1 pods are ready: prism-b-0: Ready is False",
		},
		phase: "RollingOut",
	},
	...REMOTE_PLUGIN_SITUATIONS,
];
