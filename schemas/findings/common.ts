import type { Hold } from "../holds.ts";
import type { Command, Named } from "./command.ts";
import type { Finding, Warning } from "./finding.ts";

// What may be found of any kind.

/** A workload whose rollout is not complete, or whose pods are not available. */
export interface WorkloadState {
	readonly about: "workload";
	readonly workload: Named;
	readonly desired: number;
	readonly updated: number;
	/** Of those that are updated, as far as is known: old pods count as ready first. */
	readonly updatedReady: number;
	readonly available: number;
	/** Pods that are not ready, where they are known by name. */
	readonly unready?: readonly string[];
}

/** What is wrong with one field of a spec. */
export interface FieldProblem {
	/** Such as "spec.patterns[0].port". */
	readonly field: string;
	readonly expected:
		| { readonly oneOf: readonly string[] }
		| { readonly quantity: true }
		/** A quantity above zero. */
		| { readonly positive: true }
		/** A quantity that is a number with a fraction. */
		| { readonly quoted: true }
		/** A quantity beyond what the API server stores as it is written. */
		| { readonly quantityAtMost: string }
		/** An integer that no program would read as it is written. */
		| { readonly exact: true }
		/** A key that is lost where objects are copied. */
		| { readonly otherKey: true }
		/** Key of a label, annotation or node label. */
		| { readonly key: "label" | "annotation" }
		/** Name of a resource; `names`: those that need no domain. */
		| { readonly resource: "name"; readonly names: readonly string[] }
		/** A resource that is not shared: a whole amount, and as much as the limit. */
		| { readonly resource: "whole" | "asLimit" }
		/** Values beside an operator of a requirement. */
		| { readonly operator: string; readonly values: "none" | "some" | "one" }
		/** A field that goes with a value of another one. */
		| { readonly goesWith: string }
		/** Levels that a spec may nest. */
		| { readonly levels: number }
		/** In the words of the schema's own checker. */
		| { readonly words: string };
	/** What is there; absent where it might be a secret. */
	readonly got?: string | number | boolean;
}

/** A condition of another object, in that object's own words. */
export interface Quoted {
	readonly reason: string;
	readonly words: string;
}

/** A rollout that is held, with the command that ends the hold. */
export interface Held {
	readonly workload: Named;
	readonly hold: Hold;
	readonly remedy: Command;
}

/** A Service of type LoadBalancer that has no address. */
export interface MissingAddress {
	readonly service: string;
	readonly seconds: number;
	readonly remedy: Command;
}

/** What keeps a claim from having its volume. */
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

/** A field that is stored with another value than it is sent with; without one: it is left out. */
export interface RewrittenField {
	readonly path: string;
	readonly sent: string;
	readonly stored?: string;
}

