import type { Hold } from "../held-rollouts.ts";
import type { Command, Named } from "./command.ts";

// Rollouts, pods and their images, of workloads of any CRD.

/** A workload whose rollout is not complete, or whose pods are not available. */
export interface WorkloadState {
	readonly about: "workload";
	readonly workload: Named;
	readonly desired: number;
	readonly updated: number;
	/** Ready pods among the updated ones. A lower bound: the count of ready pods is attributed to old pods first. */
	readonly updatedReady: number;
	readonly available: number;
	/** Pods that are not ready, if their names are known. */
	readonly unready?: readonly string[];
}

/** A rollout that a hold stops, and the command that ends the hold. */
export interface Held {
	readonly workload: Named;
	readonly hold: Hold;
	readonly remedy: Command;
}

export interface WorkloadFindings {
	Progressing: /** Children that do not exist yet, or do not have their desired state yet. */
		| { readonly about: "children"; readonly children: readonly Named[] }
		/** The workload does not exist, or does not have its desired state yet. */
		| { readonly about: "sending"; readonly workload: Named }
		/** The workload is being scaled up, and is Ready. */
		| { readonly about: "growing"; readonly workload: Named; readonly desired: number; readonly available: number }
		| WorkloadState;
	ReplicasUnavailable: WorkloadState;
	ProgressDeadlineExceeded: WorkloadState & { readonly remedy: Command };
	ReplicaFailure: {
		readonly workload: Named;
		/** The message of the workload's own controller. */
		readonly words: string | undefined;
		/** Shows the cause if the controller reports none. */
		readonly remedy?: Command;
	};
	RolloutHeld: Held;
	ScaledToZero: unknown;
}

export interface WorkloadWarnings {
	/** The hold affects nothing yet. It will stop the next change. */
	HoldInPlace: Held;
	/** `field`: the field that selects the version, set or not. */
	ImageNotPinned: { readonly field: string; readonly image: string };
	/** An anti-affinity that matches none of the pods with it. */
	IdleAntiAffinity: {
		/** Which pods: a field of the spec, or a component of a stack. */
		readonly of: { readonly field: string } | { readonly component: string };
		readonly noun: "it" | "runner" | "shard";
		readonly selector: string;
		readonly labels: Readonly<Record<string, string>>;
	};
	/** The port of the metrics is also the port of another server. */
	MetricsPortShared: { readonly field: string; readonly other: string; readonly port: number | undefined };
}
