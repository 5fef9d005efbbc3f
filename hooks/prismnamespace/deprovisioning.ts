import { secondsAfter, secondsBetween } from "../../kube/time.ts";
import { type AdminFailure, settledFailure } from "../../schemas/admin.ts";
import type { HeldCause } from "../../schemas/findings/namespace.ts";
import {
	answerAt,
	type Identity,
	type InstanceQuery,
	isForeign,
	isNewer,
	isOursUnseen,
	LATE_CALL_SECONDS,
	LONGEST_MESSAGE,
	resultOf,
	type Told,
} from "./provisioning.ts";

// Whether an instance has let go of the namespace, once it was asked and told to.

/** Seconds for which an object that goes says that a record stays behind: long enough to be seen by who waits for the deletion. */
const KEPT_SECONDS = 10;

const isLongKept = ({ since }: Pick<InstanceQuery["place"], "since">, now: string): boolean =>
	secondsBetween(since, now) >= KEPT_SECONDS;

/** An instance that is to let go of the namespace, and whether it has done so. */
export interface Released {
	readonly query: InstanceQuery;
	/** kept: it said that it can't, and nobody can ask it again. */
	readonly release: "clear" | "held" | "unreachable" | "kept";
	/** Why it has not. */
	readonly why?: HeldCause;
}

/** Of one that answers with anything else, somebody is there who can be told. Without a leader, nobody can. */
const AWAY: readonly AdminFailure[] = ["Unreachable", "DeadlineExceeded", "Unavailable"];

export const releaseAt = (
	each: InstanceQuery,
	identity: Identity,
	told: Told,
	occasion: "move" | "last",
	now: string,
): Released => {
	const { outcome } = resultOf(each, told, ["revoke"]);
	const before = answerAt(each, told);
	const as = (release: Released["release"], why?: HeldCause): Released => ({
		query: each,
		release,
		...(why !== undefined && { why }),
	});
	const { state, message = "" } = each.known;
	if (state === "Kept" && before.state !== "known")
		return isLongKept(each.place, now) ? as("clear") : as("kept", { kept: message });
	if (before.state === "unverifiable" && outcome === undefined && !isOursUnseen(each)) return as("clear");
	// Also where the question was not answered in time: right after a deletion, no reading is late enough.
	const words = outcome?.state === "done" && outcome.readBack === undefined ? outcome.reservation : undefined;
	if (before.state !== "known" && words !== undefined) return as("kept", { kept: words.slice(0, LONGEST_MESSAGE) });
	if (outcome?.state === "done") {
		const left = outcome.readBack?.record;
		// What can't be read back has to be believed.
		const isGone = left === undefined || isForeign(left, identity) || (occasion === "move" && isNewer(left, identity));
		return isGone ? as("clear") : as("held", "StillListed");
	}
	if (before.state === "known" && before.record !== undefined && isForeign(before.record, identity)) return as("clear");
	if (before.state === "known" && before.record === undefined && isLate(each, before.readAt, occasion))
		return as("clear");
	if (outcome?.state === "refused") return as("held", { words: outcome.message });
	const failure =
		outcome?.state === "failed" ? outcome.failure : before.state === "unknown" ? before.failure : undefined;
	if (failure === undefined) return as("held");
	// Too much to do tells nothing new of one that could not be reached.
	const isAway = AWAY.includes(failure) || (failure === "Overloaded" && each.place.unreachableSince !== undefined);
	return as(isAway ? "unreachable" : "held", settledFailure(failure));
};

/**
 * Whether a reading tells that nothing will come any more. When the object goes, every instance is told to revoke, which
 * settles it at once; one that can't be told is believed once no call from before can arrive.
 */
const isLate = ({ question: { after = "" } }: InstanceQuery, readAt: string, occasion: "move" | "last"): boolean =>
	// Timestamps have one form, so that their order as texts is their order in time.
	readAt > (occasion === "move" ? after : secondsAfter(after, LATE_CALL_SECONDS));