export interface CommonFindings {
	Progressing: /** Children that are not there yet, or not yet as they are about to be sent. */
		| { readonly about: "children"; readonly children: readonly Named[] }
		/** Not there, or not yet as it is about to be sent. */
		| { readonly about: "sending"; readonly workload: Named }
		/** It is merely scaled up, and Ready. */
		| { readonly about: "growing"; readonly workload: Named; readonly desired: number; readonly available: number }
		| WorkloadState;
	ReplicasUnavailable: WorkloadState;
	ProgressDeadlineExceeded: WorkloadState & { readonly remedy: Command };
	ReplicaFailure: {
		readonly workload: Named;
		/** What the workload's own controller reports. */
		readonly words: string | undefined;
		/** Where the cause is found, when the controller reports none. */
		readonly remedy?: Command;
	};
	RolloutHeld: Held;
	/** A pod waits for it. */
	VolumeUnavailable: HeldVolume;
	/** Where the address was asked for; elsewhere it is a warning. */
	NoAddress: MissingAddress;
	ChildRefused: {
		readonly child: Named;
		readonly change: "creation" | "update" | "correction";
		/** What of it is to be corrected. */
		readonly field?: { readonly path: string; readonly isMissing: boolean };
		/** Whether the name may be in use as well: that is not observed of every kind. */
		readonly isNameUnknown?: boolean;
		readonly seconds: number;
		readonly remedy: Command;
	};
	ChildTerminating: {
		readonly child: Named;
		readonly since: string;
		readonly finalizers: readonly string[];
		readonly remedy: Command;
	};
	NameTaken: {
		readonly child: Named;
		/** The object has no owner, and was a child of an earlier object: restored from a backup, or orphaned by a deletion. */
		readonly isLeftOver?: true;
		readonly seconds: number;
		readonly remedy: Command;
	};
	PausedByAnnotation: /** What was under way when it was paused. */
		| { readonly about: "unfinished"; readonly before: Finding }
		| { readonly about: "children" | "pushes"; readonly annotation: string };
	InvalidSpec: /** What is wrong with it field by field. */
		| { readonly about: "fields"; readonly problems: readonly FieldProblem[] }
		/** A child that would be larger than can be applied. */
		| {
				readonly about: "size";
				/** Where most of it comes from. */
				readonly field: string;
				readonly child: Named;
				readonly bytes: number;
				readonly most: number;
		  };
	InlineCredentials: {
		/** All of them, sorted. */
		readonly fields: readonly string[];
		/** Where credentials are to be put instead. */
		readonly instead:
			| "backendConfig"
			| "backendConfigSecret"
			| "connectionSecret"
			| "runnerFileSecret"
			| "secretKeyRef"
			| "never"
			| "nowhere";
	};
	ScaledToZero: unknown;
	Warnings: { readonly warnings: readonly Warning[] };
	/** The cluster's administrator did not allow it; `value` is absent where the field is not taken at all. */
	Unsupported: {
		readonly about: "grant";
		readonly field: string;
		readonly value?: string;
		readonly allowed: readonly string[];
	};
}

export interface CommonWarnings {
	/** An annotation whose value is neither on nor off; it counts as off. */
	UnreadableSwitch: { readonly annotation: string; readonly value: string };
	/** Nothing is held up yet; the next change will be. */
	HoldInPlace: Held;
	/** Those that are Ready have theirs, or had. */
	VolumeUnavailable: HeldVolume;
	NoAddress: MissingAddress;
	/** Labels in a Service's selector that are not the operator's: pods without them get no requests. */
	ForeignSelector: { readonly service: string; readonly labels: readonly string[] };
	/** Admission, or somebody else, changes fields of the operator's whenever they are written. */
	Rewritten: {
		readonly child: Named;
		readonly fields: readonly RewrittenField[];
		/** Has the operator send its own values again. */
		readonly remedy: Command;
	};
	/** Somebody else changes the count of pods, and it is set back. */
	Rescaled: { readonly workload: Named };
	/** A count that was set while an autoscaler has it. */
	ReplicasUnused: { readonly path: string; readonly replicas: number };
	/** Pods that an autoscaler left, which was switched off. */
	ReplicasKept: { readonly path: string; readonly replicas: number; readonly kept: number };
	/** KEDA is to scale pods, and the installation has none. */
	KedaMissing: { readonly path: string };
	/** By the field that says which version it is, whether or not it is set. */
	ImageNotPinned: { readonly field: string; readonly image: string };
	/** An anti-affinity that selects none of the pods that carry it. */
	IdleAntiAffinity: {
		/** Of which pods it is: by its field, or of a component of a stack. */
		readonly of: { readonly field: string } | { readonly component: string };
		readonly noun: "it" | "runner" | "shard";
		readonly selector: string;
		readonly labels: Readonly<Record<string, string>>;
	};
	/** An autoscaler is to hold a share of a resource that the pods don't request. */
	NothingRequested: {
		readonly field: string;
		readonly resource: "cpu" | "memory";
		/** The field to set; absent: that of the spec itself. */
		readonly set?: string;
	};
	/** An autoscaler measures a container that the operator does not put into the pods. */
	ContainerUnknown: { readonly field: string; readonly container: string; readonly known: readonly string[] };
	/** The autoscaler reports that it can't act, for this reason of its own. */
	ScalingInactive: { readonly scaler: Named; readonly because: string; readonly remedy: Command };
	/** Metrics are served on a port that something else is served on. */
	MetricsPortShared: { readonly field: string; readonly other: string; readonly port: number | undefined };
}
