import type { Command } from "./command.ts";

// Findings about a plugin and its rollout.

/** Where a plugin runs: a shard, or the Deployment of a remote plugin. */
export interface Where {
	readonly kind: "shard" | "Deployment";
	readonly name: string;
}

/** Why a target does not have the desired version. */
export type Plight =
	| { readonly about: "silence" }
	/** `unready`: a pod that is not ready and its condition, in the shard's words. */
	| { readonly about: "pods"; readonly ready: number; readonly desired: number; readonly unready?: string }
	/** Absent: no version runs. */
	| { readonly about: "version"; readonly runs?: string; readonly unready?: string };

/** Why a version failed on a target: `status.shardStates[].cause`. */
export const PART_CAUSES = ["DeadlineExceeded", "ReadinessLost", "Superseded"] as const;
export type PartCause = (typeof PART_CAUSES)[number];

/** How a version failed on a target. */
export interface PartFailure {
	readonly cause: PartCause;
	readonly version: string;
	/** The time limit for becoming ready. */
	readonly seconds: number;
	readonly plight: Plight;
}

/** Targets with the same version and state. */
export interface Standing {
	readonly state: "Updated" | "Baking" | "Updating" | "Failed" | "RollingBack" | "RolledBack" | "Pending";
	readonly version: string;
	readonly places: readonly string[];
}

/** The state of a rollout that failed. */
interface Failed {
	readonly version: string;
	/** The failure that stopped the rollout, from status. */
	readonly failure: string | undefined;
	readonly standings: readonly Standing[];
	/** Targets that have no version to run yet. */
	readonly waiting: readonly string[];
}

interface UnsettledPlace {
	readonly about: "place";
	readonly place: Where;
	readonly plight: Plight;
	readonly others: number;
}

/** Why a rollout ended, from its history. */
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
