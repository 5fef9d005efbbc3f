import type { Verdict } from "../../kube/conditions.ts";
import { isRefusal } from "../../kube/spec-refusal.ts";
import { secondsAfter, secondsBetween } from "../../kube/time.ts";
import { type AdminCall, type AdminFailure, settledFailure } from "../../schemas/admin.ts";
import type { HeldCause } from "../../schemas/findings/prismnamespace.ts";
import type { PlacedInstance, Placement } from "../../schemas/prismnamespace.ts";
import {
	answerAt,
	type Identity,
	type InstanceQuery,
	isForeign,
	isNewer,
	isSame,
	LATE_CALL_SECONDS,
	LONGEST_MESSAGE,
	resultOf,
	type Told,
} from "./context.ts";
import type { Input } from "./input.ts";
import { isSettled } from "./placement.ts";

// Whether an instance has released the namespace, after the question and the revocation.

/** Seconds for which an object that is being deleted reports a record that stays behind: long enough for a user to see it. */
const KEPT_SECONDS = 10;

const isLongKept = ({ since }: Pick<InstanceQuery["place"], "since">, now: string): boolean =>
	secondsBetween(since, now) >= KEPT_SECONDS;

/** An instance that is to release the namespace, and whether it has done so. */
export interface Released {
	readonly query: InstanceQuery;
	/** kept: it reported that it can't, and it can't be asked again. */
	readonly release: "clear" | "held" | "unreachable" | "kept";
	/** Why it has not. */
	readonly why?: HeldCause;
}

/** An instance that answers with anything else can be called. Without a leader, none can. */
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
	// Overload is no new information about one that could not be reached.
	const isAway = AWAY.includes(failure) || (failure === "Overloaded" && each.place.unreachableSince !== undefined);
	return as(isAway ? "unreachable" : "held", settledFailure(failure));
};

/**
 * Whether a reading shows that nothing will arrive any more. When the object is deleted, each instance gets a revocation, which
 * settles it at once; one that can't be called is believed once no call from before can arrive.
 */
const isLate = ({ question: { after = "" } }: InstanceQuery, readAt: string, occasion: "move" | "last"): boolean =>
	// Timestamps have one form, so that their order as texts is their order in time.
	readAt > (occasion === "move" ? after : secondsAfter(after, LATE_CALL_SECONDS));

// ── Calls ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * The call that revokes it; undefined: nothing to revoke, or not ours. `last`: the object goes, and what was begun
 * for it may still arrive; a proxy that got a revocation rejects that, so each one gets it.
 */
export const revocation = (
	each: InstanceQuery,
	identity: Identity,
	told: Told,
	occasion: "move" | "last",
): AdminCall | undefined => {
	const { namespaceId, owner, version } = identity;
	const answer = answerAt(each, told);
	const record = answer.state === "known" ? answer.record : undefined;
	const proxyId = each.place.controlPlane ? (each.known.assignedProxy ?? identity.assignedProxy) : undefined;
	const call: AdminCall = {
		verb: "revoke",
		instance: each.instance,
		...(proxyId !== undefined && { proxyId }),
		namespaceId,
		owner,
		version,
	};
	if (record !== undefined) {
		if (isForeign(record, identity)) return undefined;
		if (!isNewer(record, identity)) return call;
		// Nothing newer can follow on an object that goes: it was restored from an older state.
		return occasion === "last" ? { ...call, version: record.version ?? version } : undefined;
	}
	if (each.known.state === "Kept" && answer.state !== "known") return undefined;
	if (answer.state === "unverifiable") return isOursUnseen(each) ? call : undefined;
	if (occasion === "move") return undefined;
	// It had another owner in the last report.
	const isTheirs = each.known.state === "Taken" || each.place.claimingSince !== undefined;
	return answer.state === "unknown" && isTheirs ? undefined : call;
};

