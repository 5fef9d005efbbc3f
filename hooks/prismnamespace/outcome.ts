import { secondsAfter } from "../../kube/time.ts";
import {
	ADMIN_FAILURES,
	type AdminCall,
	type AdminFailure,
	type CallOutcome,
	type NamespaceRecord,
} from "../../schemas/admin.ts";
import type { PlacedInstance } from "../../schemas/prismnamespace.ts";
import {
	answerAt,
	BEING_TOLD,
	type Identity,
	isForeign,
	isNewer,
	isOvertaken,
	isStillTold,
	LATE_CALL_SECONDS,
	type Spot,
	type Told,
	type Wanted,
} from "./provisioning.ts";

// What is true of an instance, once it was asked and told.

/** An instance that is to have the namespace. */
export interface Served {
	readonly spot: Spot;
	readonly instance: PlacedInstance & { readonly state: NonNullable<PlacedInstance["state"]> };
	readonly record: NamespaceRecord | undefined;
	/** Whether a call changed something. */
	readonly pushed: boolean;
	readonly assignedProxy: string | undefined;
	/** Whether it answered at all. */
	readonly answered: boolean;
	/** Version that a call carried above the object's own. */
	readonly version: number | undefined;
}

const NEWER =
	"has a newer version of it, as if this object was restored from an older state; after a minute it is brought back to what spec wants";

export const servedAt = (each: Spot, wanted: Wanted, told: Told, now: string): Served => {
	const before = answerAt(each, told);
	const { call, outcome } = resultOf(each, told, ["create", "assign"]);
	const answer = outcome?.state === "done" && outcome.readBack !== undefined ? outcome.readBack : before;
	const record = answer.state === "known" ? answer.record : undefined;
	const { state: stateBefore, message: messageBefore, accepted, tried, newerSince, ...name } = each.known;
	/** A call that is tried again has not helped yet. */
	const trouble = stateBefore === "Waiting" ? messageBefore : undefined;
	const as = (state: Served["instance"]["state"], message?: string, memory: Partial<PlacedInstance> = {}): Served => ({
		spot: each,
		instance: {
			...name,
			...((tried === true || mayHaveCreated(call, outcome)) && { tried: true }),
			...memory,
			state,
			...(message !== undefined && { message: message.slice(0, LONGEST_MESSAGE) }),
		},
		record,
		pushed: outcome?.state === "done" && (state === "Applied" || state === "Accepted"),
		assignedProxy: outcome?.state === "done" ? outcome.assignedProxy : undefined,
		answered: before.state !== "unknown",
		version: call !== undefined && call.version > wanted.version ? call.version : undefined,
	});
	const kept = accepted === undefined ? {} : { accepted };
	if (record !== undefined && isForeign(record, wanted)) return as("Taken");
	if (record?.digest === wanted.digest) return as("Applied");
	if (outcome === undefined && isOvertaken(each, answer, wanted)) return as("Applied");
	if (outcome === undefined) {
		if (answer.state === "unknown")
			return as(
				"Waiting",
				isStillTold(each, answer.failure, wanted, now) ? BEING_TOLD : ADMIN_FAILURES[answer.failure],
				kept,
			);
		if (record !== undefined && isNewer(record, wanted)) return as("Waiting", NEWER, { newerSince: newerSince ?? now });
		const isAccepted = accepted === wanted.digest && (answer.state === "unverifiable" || record !== undefined);
		return isAccepted ? as("Accepted", undefined, kept) : as("Waiting", BEING_TOLD);
	}
	switch (outcome.state) {
		case "done":
			if (answer.state === "unverifiable" || (record !== undefined && record.digest === undefined))
				return as("Accepted", undefined, { accepted: wanted.digest });
			if (answer.state === "unknown") return as("Waiting", ADMIN_FAILURES[answer.failure]);
			// It is being read back.
			if (outcome.readBack === undefined) return as("Waiting", trouble ?? BEING_TOLD);
			return as(
				"Waiting",
				record === undefined ? "accepted it, and does not list it" : "accepted it, and reports another configuration",
			);
		case "refused":
			return as("Refused", outcome.message);
		case "pending":
			return as("Waiting", trouble ?? BEING_TOLD, kept);
		case "failed":
			return as("Waiting", ADMIN_FAILURES[outcome.failure], kept);
		default:
			return outcome satisfies never;
	}
};

const LONGEST_MESSAGE = 512;

const resultOf = (
	each: Spot,
	{ results }: Told,
	verbs: readonly AdminCall["verb"][],
): { readonly call?: AdminCall; readonly outcome?: CallOutcome } => {
	const result = results.get(each.instance.address);
	return result !== undefined && verbs.includes(result.call.verb) ? result : {};
};

/** After these, nobody knows whether it was created; after others it certainly was not. */
const DOUBTFUL: readonly AdminFailure[] = ["Unreachable", "DeadlineExceeded", "BadAnswer"];

const mayHaveCreated = (call: AdminCall | undefined, outcome: CallOutcome | undefined): boolean =>
	call?.verb === "create" &&
	outcome !== undefined &&
	(outcome.state !== "failed" || DOUBTFUL.includes(outcome.failure));

// ── Letting go ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** An instance that is to let go of the namespace, and whether it has done so. */
export interface Released {
	readonly spot: Spot;
	readonly release: "clear" | "held" | "unreachable";
	/** Why it has not. */
	readonly why?: string;
}

/** Of one that answers with anything else, somebody is there who can be told. */
const AWAY: readonly AdminFailure[] = ["Unreachable", "DeadlineExceeded", "CircuitOpen"];

export const releaseAt = (each: Spot, identity: Identity, told: Told, occasion: "move" | "last"): Released => {
	const { outcome } = resultOf(each, told, ["revoke"]);
	const before = answerAt(each, told);
	const as = (release: Released["release"], why?: string): Released => ({
		spot: each,
		release,
		...(why !== undefined && { why }),
	});
	if (outcome?.state === "done") {
		const left = outcome.readBack?.record;
		// What can't be read back has to be believed.
		const isGone = left === undefined || isForeign(left, identity) || (occasion === "move" && isNewer(left, identity));
		return isGone ? as("clear") : as("held", "accepted that, and still lists it");
	}
	if (before.state === "known" && before.record !== undefined && isForeign(before.record, identity)) return as("clear");
	if (before.state === "known" && before.record === undefined && isLate(each, before.readAt, occasion))
		return as("clear");
	if (outcome?.state === "refused") return as("held", outcome.message);
	const failure =
		outcome?.state === "failed" ? outcome.failure : before.state === "unknown" ? before.failure : undefined;
	if (failure === undefined) return as("held");
	return as(AWAY.includes(failure) ? "unreachable" : "held", ADMIN_FAILURES[failure]);
};

/**
 * Whether a reading tells that nothing will come any more. When the object goes, every instance is told to revoke, which
 * settles it at once; one that can't be told is believed once no call from before can arrive.
 */
const isLate = ({ question: { after = "" } }: Spot, readAt: string, occasion: "move" | "last"): boolean =>
	// Timestamps have one form, so that their order as texts is their order in time.
	readAt > (occasion === "move" ? after : secondsAfter(after, LATE_CALL_SECONDS));
