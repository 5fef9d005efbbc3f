import { secondsBetween } from "../../kube/time.ts";
import {
	type AdminCall,
	type CallOutcome,
	type Failed,
	type NamespaceRecord,
	settledFailure,
} from "../../schemas/admin.ts";
import { type LackingInstance, lackingIn } from "../../schemas/findings/prismnamespace.ts";
import { lackingFieldText } from "../../schemas/messages/status-fields.ts";
import type { PlacedInstance } from "../../schemas/prismnamespace.ts";
import {
	answerAt,
	type Claim,
	hasAccepted,
	type InstanceQuery,
	isLost,
	isStillTold,
	LONGEST_MESSAGE,
	lastKnown,
	mayHaveCreated,
	type Observation,
	observe,
	resultOf,
	type Told,
	type Wanted,
} from "./context.ts";

// One state machine for each instance that is to have the namespace. `transition` goes from its state in status and what was seen on
// the wire to the call that it needs, and to its next state. Places and conditions follow from the states alone.

/** Why an instance does not have the namespace; neither field: there is nothing to report. */
export type Lacking = Omit<LackingInstance, "name">;

export type InstanceState =
	/** It lacks the namespace, or has another configuration. It needs a call, as soon as nothing of this prevents it. */
	| { readonly is: "Pending"; readonly lacking: Lacking }
	/** Read back as desired. It needs nothing. */
	| { readonly is: "Applied" }
	/** It accepted this digest, and can't be read back. It needs the same call again once in a while. */
	| { readonly is: "Unverified"; readonly accepted: string | undefined; readonly reservation?: string | undefined }
	/** It rejected the call, in these words. It needs another spec; the call is made again, as its answer may change. */
	| { readonly is: "Rejected"; readonly words: string }
	/** The identifier belongs to another owner: of the record there, or of the claim. It needs another identifier. */
	| { readonly is: "Conflict"; readonly over: "record" | "claim" };

/** The same as the API has it. */
const STATES = {
	Pending: "Waiting",
	Applied: "Applied",
	Unverified: "Accepted",
	Rejected: "Refused",
	Conflict: "Taken",
} as const satisfies Record<InstanceState["is"], PlacedInstance["state"]>;

/** An instance that is to have the namespace, once it was asked, and called if it was. */
export interface Served {
	readonly query: InstanceQuery;
	readonly state: InstanceState;
	/** The state as status keeps it, with what the next transition needs to know. */
	readonly instance: PlacedInstance;
	readonly record: NamespaceRecord | undefined;
	/** Why it is sent nothing, where it can't be read back. */
	readonly lacksClaim: Exclude<Claim, "held"> | undefined;
	/** Whether a call changed something. */
	readonly pushed: boolean;
	readonly assignedProxy: string | undefined;
	/** Whether it answered with anything but that it is unavailable, or whether a push is still under way. */
	readonly answered: boolean;
	/** Version that a call carried above the object's own. */
	readonly version: number | undefined;
	/** What brings it further; undefined: nothing, nothing now, or it was made. */
	readonly call: AdminCall | undefined;
}

/** What one transition goes by. */
interface Seen {
	readonly each: InstanceQuery;
	readonly wanted: Wanted;
	readonly observed: Observation;
	readonly call: AdminCall | undefined;
	readonly outcome: CallOutcome | undefined;
	readonly now: string;
}

/** Before the call of an instance, and after it: `told` has its result then. */
export const transition = (each: InstanceQuery, wanted: Wanted, told: Told, now: string): Served => {
	const before = answerAt(each, told);
	const { call, outcome } = resultOf(each, told, ["create", "assign"]);
	const answer = outcome?.state === "done" && outcome.readBack !== undefined ? outcome.readBack : before;
	const seen: Seen = {
		each,
		wanted,
		observed: observe(each, wanted, answer, outcome === undefined),
		call,
		outcome,
		now,
	};
	const state = stateAfter(seen);
	const lacking = lackingOf(state);
	const isReminder = answer.state === "unverifiable" && hasAccepted(each, wanted);
	return {
		query: each,
		call: outcome === undefined ? callFor(seen) : undefined,
		state,
		instance: instanceAs(seen, state),
		record: answer.state === "known" ? answer.record : undefined,
		// One that fell silent is no reason to forget that nothing was sent there.
		lacksClaim:
			each.claim !== "held" &&
			(answer.state === "unverifiable" || (answer.state === "unknown" && each.place.claimingSince !== undefined))
				? each.claim
				: undefined,
		pushed: outcome?.state === "done" && (state.is === "Applied" || (state.is === "Unverified" && !isReminder)),
		assignedProxy: chosenProxy(outcome),
		// A reading from before a call that was lost may be of the time before the instance fell silent.
		answered: lacking.cause === "Pending" || (before.state !== "unknown" && !isSilence(lacking)),
		version: call !== undefined && call.version > wanted.version ? call.version : undefined,
	};
};

