import type { AdminFailure, SettledFailure } from "../admin.ts";
import type { HeldCause, InstanceCause, LackingInstance } from "../findings/prismnamespace.ts";
import type { SilentInstance } from "../findings/prismshard.ts";

// Messages about proxies that do not answer as expected. They contain no address and no time, so that they are stable.

const SETTLED_FAILURE_TEXTS = {
	NoAnswer: "does not answer",
	Unavailable: "answers UNAVAILABLE",
	NotReady: "is not ready to serve yet",
	Unauthenticated: "does not accept the operator's credentials",
	Unimplemented: "does not offer this call",
	Rejected: "rejects the call as malformed",
	BadAnswer: "returns an invalid response",
} as const satisfies Record<SettledFailure, string>;

/** For logs. Statuses share one word for the passing failures. */
export const ADMIN_FAILURE_TEXTS: Readonly<Record<AdminFailure, string>> = {
	...SETTLED_FAILURE_TEXTS,
	Unreachable: "can't be reached",
	DeadlineExceeded: "does not answer in time",
	Overloaded: "is busy with other calls of the operator",
};

export const INSTANCE_CAUSE_TEXTS = {
	...SETTLED_FAILURE_TEXTS,
	NoRegisteredProxy: "has no registered proxy",
	Pending: "not pushed yet",
	NewerVersion: "has a newer version, as after a restore of this object; it is overwritten after 60 s",
	NotListed: "accepted the namespace, and does not list it",
	OtherConfiguration: "accepted the namespace, and reports another configuration",
} as const satisfies Record<InstanceCause, string>;

/** "shop-proxy-1: does not answer", "shop-admin: answers UNAVAILABLE: no leader elected". */
export const lackingText = ({ name, cause, words }: LackingInstance): string => {
	if (words !== undefined) return `${name}: ${cause === "Unavailable" ? "answers " : ""}${words}`;
	return `${name}: ${cause === undefined ? "not yet" : INSTANCE_CAUSE_TEXTS[cause]}`;
};

export const heldText = ({ name, cause }: { readonly name: string; readonly cause?: HeldCause }): string => {
	if (cause === undefined) return name;
	if (typeof cause === "object") return `${name} (${"kept" in cause ? cause.kept : cause.words})`;
	return `${name} (${cause === "StillListed" ? "accepted the revocation, and still lists the namespace" : SETTLED_FAILURE_TEXTS[cause]})`;
};

/** "prism-live-1 does not answer". */
export const silenceText = ({ name, silence }: SilentInstance): string => {
	if (typeof silence === "object") return `${name} is not a ready endpoint of Service ${silence.service}`;
	if (silence === "PodNotReady") return `${name} is not ready`;
	if (silence === "CannotList") return `${name} can't list its namespaces`;
	return `${name} ${SETTLED_FAILURE_TEXTS[silence]}`;
};