/** Whether what can't be read back is ours: there is a claim, or it was sent there by an operator that knew no claims. */
export const isOursUnseen = ({ claim, known, place }: InstanceQuery): boolean =>
	claim === "held" || (known.accepted !== undefined && place.claimingSince === undefined);

// ── Places ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Places that are still to be left, as they are to be written. Where all of a place goes, nothing there has to be revoked. */
export const leftPlaces = ({ places, plan, now }: Input, releases: readonly Released[]): Placement[] => {
	const rosters = isRefusal(plan) ? [] : plan.rosters;
	return places.revoking.flatMap((place) =>
		rosters.some(({ deleting, name, namespace }) => deleting && name === place.roster && namespace === place.namespace)
			? []
			: emptied(place, releases, now),
	);
};

/**
 * A place that is being left, as it is to be written; none once it is known to be empty and nothing can arrive there any
 * more. One that can't be reached is not forgotten as long as the object lives: it may come back with what it had.
 */
const emptied = (place: Placement, releases: readonly Released[], now: string): Placement[] => {
	const own = releases.filter(({ query }) => isSame(query.place, place));
	// A place that was only just given up has not been asked yet.
	const isAsked = own.length === place.instances.length && own.every(({ query }) => query.place.state === "Revoking");
	const isClear = isAsked && own.every(({ release }) => release === "clear" || release === "kept");
	const { clearSince: before, unreachableSince, ...rest } = place;
	const isHeld = own.some(({ release }) => release === "held");
	const clearSince = isHeld ? undefined : (before ?? (isClear ? now : undefined));
	if (clearSince !== undefined && isAsked && isSettled(place, now)) return [];
	const isAway = clearSince === undefined && own.some(({ release }) => release === "unreachable");
	return [
		{
			...rest,
			instances: withKept(rest.instances, own),
			...(clearSince !== undefined && { clearSince }),
			...(isAway && { unreachableSince: unreachableSince ?? now }),
		},
	];
};

/** What can't be revoked is reported once, and not asked for any more. */
const withKept = (instances: readonly PlacedInstance[], releases: readonly Released[]): PlacedInstance[] =>
	instances.map((instance) => {
		const found = releases.find(({ release, query }) => release === "kept" && query.known.name === instance.name);
		const why = found?.why;
		return typeof why === "object" && "kept" in why ? { ...instance, state: "Kept", message: why.kept } : instance;
	});

/** Seconds after which an object that goes no longer waits for instances that can't be reached. */
const LAST_PATIENCE_SECONDS = 60;

/** Places that still have to release an object that is being deleted, as status stores them. */
export const releasedPlaces = (
	{ written, left, now }: Pick<Input, "written" | "left" | "now">,
	releases: readonly Released[],
): Placement[] =>
	written
		.filter((place) => left.some((query) => isSame(query.place, place)))
		.flatMap((place) => {
			const own = releases.filter(({ query }) => isSame(query.place, place));
			if (own.every(({ release }) => release === "clear")) return [];
			const { unreachableSince, ...going } = place;
			const revoking: Placement = going.state === "Revoking" ? going : { ...going, state: "Revoking", since: now };
			const told: Placement = { ...revoking, instances: withKept(revoking.instances, own) };
			if (own.some(({ release }) => release === "held" || release === "kept")) return [told];
			const since = unreachableSince ?? now;
			return secondsBetween(since, now) >= LAST_PATIENCE_SECONDS ? [] : [{ ...revoking, unreachableSince: since }];
		});

/** What a namespace that is being deleted still waits for. */
export const terminatingVerdict = (held: readonly Placement[], releases: readonly Released[]): Verdict => {
	const instances = releases
		.filter(({ release, query }) => release !== "clear" && held.some((place) => isSame(place, query.place)))
		.map(({ query, why }) => ({ name: query.known.name, ...(why !== undefined && { cause: why }) }));
	return { ready: "False", phase: "Terminating", finding: { reason: "Revoking", instances } };
};
