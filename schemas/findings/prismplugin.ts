import type { Command } from "./command.ts";

// What may be found of a plugin and its rollout.

/** Where a plugin runs: a shard, or the Deployment of the remote form. */
export interface Where {
	readonly kind: "shard" | "Deployment";
	readonly name: string;
}

/** What keeps a place from being as it should be. */
export type Plight =
	| { readonly about: "silence" }
	/** `unready`: a pod that is not ready and its condition, in the shard's words. */
	| { readonly about: "pods"; readonly ready: number; readonly desired: number; readonly unready?: string }
	/** Absent: it runs none. */
	| { readonly about: "version"; readonly runs?: string; readonly unready?: string };

/** Why a version failed at a place, as `status.shardStates[].cause` says. */
export const PART_CAUSES = ["DeadlineExceeded", "ReadinessLost", "Superseded"] as const;
export type PartCause = (typeof PART_CAUSES)[number];

/** How a version failed at a place. */
export interface PartFailure {
	readonly cause: PartCause;
	readonly version: string;
	/** Within which it was to become ready. */
	readonly seconds: number;
	readonly plight: Plight;
}

/** Places of one version and one state. */
export interface Standing {
	readonly state: "Updated" | "Baking" | "Updating" | "Failed" | "RollingBack" | "RolledBack" | "Pending";
	readonly version: string;
	readonly places: readonly string[];
}

/** How a rollout that did not go well stands. */
interface Failed {
	readonly version: string;
	/** What stopped it, as status has it. */
	readonly failure: string | undefined;
	readonly standings: readonly Standing[];
	/** Places that have nothing to run yet. */
	readonly waiting: readonly string[];
}

interface UnsettledPlace {
	readonly about: "place";
	readonly place: Where;
	readonly plight: Plight;
	readonly others: number;
}

/** Why a rollout ended, as the history tells. */
export type PastReason =
	| { readonly outcome: "Complete"; readonly places: number }
	| { readonly outcome: "RolledBack"; readonly failure: string | undefined }
	| { readonly outcome: "Failed" | "Superseded"; readonly failure: string | undefined; readonly version: string }
	| { readonly outcome: "Abandoned" };

export interface PluginFindings {
	PluginInUse: { readonly shards: readonly string[] };
	NotFollowed: { readonly pinned: readonly string[] };
	PluginReady: { readonly version: string; readonly shards: number; readonly pinned: readonly string[] };
	RolloutStalled: Failed & { readonly remedy: Command };
	RolledBack: Failed;
	RollbackFailed: Failed & {
		readonly remedy: Command;
		readonly late: { readonly place: Where; readonly version: string; readonly seconds: number };
	};
	RollingBack: Failed;
	Progressing:
		| {
				readonly about: "rollout";
				readonly version: string | undefined;
				readonly standings: readonly Standing[];
				readonly waiting: readonly string[];
				readonly first?: { readonly place: Where; readonly plight: Plight };
		  }
		| UnsettledPlace;
	ReplicasUnavailable: UnsettledPlace;
}

export interface PluginWarnings {
	DifferentTag: { readonly tag: string; readonly version: string };
	StrangeCanary: { readonly canary: string };
	RemoteNotServed: { readonly shards: readonly string[] };
	TooManyFollowers: { readonly most: number };
}
