import { SETTLED_FAILURES, type SettledFailure } from "../admin.ts";
import type { Finding } from "./finding.ts";

// Findings about a tenant's namespace.

/**
 * Why an instance lacks a namespace that it is to have: `status.placements[].instances[].cause`. Pending: a call is under way, and no error
 * is known. Unavailable: the instance reports that it cannot serve now, such as a control plane without a leader. NewerVersion: the
 * instance reports a newer version than this object's.
 */
export const INSTANCE_CAUSES = [
	"Pending",
	...SETTLED_FAILURES,
	"NoRegisteredProxy",
	"NewerVersion",
	"NotListed",
	"OtherConfiguration",
] as const;
export type InstanceCause = (typeof INSTANCE_CAUSES)[number];

/** An instance without the namespace. */
export interface LackingInstance {
	readonly name: string;
	readonly cause?: InstanceCause;
	/** The instance's message, if it rejects the namespace or is unavailable. */
	readonly words?: string;
}

/** Why an instance lacks the namespace according to status: a cause, or the message of a newer operator. */
export const lackingIn = ({
	cause,
	message,
}: {
	readonly cause?: string | undefined;
	readonly message?: string | undefined;
}): Omit<LackingInstance, "name"> => {
	const known = INSTANCE_CAUSES.find((each) => each === cause) ?? PASSING_CAUSES.get(cause);
	if (known === "Unavailable") return { cause: known, ...(message !== undefined && { words: message }) };
	if (known !== undefined) return { cause: known };
	if (message === undefined) return {};
	// oxlint-disable-next-line prism/no-message-as-meaning -- there is nothing else in a status of that release
	const before = cause === undefined ? CAUSES_OF_0_1_0[message] : undefined;
	return before === undefined ? { words: message } : { cause: before };
};

/** Compatibility: for a while, operators after 0.1.0 wrote these causes and alternated between them from one sync to the next. */
const PASSING_CAUSES: ReadonlyMap<string | undefined, InstanceCause> = new Map(
	["Unreachable", "DeadlineExceeded", "CircuitOpen", "Overloaded"].map((cause) => [cause, "NoAnswer"]),
);

/**
 * Compatibility: operators up to 0.1.0 wrote no cause, but these messages. Keep the messages unchanged. Delete this map when no status of
 * such an operator can be left.
 */
const CAUSES_OF_0_1_0: Readonly<Record<string, InstanceCause>> = {
	"is being told": "Pending",
	"can't be reached": "NoAnswer",
	"does not answer in time": "NoAnswer",
	"is not ready to serve yet": "NotReady",
	"does not accept the operator's credentials": "Unauthenticated",
	"does not offer this call": "Unimplemented",
	"failed several times in a row, and is left alone for a while": "NoAnswer",
	"is busy with other calls of the operator": "NoAnswer",
	"rejects the call as malformed": "Rejected",
	"gives an answer that makes no sense": "BadAnswer",
	"has a newer version of it, as if this object was restored from an older state; after a minute it is brought back to what spec wants":
		"NewerVersion",
	"accepted it, and does not list it": "NotListed",
	"accepted it, and reports another configuration": "OtherConfiguration",
};

/** Why an instance still has a namespace that it is to lose. `kept`: why it never will, in the instance's words. */
export type HeldCause = SettledFailure | "StillListed" | { readonly words: string } | { readonly kept: string };

interface Served {
	readonly about: "served";
	readonly instances: number;
	readonly place: string;
	/** Instances that cannot report their namespaces. */
	readonly unverifiable: readonly string[];
	readonly movingTo?: string;
	readonly leaving: readonly string[];
}

/** What a PrismNamespace requests but the stack or shard in another Kubernetes namespace does not permit. */
export type Excess =
	| {
			readonly about: "quota";
			/** Such as spec.quotas.maxKeys. */
			readonly field: string;
			/** Absent: the spec sets no quota, which means no limit. */
			readonly value?: number;
			readonly ceiling: number;
	  }
	/** Keys of spec.backendConfig. */
	| { readonly about: "settings"; readonly keys: readonly string[] };

export interface NamespaceFindings {
	NamespaceReady: Served;
	Unverified: Served | { readonly about: "namespace" | "limits"; readonly unverifiable: readonly string[] };
	NamespaceCreated: unknown;
	QuotasApplied: unknown;
	Expired: { readonly expiresAt: string; readonly leaving: readonly string[] };
	NotAccepting:
		| { readonly about: "places" }
		| { readonly about: "shards" }
		/** The target cannot report its namespaces, and is in another Kubernetes namespace. */
		| { readonly about: "unverified"; readonly place: string; readonly namespace: string }
		| { readonly about: "proxies"; readonly proxies: string };
	NotPermitted: {
		readonly place: string;
		readonly namespace: string;
		/** Kind of the object that sets the limits. */
		readonly kind: "PrismStack" | "PrismShard";
		readonly excesses: readonly Excess[];
		/** Whether the target already has the namespace. */
		readonly isThere: boolean;
	};
	NoMatchingProxy: { readonly proxies: string; readonly namespace: string; readonly home: string };
	NoMatchingShard: {
		readonly namespace: string;
		readonly home: string;
		readonly backend: string;
		readonly selector: Readonly<Record<string, string>>;
	};
	NamespaceIdTaken: {
		readonly instances: readonly string[];
		readonly namespaceId: string;
		/** Name of the ConfigMap, which another object owns. Absent: the instances reported the conflict. */
		readonly claim?: string;
	};
	ProvisioningRefused: { readonly instances: readonly LackingInstance[] };
	InstancesNotReady: { readonly place: string };
	InstancesUnreachable: { readonly about: "namespace"; readonly instances: readonly LackingInstance[] };
	PartiallyProvisioned: { readonly has: number; readonly of: number; readonly instances: readonly LackingInstance[] };
	Progressing: {
		readonly about: "namespace";
		/** Whether the namespace already exists, and this is an update. */
		readonly isUpdate: boolean;
		readonly place: string;
		readonly has: number;
		readonly of: number;
		readonly instances: readonly LackingInstance[];
	};
	Revoking: { readonly instances: readonly { readonly name: string; readonly cause?: HeldCause }[] };
}

export interface NamespaceWarnings {
	/** The instance accepted the call, but its message contradicts the success. */
	Reservation: { readonly instance: string; readonly words: string };
	/** The remaining instances cannot revoke the namespace. */
	RecordKept: { readonly instance: string; readonly words: string };
	NotRevoked: { readonly place: string };
	CannotMove: { readonly to: string; readonly because: Finding };
	OnlyDraining: { readonly place: string };
	/** The namespace has too many placements to get another one. */
	TooManyPlaces: unknown;
	NoOtherPlace: { readonly places: readonly string[] };
	TooManyShards: { readonly shards: number; readonly most: number };
}
