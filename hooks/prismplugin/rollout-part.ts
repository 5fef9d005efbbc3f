import { secondsBetween } from "../../kube/time.ts";
import type { PartCause, PartFailure, Plight } from "../../schemas/findings/prismplugin.ts";
import { partFailureText } from "../../schemas/messages/status-fields.ts";
import type { PluginRollout, RolloutPart, ShardPlugin } from "../../schemas/pluginrollout.ts";
import type { PrismPluginSpec } from "../../schemas/prismplugin.ts";

// One shard's part in a rollout: how far it gets by what was observed of the shard.

export interface Release {
	readonly version: string;
	readonly image: string;
}

export type Observation = Pick<ShardPlugin, "version" | "image" | "desired" | "updated" | "ready" | "hold" | "unready">;

/** What a part is judged by, beside what was observed of its shard. */
export interface Course {
	readonly rollout: PluginRollout;
	readonly lastGood: Release | undefined;
	readonly policy: PrismPluginSpec["rollout"];
	/** Whether one more shard may be on its way. */
	readonly hasRoom: () => boolean;
	readonly now: string;
}

/** States of a shard that got a version and is not known to run it well. */
export const IN_FLIGHT: readonly RolloutPart["state"][] = ["Updating", "Baking", "RollingBack", "Failed"];
export const isInFlight = ({ state }: RolloutPart): boolean => IN_FLIGHT.includes(state);

/** An earlier rollout gave it a version that it has not reached. */
export const isSuperseded = ({ state, image }: RolloutPart, rollout: PluginRollout): boolean =>
	state === "Updating" && image !== rollout.image;

/** A part as far as it gets. */
export const judged = (part: RolloutPart, observed: Observation | undefined, course: Course): RolloutPart => {
	const next = judgement(part, observed, course);
	return next === part ? part : judged(next, observed, course);
};

/** One step; the very same part when there is none to take. */
const judgement = (part: RolloutPart, observed: Observation | undefined, course: Course): RolloutPart => {
	const { rollout, policy, now } = course;
	const { version, image } = part;
	const isThere = isSettled(observed, image);
	const fail = (cause: PartCause) =>
		failed(part, { cause, version, seconds: policy.deadlineSeconds, plight: plight(observed, image) }, course);
	switch (part.state) {
		case "Pending":
		case "RolledBack":
			return part;
		case "Updating":
			if (isSuperseded(part, rollout)) {
				if (isThere) return entered(part, "Pending", now);
				return rollout.phase === "Progressing" ? part : fail("Superseded");
			}
			if (isThere) return entered(part, "Baking", now);
			if (isHeld(part, observed)) return held(part, observed, now);
			if (secondsBetween(part.since, now) < policy.deadlineSeconds) return part;
			return fail("DeadlineExceeded");
		case "Baking":
			if (!isThere) return unready(part, policy.graceSeconds, now) ?? fail("ReadinessLost");
			if (part.unreadySince !== undefined) return readyAgain(part);
			return secondsBetween(part.since, now) < policy.bakeSeconds ? part : entered(part, "Updated", now);
		case "Updated":
			if (isThere || !isWatched(part, rollout)) return part.unreadySince === undefined ? part : readyAgain(part);
			// To go back is to be on the way as well: it waits for those that are.
			return unready(part, policy.deadlineSeconds, now) ?? (course.hasRoom() ? fail("ReadinessLost") : part);
		case "Failed":
			// Help came after all.
			return isThere ? entered(part, image === rollout.image ? "Baking" : "Pending", now) : part;
		case "RollingBack":
			if (isThere) return { ...entered(part, "RolledBack", now), ...failureIn(part) };
			return isHeld(part, observed) ? held(part, observed, now) : part;
		default:
			return part.state satisfies never;
	}
};

/** Whether the rollout of its pods is held, or was until now. */
const isHeld = ({ heldSince }: RolloutPart, observed: Observation | undefined): boolean =>
	observed?.hold !== undefined || heldSince !== undefined;

/** While its pods are held, nothing can become ready. The time for that starts over afterwards. */
const held = (part: RolloutPart, observed: Observation | undefined, now: string): RolloutPart => {
	const { heldSince, ...released } = part;
	if (observed?.hold === undefined) return { ...released, since: now };
	return heldSince === undefined ? { ...part, heldSince: now } : part;
};

/** One that moved is watched to the end of the rollout: a version that fails late must not go any further. */
const isWatched = ({ since }: RolloutPart, { phase, startedAt }: PluginRollout): boolean =>
	phase === "Progressing" && secondsBetween(startedAt, since) >= 0;

/** Whether all that there should be was observed, ready, at this image. */
export const isSettled = (observed: Observation | undefined, image: string): boolean =>
	observed?.image === image && observed.updated >= observed.desired && observed.ready >= observed.desired;

/** What keeps it from being settled. */
export const plight = (observed: Observation | undefined, image: string): Plight => {
	if (observed === undefined) return { about: "silence" };
	const { version = observed.image, desired, ready, unready } = observed;
	const pod = unready === undefined ? {} : { unready };
	if (observed.image === image) return { about: "pods", ready, desired, ...pod };
	return { about: "version", ...(version !== undefined && { runs: version }), ...pod };
};

export const entered = (
	{ name, version, image }: RolloutPart,
	state: RolloutPart["state"],
	now: string,
): RolloutPart => ({
	name,
	version,
	image,
	state,
	since: now,
});

const unready = (part: RolloutPart, patience: number, now: string): RolloutPart | undefined => {
	if (part.unreadySince === undefined) return { ...part, unreadySince: now };
	return secondsBetween(part.unreadySince, now) < patience ? part : undefined;
};

const readyAgain = ({ unreadySince: _unreadySince, ...part }: RolloutPart): RolloutPart => part;

/** Back to the last good version; where there is none, it stays, and a user has to act. */
const failed = (part: RolloutPart, failure: PartFailure, { lastGood, rollout, now }: Course): RolloutPart => {
	const told = { cause: failure.cause, message: partFailureText(failure).slice(0, LONGEST_MESSAGE) };
	if (lastGood === undefined || lastGood.image === rollout.image) return { ...entered(part, "Failed", now), ...told };
	return { name: part.name, ...lastGood, state: "RollingBack", since: now, ...told };
};

/** The failure in a part's status, for the next status. */
const failureIn = ({ cause, message }: RolloutPart) => ({
	...(cause !== undefined && { cause }),
	...(message !== undefined && { message }),
});

/** Whether a version failed there. Compatibility: operators up to 0.1.0 wrote a message and no cause. */
export const hasFailed = ({ cause, message }: Pick<RolloutPart, "cause" | "message">): boolean =>
	cause !== undefined || message !== undefined;
const LONGEST_MESSAGE = 640;

// ── Time ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A time that is never ahead of the clock. */
export const past = (time: string, now: string): string => (secondsBetween(time, now) >= 0 ? time : now);
