import type { LackingInstance } from "../findings/prismnamespace.ts";
import type { PartFailure, PastReason, Where } from "../findings/prismplugin.ts";
import { INSTANCE_CAUSE_TEXTS } from "./admin.ts";
import { plightText, whereText } from "./prismplugin.ts";
import { capitalized, uncapitalized } from "./words.ts";

// What fields of statuses say beside the conditions. For people only: each has a field of its own beside it that says the same.

/** Why an instance does not have a namespace; undefined: it has it. */
export const lackingFieldText = ({ cause, words }: Omit<LackingInstance, "name">): string | undefined =>
	words ?? (cause && capitalized(INSTANCE_CAUSE_TEXTS[cause]));

/** Why a version failed at a shard. */
export const partFailureText = ({ cause, version, seconds, plight }: PartFailure): string => {
	const why = {
		DeadlineExceeded: `Did not become ready at ${version} within ${seconds} s`,
		ReadinessLost: `Did not stay ready at ${version}`,
		Superseded: `Had not reached ${version} yet`,
	}[cause];
	return `${why}: ${plightText(plight)}`;
};

/** What stopped a rollout, as status keeps it: `words` are those of the place. */
export const rolloutFailureText = (place: Where, words: string): string =>
	`${whereText(place)} ${uncapitalized(words)}`;

/** Condition of a Deployment of the remote form that says why its pods are not ready. */
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

/** What a shard's status says of a pod that is not ready, for its plugins' rollouts to quote. */
export const unreadyPodText = (pod: string, hasAddress: boolean): string =>
	`${pod}: ${hasAddress ? "Ready is False" : "it has no address yet"}`;