// ── Calls ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Seconds after which a newer version than the object's own is believed to be left from before a restore, and no longer
 * from a sync that this one is merely behind.
 */
const RESTORED_AFTER_SECONDS = 60;

const callFor = ({ each, wanted, observed, now }: Seen): AdminCall | undefined => {
	const { instance, known, place } = each;
	const { namespaceId, owner, version, config, digest } = wanted;
	const { tried, accepted, newerSince = now } = known;
	const common = { instance, namespaceId, owner, version, config, digest };
	switch (observed.is) {
		case "Silent":
		case "AsDesired":
		case "Foreign":
		case "Unclaimed":
			return undefined;
		case "Missing":
			// A creation may be refused the second time, so what may have been created already is assigned.
			return { verb: place.controlPlane && tried !== true ? "create" : "assign", ...common };
		case "Other": {
			const { record } = observed;
			if (!observed.isNewer)
				return record.digest === undefined && accepted === digest ? undefined : { verb: "assign", ...common };
			if (secondsBetween(newerSince, now) < RESTORED_AFTER_SECONDS) return undefined;
			return { verb: "assign", ...common, version: (record.version ?? 0) + 1 };
		}
		case "Unreadable":
			if (observed.hasAccepted && !observed.isDue) return undefined;
			// The control plane that exists replaces what it has at a creation, and does nothing at an assignment.
			if (place.controlPlane) return { verb: "create", ...common, ...(tried === true && { again: true }) };
			return { verb: "assign", ...common };
		default:
			return observed satisfies never;
	}
};

// ── States ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const pending = (lacking: Lacking): InstanceState => ({ is: "Pending", lacking });

const stateAfter = (seen: Seen): InstanceState => {
	const { each, wanted, observed, outcome, now } = seen;
	if (observed.is === "Foreign") return { is: "Conflict", over: "record" };
	if (observed.is === "AsDesired") return { is: "Applied" };
	if (observed.is !== "Unclaimed")
		return outcome === undefined ? stateUncalled(seen, observed) : stateCalled(seen, observed, outcome);
	if (observed.claim === "closed") return pending({});
	if (isLost(each, now)) return { is: "Conflict", over: "claim" };
	return hasAccepted(each, wanted) ? asBefore(each) : pending({ cause: "Pending" });
};

type Callable = Exclude<Observation, { readonly is: "Foreign" | "AsDesired" | "Unclaimed" }>;

/** No call was made: none was needed, or it is still to come. */
const stateUncalled = ({ each, wanted, now }: Seen, observed: Callable): InstanceState => {
	if (observed.is === "Silent")
		return pending(isStillTold(each, observed.why, wanted, now) ? { cause: "Pending" } : lackingBy(each, observed.why));
	if (observed.is === "Unreadable") return observed.hasAccepted ? asBefore(each) : pending({ cause: "Pending" });
	if (observed.is === "Missing") return pending({ cause: "Pending" });
	if (observed.isNewer) return pending({ cause: "NewerVersion" });
	const { accepted } = each.known;
	return accepted === wanted.digest ? { is: "Unverified", accepted } : pending({ cause: "Pending" });
};

const stateCalled = ({ each, wanted, call }: Seen, observed: Callable, outcome: CallOutcome): InstanceState => {
	switch (outcome.state) {
		case "done":
			if (observed.is === "Unreadable" || (observed.is === "Other" && observed.record.digest === undefined))
				return {
					is: "Unverified",
					accepted: wanted.digest,
					reservation: outcome.reservation?.slice(0, LONGEST_MESSAGE),
				};
			if (observed.is === "Silent") return pending(lackingBy(each, observed.why));
			// It is being read back.
			if (outcome.readBack === undefined) return pending(onItsWay(each));
			return pending({ cause: observed.is === "Missing" ? "NotListed" : "OtherConfiguration" });
		case "refused":
			return { is: "Rejected", words: outcome.message.slice(0, LONGEST_MESSAGE) };
		case "pending":
			return observed.is === "Unreadable" && observed.hasAccepted ? asBefore(each) : pending(onItsWay(each));
		case "failed": {
			const lacksProxies = call?.verb === "create" && outcome.failure === "NotReady";
			return pending(lacksProxies ? { cause: "NoRegisteredProxy" } : lackingBy(each, outcome));
		}
		default:
			return outcome satisfies never;
	}
};

