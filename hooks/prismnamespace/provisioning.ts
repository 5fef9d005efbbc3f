import { secondsAfter, secondsBetween } from "../../kube/time.ts";
import {
	ADMIN_FAILURES,
	type AdminCall,
	type Instance,
	isAboutNamespace,
	type NamespaceAnswer,
	type NamespaceQuestion,
	type NamespaceRecord,
	type Outside,
} from "../../schemas/admin.ts";
import type { PlacedInstance, Placement } from "../../schemas/prismnamespace.ts";
import type { Places } from "./placing.ts";
import { instanceAt, type NamespacePlan } from "./plan.ts";

// From what instances report to the calls that are needed, and from what became of the calls to what is true now.

/** Who it is on the wire; known of every object, also of one whose spec can't be carried out. */
export interface Identity {
	readonly namespaceId: string;
	readonly owner: string;
	readonly version: number;
}

/** What is to be there. */
export type Wanted = Identity & Pick<NamespacePlan, "config" | "digest">;

/**
 * Seconds for which a place that is being left is looked at again: an assignment that another hook began before may still
 * arrive. Longer than a call may wait for its turn (5 s), its longest deadline (10 s) and a hook's own time together.
 */
export const LATE_CALL_SECONDS = 20;

// ── Questions ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** An instance in a place, and what there is to find out about it. */
export interface Spot {
	readonly place: Placement;
	readonly known: PlacedInstance;
	readonly instance: Instance;
	readonly question: NamespaceQuestion;
}

const addressed = (place: Placement, known: PlacedInstance): Instance =>
	instanceAt(
		{ name: place.roster, namespace: place.namespace, port: place.port, controlPlane: place.controlPlane },
		{ name: known.name, ...(known.host !== undefined && { host: known.host }) },
	);

const spot = (place: Placement, known: PlacedInstance, namespaceId: string, after?: string): Spot => {
	const instance = addressed(place, known);
	return {
		place,
		known,
		instance,
		question: { about: "namespace", instance, namespaceId, ...(after !== undefined && { after }) },
	};
};

/** Ready instances of the target at which calls may be made: those that the request's status names already. */
export const servingSpots = (
	{ target, roster }: Places,
	written: readonly Placement[],
	namespaceId: string,
): Spot[] => {
	const before = target && written.find((place) => isSame(place, target) && place.state !== "Revoking");
	if (target === undefined || before === undefined || before.controlPlane !== target.controlPlane) return [];
	return target.instances
		.filter(({ name }) => roster?.instances.find((instance) => instance.name === name)?.ready === true)
		.filter(({ name, host }) => before.instances.some((known) => known.name === name && known.host === host))
		.map((known) => spot(target, known, namespaceId));
};

/** All instances of places that the request's status names as being revoked, to be asked after they were given up. */
export const leftSpots = (
	revoking: readonly Placement[],
	written: readonly Placement[],
	namespaceId: string,
	now: string,
): Spot[] =>
	revoking
		.filter((place) => written.some((known) => isSame(known, place) && known.state === "Revoking"))
		.flatMap((place) => {
			const after = isSettled(place, now) ? settlesAt(place) : place.since;
			return place.instances.map((known) => spot(place, known, namespaceId, after));
		});

/** All instances of all places, when the object goes: to be asked after it was deleted. */
export const lastSpots = (written: readonly Placement[], namespaceId: string, deleted: string): Spot[] =>
	written.flatMap((place) => place.instances.map((known) => spot(place, known, namespaceId, deleted)));

export const isSame = (left: Placement, right: Placement): boolean =>
	left.roster === right.roster && left.namespace === right.namespace;

// ── Calls ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const answerOf = ({ question }: Spot, { answers }: Pick<Outside, "answers">): NamespaceAnswer => {
	const reply = answers
		.filter(isAboutNamespace)
		.find(
			(candidate) =>
				candidate.question.instance.address === question.instance.address &&
				candidate.question.namespaceId === question.namespaceId,
		);
	return reply?.answer ?? { state: "unknown", failure: "Unreachable" };
};

/** Somebody else's, or nobody's: then it was made by hand, and is left alone as well. */
const isForeign = (record: NamespaceRecord, owner: string): boolean =>
	record.owner !== undefined && record.owner !== owner;

/** The call that a serving instance needs; undefined: none, or none that could be made now. */
export const assignment = (each: Spot, wanted: Wanted, outside: Pick<Outside, "answers">): AdminCall | undefined => {
	const answer = answerOf(each, outside);
	const { namespaceId, owner, version, config, digest } = wanted;
	const common = { instance: each.instance, namespaceId, owner, version, config, digest };
	if (answer.state === "unknown") return undefined;
	const record = answer.state === "known" ? answer.record : undefined;
	if (record !== undefined) {
		if (isForeign(record, owner)) return undefined;
		if (record.digest === digest) return undefined;
		// Written by a newer generation than this request's: the request is late, and another one is coming.
		if ((record.version ?? 0) > version) return undefined;
		if (record.digest === undefined && each.known.accepted === digest) return undefined;
		return { verb: "assign", ...common };
	}
	if (answer.state === "unverifiable" && each.known.accepted === digest) return undefined;
	// A creation may be refused the second time, so what may have been created already is assigned.
	return { verb: each.place.controlPlane && each.known.tried !== true ? "create" : "assign", ...common };
};

