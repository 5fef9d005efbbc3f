import type { Command, Named } from "./command.ts";

// The volumes for which the pods of a workload wait.

/** Why a claim has no volume. */
export type ClaimTrouble =
	| { readonly about: "missing" | "lost" | "noDefaultClass" | "noClass" }
	| { readonly about: "unknownClass" | "notProvisioned"; readonly class: string }
	| { readonly about: "terminating"; readonly since: string; readonly finalizers: readonly string[] };

/** A claim of a workload's pods. */
export interface HeldVolume {
	readonly workload: Named;
	readonly claim: string;
	readonly trouble: ClaimTrouble;
	readonly remedy: Command;
}

export interface VolumeFindings {
	/** A pod waits for its volume. */
	VolumeUnavailable: HeldVolume;
}

export interface VolumeWarnings {
	/** The volume of a pod other than the Ready ones, which have or had theirs. */
	VolumeUnavailable: HeldVolume;
}