const asBefore = ({ known: { accepted, message } }: InstanceQuery): InstanceState => ({
	is: "Unverified",
	accepted,
	reservation: message,
});

/** A call that is tried again has not helped yet: what was the trouble still is. */
const onItsWay = ({ known }: InstanceQuery): Lacking => {
	const trouble = known.state === "Waiting" ? lackingIn(known) : {};
	return Object.keys(trouble).length > 0 ? trouble : { cause: "Pending" };
};

/**
 * By a failure. Who stays unavailable keeps the words that it was first reported with: each replica behind a Service has its own, and
 * addresses and times in them move.
 */
const lackingBy = ({ known }: InstanceQuery, { failure, words = "UNAVAILABLE" }: Failed): Lacking => {
	const cause = settledFailure(failure);
	if (cause !== "Unavailable") return { cause };
	const before = known.cause === cause ? known.message : undefined;
	return { cause, words: (before ?? words).slice(0, LONGEST_MESSAGE) };
};

/** Nothing that was read before it can be relied on. */
const isSilence = ({ cause }: Lacking): boolean => cause === "NoAnswer" || cause === "Unavailable";

// ── Status ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Whether an instance has the namespace, as far as anybody can see. */
export const hasIt = ({ is }: InstanceState): boolean => is === "Applied" || is === "Unverified";

/** Why it has no namespace, of every state. */
export const lackingOf = (state: InstanceState): Lacking => {
	if (state.is === "Pending") return state.lacking;
	return state.is === "Rejected" ? { words: state.words } : {};
};

const chosenProxy = (outcome: CallOutcome | undefined): string | undefined =>
	outcome?.state === "done" ? outcome.assignedProxy : undefined;

const instanceAs = (seen: Seen, state: InstanceState): PlacedInstance => {
	const { each, observed, call, outcome, now } = seen;
	const { name, host, tried, readySince, silentSince } = each.known;
	const assignedProxy = chosenProxy(outcome) ?? each.known.assignedProxy;
	const lacking = lackingOf(state);
	const message = lackingFieldText(lacking);
	return {
		name,
		...(host !== undefined && { host }),
		...(readySince !== undefined && { readySince }),
		...((tried === true || mayHaveCreated(call, outcome)) && { tried: true }),
		...(isSilence(lacking) && { silentSince: silentSince ?? now }),
		...(state.is === "Pending" && (observed.is === "Silent" || isSilence(lacking)) && lastKnown(each.known, now)),
		...(each.place.controlPlane && assignedProxy !== undefined && { assignedProxy }),
		...memoryOf(seen, state),
		state: STATES[state.is],
		...(lacking.cause !== undefined && { cause: lacking.cause }),
		...(message !== undefined && { message }),
	};
};

/** What else the next transition has to know. */
const memoryOf = ({ each, observed, outcome, now }: Seen, state: InstanceState): Partial<PlacedInstance> => {
	const { accepted, newerSince = now } = each.known;
	if (state.is === "Unverified") {
		const { reservation: message } = state;
		return {
			...(state.accepted !== undefined && { accepted: state.accepted }),
			...(message !== undefined && { message }),
		};
	}
	if (state.is !== "Pending") return {};
	if (outcome === undefined && state.lacking.cause === "NewerVersion") return { newerSince };
	return accepted !== undefined && isStillAccepted(observed, outcome) ? { accepted } : {};
};

/** Nothing has shown that what was accepted is gone. */
const isStillAccepted = (observed: Observation, outcome: CallOutcome | undefined): boolean => {
	if (observed.is === "Unclaimed") return observed.claim === "awaited";
	if (outcome === undefined) return observed.is === "Silent" || observed.is === "Unreadable";
	return outcome.state === "pending" || outcome.state === "failed";
};