/**
 * The call that takes it away; undefined: nothing to take away, or not ours. `last`: the object goes, and what was begun
 * for it may still arrive; a proxy that was told to revoke refuses that, so every one is told.
 */
export const revocation = (
	each: Spot,
	{ namespaceId, owner, version }: Identity,
	outside: Pick<Outside, "answers">,
	occasion: "move" | "last",
): AdminCall | undefined => {
	const answer = answerOf(each, outside);
	if (answer.state === "known" && answer.record !== undefined && isBeyond(answer.record, { owner, version }))
		return undefined;
	if (occasion === "move" && (answer.state === "unknown" || (answer.state === "known" && answer.record === undefined)))
		return undefined;
	return { verb: "revoke", instance: each.instance, namespaceId, owner, version };
};

/** Somebody else's, or written for a newer generation than this request's. */
const isBeyond = (record: NamespaceRecord, { owner, version }: Pick<Identity, "owner" | "version">): boolean =>
	isForeign(record, owner) || (record.version ?? 0) > version;

// ── Outcome ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A serving instance as it is now. */
export interface Served {
	readonly instance: PlacedInstance & { readonly state: NonNullable<PlacedInstance["state"]> };
	readonly record: NamespaceRecord | undefined;
	/** Whether a call changed something. */
	readonly pushed: boolean;
	readonly assignedProxy: string | undefined;
	/** Whether it answered at all. */
	readonly answered: boolean;
}

const resultOf = (each: Spot, { results }: Pick<Outside, "results">, verbs: readonly AdminCall["verb"][]) =>
	results.find(({ call }) => call.instance.address === each.instance.address && verbs.includes(call.verb))?.outcome;

export const servedAt = (each: Spot, wanted: Wanted, outside: Outside): Served => {
	const before = answerOf(each, outside);
	const outcome = resultOf(each, outside, ["create", "assign"]);
	const answer = outcome?.state === "done" && outcome.readBack !== undefined ? outcome.readBack : before;
	const record = answer.state === "known" ? answer.record : undefined;
	const { state: _state, message: _message, accepted, ...memory } = each.known;
	const as = (state: Served["instance"]["state"], message?: string, more: Partial<PlacedInstance> = {}): Served => ({
		instance: {
			...memory,
			...((outcome !== undefined || memory.tried === true) && each.place.controlPlane && { tried: true }),
			...more,
			state,
			...(message !== undefined && { message: message.slice(0, LONGEST_MESSAGE) }),
		},
		record,
		pushed: outcome?.state === "done",
		assignedProxy: outcome?.state === "done" ? outcome.assignedProxy : undefined,
		answered: before.state !== "unknown",
	});
	if (record !== undefined && isForeign(record, wanted.owner)) return as("Taken");
	if (record?.digest === wanted.digest) return as("Applied");
	if (outcome === undefined) {
		if (answer.state === "unknown")
			return as("Waiting", ADMIN_FAILURES[answer.failure], accepted === undefined ? {} : { accepted });
		const isAccepted = accepted === wanted.digest && (answer.state === "unverifiable" || record !== undefined);
		return isAccepted ? as("Accepted", undefined, { accepted }) : as("Waiting", "is being told");
	}
	switch (outcome.state) {
		case "done":
			if (answer.state === "unverifiable" || (record !== undefined && record.digest === undefined))
				return as("Accepted", undefined, { accepted: wanted.digest });
			return as(
				"Waiting",
				record === undefined ? "accepted it, and does not list it" : "accepted it, and reports another configuration",
			);
		case "refused":
			return as("Refused", outcome.message);
		case "pending":
			return as("Waiting", ADMIN_FAILURES.DeadlineExceeded);
		case "failed":
			return as("Waiting", ADMIN_FAILURES[outcome.failure]);
		default:
			return outcome satisfies never;
	}
};

const LONGEST_MESSAGE = 512;

/** Whether an instance that is to let go of the namespace has done so. */
export type Release = "clear" | "held" | "unreachable";

export const releaseAt = (each: Spot, identity: Identity, outside: Outside, occasion: "move" | "last"): Release => {
	const outcome = resultOf(each, outside, ["revoke"]);
	const before = answerOf(each, outside);
	if (outcome?.state === "done") {
		const after = outcome.readBack;
		// What can't be read back has to be believed.
		return after?.record === undefined || isBeyond(after.record, identity) ? "clear" : "held";
	}
	if (before.state === "unknown") return "unreachable";
	if (before.state === "unverifiable") return "held";
	if (before.record !== undefined) return isForeign(before.record, identity.owner) ? "clear" : "held";
	// Timestamps have one form, so that their order as texts is their order in time.
	return occasion === "move" && before.readAt > (each.question.after ?? "") ? "clear" : "held";
};

/** Whether a place that is clear may be forgotten: no call that was begun before it was given up can arrive any more. */
export const isSettled = ({ since }: Placement, now: string): boolean =>
	secondsBetween(since, now) >= LATE_CALL_SECONDS;

export const settlesAt = ({ since }: Placement): string => secondsAfter(since, LATE_CALL_SECONDS);
