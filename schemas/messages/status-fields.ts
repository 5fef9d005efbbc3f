import type { LackingInstance } from "../findings/prismnamespace.ts";
import type { PartFailure, PastReason, Where } from "../findings/prismplugin.ts";
import { INSTANCE_CAUSE_TEXTS } from "./admin.ts";
import { plightText, whereText } from "./prismplugin.ts";
import { capitalized, uncapitalized } from "./words.ts";

// Messages in fields of statuses other than conditions. For people only: for programs, each has a field with the cause.

/** Why an instance does not have a namespace; undefined: it has the namespace. */
export const lackingFieldText = ({ cause, words }: Omit<LackingInstance, "name">): string | undefined =>
	words ?? (cause && capitalized(INSTANCE_CAUSE_TEXTS[cause]));

/** Why a version failed on a shard. */
export const partFailureText = ({ cause, version, seconds, plight }: PartFailure): string => {
	const why = {
		DeadlineExceeded: `Did not become ready at ${version} within ${seconds} s`,
		ReadinessLost: `Did not stay ready at ${version}`,
		Superseded: `Had not reached ${version} yet`,
	}[cause];
	return `${why}: ${plightText(plight)}`;
};

/** The failure that stopped a rollout, for status. `words`: the target's message. */
export const rolloutFailureText = (place: Where, words: string): string =>
	`${whereText(place)} ${uncapitalized(words)}`;

/** The condition of a remote plugin's Deployment that explains why pods are not ready. */
export const unreadyDeploymentText = (type: string, status: string, words: string): string =>
	`${type} is ${status}: ${words}`;

export const pastReasonText = (past: PastReason): string => {
	switch (past.outcome) {
		case "Complete":
			return `Ready everywhere: ${past.places}`;
		case "RolledBack":
			return past.failure ?? "A shard was rolled back";
		case "Failed":
		case "Superseded":
			return `${past.failure === undefined ? "Version" : `${past.failure}; version`} ${past.version} was requested before this one was complete`;
		case "Abandoned":
			return "No shard follows the plugin any more";
		default:
			return past satisfies never;
	}
};

/** A shard's status message about a pod that is not ready. Its plugins' rollouts quote it. */
export const unreadyPodText = (pod: string, hasAddress: boolean): string =>
	`${pod}: ${hasAddress ? "Ready is False" : "it has no address yet"}`;
