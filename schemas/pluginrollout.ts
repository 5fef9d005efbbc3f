import { type Static, Type } from "@sinclair/typebox";
import { Choice, Timestamp } from "./common.ts";

// The two halves of a plugin's rollout, each in the status of the kind that writes it: the plugin names a version for each
// shard, and the shard tells what it runs. Neither acts on anything else of the other.

const Image = (description: string) => Type.String({ description, minLength: 1, maxLength: 512 });
const Version = (description: string) => Type.String({ description, minLength: 1, maxLength: 128 });
const Count = (description: string) => Type.Integer({ description, minimum: 0, format: "int32" });

/** An entry of PrismPlugin.status.shardStates: what a shard that follows the plugin is to run. */
export const ShardState = Type.Object(
	{
		name: Type.String({ description: "Name of the PrismShard.", minLength: 1, maxLength: 253 }),
		version: Version("Version that the shard is to run."),
		image: Image("Image of that version."),
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
		pinned: Type.Boolean({ description: "Whether spec names its version, so that it does not follow the PrismPlugin." }),
		version: Type.Optional(Version("Version that the pods are specified with.")),
		image: Type.Optional(Image("Image that the pods are specified with.")),
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
