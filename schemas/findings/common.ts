import type { Hold } from "../held-rollouts.ts";
import type { Command, Named } from "./command.ts";
import type { Finding, Warning } from "./finding.ts";

// Findings about objects of any kind.

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

/** An error in one field of a spec. */
export interface FieldProblem {
	/** Such as "spec.patterns[0].port". */
	readonly field: string;
	readonly expected:
		| { readonly oneOf: readonly string[] }
		| { readonly quantity: true }
		/** Must be a quantity above zero. */
		| { readonly positive: true }
		/** Must be a quantity in quotes: a number with a fraction is invalid. */
		| { readonly quoted: true }
		/** The API server would not store a larger quantity unchanged. */
		| { readonly quantityAtMost: string }
		/** Must be in quotes: an integer beyond 2^53. */
		| { readonly exact: true }
		/** A key that is lost when an object is copied. */
		| { readonly otherKey: true }
		/** An invalid key of a label, annotation or node label. */
		| { readonly key: "label" | "annotation" }
		/** An invalid resource name. `names`: names that need no domain. */
		| { readonly resource: "name"; readonly names: readonly string[] }
		/** A resource that containers cannot share: a whole amount, equal to the limit. */
		| { readonly resource: "whole" | "asLimit" }
		/** The values that a requirement's operator permits. */
		| { readonly operator: string; readonly values: "none" | "some" | "one" }
		/** A field that is valid only with a value of another field. */
		| { readonly goesWith: string }
		/** The most levels that a spec may nest. */
		| { readonly levels: number }
		/** The error in the words of the schema validator. */
		| { readonly words: string };
	/** The actual value. Absent if it could be a secret. */
	readonly got?: string | number | boolean;
}

/** A condition of another object, with that object's own message. */
export interface Quoted {
	readonly reason: string;
	readonly words: string;
}

/** A rollout that a hold stops, and the command that ends the hold. */
export interface Held {
	readonly workload: Named;
	readonly hold: Hold;
	readonly remedy: Command;
}

/** A Service of type LoadBalancer without an address. */
export interface MissingAddress {
	readonly service: string;
	readonly seconds: number;
	readonly remedy: Command;
}

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

/** A field that the API server stores with another value than was sent. `stored` absent: it drops the field. */
export interface RewrittenField {
	readonly path: string;
	readonly sent: string;
	readonly stored?: string;
}

export interface CommonFindings {
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
	/** A pod waits for its volume. */
	VolumeUnavailable: HeldVolume;
	/** For addresses that a spec requests. For others it is a warning. */
	NoAddress: MissingAddress;
	ChildRefused: {
		readonly child: Named;
		readonly change: "creation" | "update" | "correction";
		/** The field to correct. */
		readonly field?: { readonly path: string; readonly isMissing: boolean };
		/** Whether the name may be in use: not every kind of child is checked. */
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
		/** The object has no owner and was a child of an earlier object: restored from a backup, or orphaned by a deletion. */
		readonly isLeftOver?: true;
		readonly seconds: number;
		readonly remedy: Command;
	};
	PausedByAnnotation: /** The finding without the pause. */
		| { readonly about: "unfinished"; readonly before: Finding }
		| { readonly about: "children" | "pushes"; readonly annotation: string };
	InvalidSpec: /** Errors by field. */
		| { readonly about: "fields"; readonly problems: readonly FieldProblem[] }
		/** A child that is too large to apply. */
		| {
				readonly about: "size";
				/** The field that most of the size comes from. */
				readonly field: string;
				readonly child: Named;
				readonly bytes: number;
				readonly most: number;
		  };
	InlineCredentials: {
		/** The fields with credentials, sorted. */
		readonly fields: readonly string[];
		/** Where the credentials belong. */
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
	/** The cluster's administrator did not permit it. `value` is absent if no value of the field is permitted. */
	Unsupported: {
		readonly about: "grant";
		readonly field: string;
		readonly value?: string;
		readonly allowed: readonly string[];
	};
}

export interface CommonWarnings {
	/** An annotation whose value is neither true nor false; it counts as false. */
	UnreadableSwitch: { readonly annotation: string; readonly value: string };
	/** The hold affects nothing yet. It will stop the next change. */
	HoldInPlace: Held;
	/** The volume of a pod other than the Ready ones, which have or had theirs. */
	VolumeUnavailable: HeldVolume;
	NoAddress: MissingAddress;
	/** Labels in a Service's selector that the operator did not set: the Service excludes pods without them. */
	ForeignSelector: { readonly service: string; readonly labels: readonly string[] };
	/** Admission, or another client, changes the operator's fields on each write. */
	Rewritten: {
		readonly child: Named;
		readonly fields: readonly RewrittenField[];
		/** Makes the operator send its own values again. */
		readonly remedy: Command;
	};
	/** Another client changes the replica count, and the operator restores it. */
	Rescaled: { readonly workload: Named };
	/** A replica count that is set while an autoscaler controls it. */
	ReplicasUnused: { readonly path: string; readonly replicas: number };
	/** The replica count of an autoscaler that has been disabled. */
	ReplicasKept: { readonly path: string; readonly replicas: number; readonly kept: number };
	/** A spec requests KEDA, but the installation does not enable it. */
	KedaMissing: { readonly path: string };
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
	/** An autoscaler's target is a percentage of a resource that the pods do not request. */
	NothingRequested: {
		readonly field: string;
		readonly resource: "cpu" | "memory";
		/** The field to set. Absent: that of the spec itself. */
		readonly set?: string;
	};
	/** An autoscaler measures a container that the pods do not have. */
	ContainerUnknown: { readonly field: string; readonly container: string; readonly known: readonly string[] };
	/** The autoscaler reports that it is inactive. `because` is the autoscaler's reason. */
	ScalingInactive: { readonly scaler: Named; readonly because: string; readonly remedy: Command };
	/** The port of the metrics is also the port of another server. */
	MetricsPortShared: { readonly field: string; readonly other: string; readonly port: number | undefined };
}
