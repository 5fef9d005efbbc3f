import { type Static, Type } from "@sinclair/typebox";
import { Choice, Timestamp, Word } from "./common.ts";
import { PART_CAUSES } from "./findings/prismplugin.ts";
import { Hold } from "./held-rollouts.ts";

// The two halves of a plugin's rollout, each in the status of the object that writes it: the plugin assigns a version to each shard, and
// the shard reports the version that it runs. Neither acts on other fields of the other object.

export const ImageText = (description: string) => Type.String({ description, minLength: 1, maxLength: 512 });
export const VersionText = (description: string) => Type.String({ description, minLength: 1, maxLength: 128 });
const Count = (description: string) => Type.Integer({ description, minimum: 0, format: "int32" });

/** An entry of PrismPlugin.status.shardStates: the version that a shard with this plugin is to run. */
export const ShardState = Type.Object(
	{
		name: Type.String({ description: "Name of the PrismShard.", minLength: 1, maxLength: 253 }),
		version: VersionText("Desired version of the shard."),
		image: ImageText("Image of that version."),
		state: Choice(["Pending", "Updating", "Baking", "Updated", "Failed", "RollingBack", "RolledBack"], {
			description:
				"Pending: runs its previous version until the rollout reaches it. Updating: the new version is being applied. Baking: runs the new version, and is observed for bakeSeconds. Updated: done. Failed: the new version failed there. RollingBack and RolledBack: goes back to, or runs, the last good version.",
		}),
		since: Timestamp({ description: "When the placement entered this state." }),
		cause: Type.Optional(Word(PART_CAUSES, "Why the rollout on the shard failed.")),
		message: Type.Optional(
			Type.String({
				description: "Cause of the failure: the pod and its condition. For people only.",
				maxLength: 1024,
			}),
		),
	},
	{ description: "State of one shard in the rollout." },
);
export type ShardState = Static<typeof ShardState>;

/** An entry of PrismShard.status.plugins: the observed state of one of its plugins. */
export const ShardPlugin = Type.Object(
	{
		name: Type.String({ description: "Name of the plugin.", minLength: 1, maxLength: 63 }),
		deployment: Choice(["sidecar", "in-process", "remote"], { description: "How it is deployed." }),
		pinned: Type.Boolean({
			description: "Whether spec sets a fixed version. The shard then does not follow the PrismPlugin.",
		}),
		version: Type.Optional(VersionText("Version in the pod template.")),
		image: Type.Optional(ImageText("Image in the pod template.")),
		desired: Count("Desired pods."),
		updated: Count("Pods with this version."),
		ready: Count("Ready pods with this version."),
		hold: Type.Optional(
			Type.Object(
				{
					workload: Type.String({ description: "Name of the StatefulSet.", minLength: 1, maxLength: 253 }),
					...Hold.properties,
				},
				{ description: "Why the rollout of the StatefulSet does not continue." },
			),
		),
		unready: Type.Optional(
			Type.String({
				description: "The first pod that is not ready, and its condition, such as prism-playback-2: Ready is False.",
				maxLength: 512,
			}),
		),
	},
	{ description: "Observed state of one plugin of the shard." },
);
export type ShardPlugin = Static<typeof ShardPlugin>;

// ── State that only the plugin reads ─────────────────────────────────────────────────────────────────────────────────

/** A shard's state, with fields that only the rollout uses. */
export const RolloutPart = Type.Object(
	{
		...ShardState.properties,
		unreadySince: Type.Optional(
			Timestamp({ description: "Since when the shard is not ready again, after it was ready at its desired version." }),
		),
		heldSince: Type.Optional(
			Timestamp({ description: "Since when the rollout of the shard's pods is paused. This time does not count." }),
		),
	},
	{ description: "State of one shard in the rollout." },
);
export type RolloutPart = Static<typeof RolloutPart>;

export const PluginRollout = Type.Object(
	{
		generation: Type.Integer({
			description: "The last metadata.generation that requested the rollout.",
			minimum: 0,
			format: "int64",
		}),
		version: VersionText("Version of the rollout."),
		image: ImageText("Image of that version."),
		phase: Choice(["Progressing", "Complete", "RollingBack", "RolledBack", "Stalled"], {
			description:
				"Progressing: rolling out shard by shard. Complete: all shards are updated. RollingBack: a shard failed and is rolling back to the last good version. RolledBack: the shard runs the last good version again, and the other shards do not change. Stalled: a shard failed, and there is no last good version.",
		}),
		startedAt: Timestamp({ description: "Start of the rollout." }),
		finishedAt: Type.Optional(Timestamp({ description: "When the rollout completed, or was rolled back." })),
		failure: Type.Optional(
			Type.String({ description: "The shard that stopped the rollout, and the cause.", maxLength: 1024 }),
		),
	},
	{ description: "The latest rollout." },
);
export type PluginRollout = Static<typeof PluginRollout>;

export const ROLLOUT_OUTCOMES = ["Complete", "RolledBack", "Failed", "Superseded", "Abandoned"] as const;

export const PastRollout = Type.Object(
	{
		version: VersionText("Version of the rollout."),
		startedAt: Timestamp({ description: "Start of the rollout." }),
		finishedAt: Timestamp({ description: "When it ended." }),
		outcome: Choice(ROLLOUT_OUTCOMES, {
			description:
				"Failed: it stalled without a last good version. Superseded: replaced by a newer rollout. Abandoned: no shard was left.",
		}),
		reason: Type.String({ description: "Cause in a sentence.", maxLength: 1200 }),
	},
	{ description: "A finished rollout." },
);
export type PastRollout = Static<typeof PastRollout>;
