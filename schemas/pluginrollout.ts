import { type Static, Type } from "@sinclair/typebox";
import { Choice, Timestamp } from "./common.ts";

// The two halves of a plugin's rollout, each in the status of the kind that writes it: the plugin names a version for each
// shard, and the shard tells what it runs. Neither acts on anything else of the other.

export const ImageText = (description: string) => Type.String({ description, minLength: 1, maxLength: 512 });
export const VersionText = (description: string) => Type.String({ description, minLength: 1, maxLength: 128 });
const Count = (description: string) => Type.Integer({ description, minimum: 0, format: "int32" });

/** An entry of PrismPlugin.status.shardStates: what a shard that follows the plugin is to run. */
export const ShardState = Type.Object(
	{
		name: Type.String({ description: "Name of the PrismShard.", minLength: 1, maxLength: 253 }),
		version: VersionText("Version that the shard is to run."),
		image: ImageText("Image of that version."),
		state: Choice(["Pending", "Updating", "Baking", "Updated", "Failed", "RollingBack", "RolledBack"], {
			description:
				"Pending: waits for its turn, at the version it had. Updating: was told the new one. Baking: runs it, and is watched for a while. Updated: done. Failed: the new version failed there. RollingBack and RolledBack: is told, or runs, the last good version again.",
		}),
		since: Timestamp({ description: "When it came into this state." }),
		message: Type.Optional(
			Type.String({ description: "Why it failed: which pod, and which of its conditions.", maxLength: 1024 }),
		),
	},
	{ description: "One shard's part in the rollout." },
);
export type ShardState = Static<typeof ShardState>;

/** An entry of PrismShard.status.plugins: what was observed of one of its plugins. */
export const ShardPlugin = Type.Object(
	{
		name: Type.String({ description: "Name of the plugin.", minLength: 1, maxLength: 63 }),
		deployment: Choice(["sidecar", "in-process", "remote"], { description: "How it is deployed." }),
		pinned: Type.Boolean({
			description: "Whether spec names its version, so that it does not follow the PrismPlugin.",
		}),
		version: Type.Optional(VersionText("Version that the pods are specified with.")),
		image: Type.Optional(ImageText("Image that the pods are specified with.")),
		desired: Count("Pods that there should be."),
		updated: Count("Pods that are specified with this version."),
		ready: Count("Those of them that are ready."),
		unready: Type.Optional(
			Type.String({
				description: "The first pod that is not ready, and its condition: prism-playback-2: Ready is False.",
				maxLength: 512,
			}),
		),
	},
	{ description: "One plugin of the shard, as it was observed." },
);
export type ShardPlugin = Static<typeof ShardPlugin>;

// ── What the plugin keeps for itself ────────────────────────────────────────────────────────────────────────────────

/** A shard's state with what only the rollout itself needs to know of it. */
export const RolloutPart = Type.Object(
	{
		...ShardState.properties,
		unreadySince: Type.Optional(
			Timestamp({ description: "Since when it is not ready although it was, at the version that it is told." }),
		),
	},
	{ description: "One shard's part in the rollout." },
);
export type RolloutPart = Static<typeof RolloutPart>;

export const PluginRollout = Type.Object(
	{
		generation: Type.Integer({
			description: "The metadata.generation that asked for it last.",
			minimum: 0,
			format: "int64",
		}),
		version: VersionText("Version that is rolled out."),
		image: ImageText("Image of that version."),
		phase: Choice(["Progressing", "Complete", "RollingBack", "RolledBack", "Stalled"], {
			description:
				"Progressing: goes from shard to shard. Complete: all have it. RollingBack: failed on a shard, which goes back to the last good version. RolledBack: that shard is back, the others stay as they are. Stalled: failed on a shard, and there is no last good version.",
		}),
		startedAt: Timestamp({ description: "When it began." }),
		finishedAt: Type.Optional(Timestamp({ description: "When it was complete, or rolled back." })),
		failure: Type.Optional(Type.String({ description: "What stopped it: which shard, and why.", maxLength: 1024 })),
	},
	{ description: "The last rollout that began." },
);
export type PluginRollout = Static<typeof PluginRollout>;

export const ROLLOUT_OUTCOMES = ["Complete", "RolledBack", "Failed", "Superseded", "Abandoned"] as const;

export const PastRollout = Type.Object(
	{
		version: VersionText("Version that was rolled out."),
		startedAt: Timestamp({ description: "When it began." }),
		finishedAt: Timestamp({ description: "When it ended." }),
		outcome: Choice(ROLLOUT_OUTCOMES, {
			description:
				"Failed: it stalled, with no version to go back to. Superseded: another one was asked for meanwhile. Abandoned: no shard was left.",
		}),
		reason: Type.String({ description: "The same in a sentence.", maxLength: 1200 }),
	},
	{ description: "A rollout that ended." },
);
export type PastRollout = Static<typeof PastRollout>;
