import { latestOf } from "../../kube/roster.ts";
import { secondsAfter, secondsBetween } from "../../kube/time.ts";
import {
	type AdminCall,
	type AdminFailure,
	type CallOutcome,
	type Instance,
	isAboutNamespace,
	type NamespaceAnswer,
	type NamespaceQuestion,
	type NamespaceRecord,
	type Outside,
	settledFailure,
} from "../../schemas/admin.ts";
import { INSTANCE_CAUSES, type InstanceCause, type LackingInstance } from "../../schemas/findings/namespace.ts";
import type { PlacedInstance, Placement } from "../../schemas/prismnamespace.ts";
import { lackingFieldText } from "../../schemas/rendering/fields.ts";
import { isSame, type LivePlacement, lastKnown, titleOf } from "./placement.ts";
import { instanceAt, type NamespacePlan } from "./plan.ts";

// What is asked of instances, and from what they report to the calls that are needed.

/** Who it is on the wire; known of every object, also of one whose spec can't be carried out. */
export interface Identity {
	readonly namespaceId: string;
	readonly owner: string;
	readonly version: number;
	/** Of the configuration that is wanted, or was last; it covers the owner. */
	readonly digest: string | undefined;
	/** When that configuration was told to an instance last, as status says. */
	readonly pushedAt: string | undefined;
	/** Since when it has not been Ready, as status says; undefined: it is, or nobody has said yet. */
	readonly unreadySince: string | undefined;
	/** Proxy that a control plane chose, of a status that does not say which control plane. */
	readonly assignedProxy: string | undefined;
}

/** What is to be there. */
export type Wanted = Identity & Pick<NamespacePlan, "config" | "digest">;

/**
 * Seconds for which a place that is being left is looked at again: an assignment that another hook began before may still
 * arrive. Longer than a call may wait for its turn (5 s), its longest deadline (10 s) and a hook's own time together.
 */
export const LATE_CALL_SECONDS = 20;

// ── Questions ───────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Whether the object has the identifier in a place, which matters where instances can't be read back. `closed`: the place takes no
 * objects of other Kubernetes namespaces then.
 */
type Claim = "held" | "awaited" | "closed";
export type ClaimIn = (place: Placement) => Claim;

/** An instance in a place, and what there is to find out about it. */
export interface InstanceQuery {
	readonly place: Placement;
	readonly claim: Claim;
	readonly known: PlacedInstance;
	readonly instance: Instance;
	readonly question: NamespaceQuestion;
}

const addressed = (place: Placement, known: PlacedInstance): Instance =>
	instanceAt(
		{ name: place.roster, namespace: place.namespace, port: place.port, controlPlane: place.controlPlane },
		{ name: known.name, ...(known.host !== undefined && { host: known.host }) },
	);

const query = (
	place: Placement,
	claim: Claim,
	known: PlacedInstance,
	question: Omit<NamespaceQuestion, "about" | "instance">,
): InstanceQuery => {
	const instance = addressed(place, known);
	return { place, claim, known, instance, question: { about: "namespace", instance, ...question } };
};

/** Ready instances of a place at which calls may be made: those that the request's status names already. */
export const servingQueries = (
	{ place, roster }: LivePlacement,
	written: readonly Placement[],
	namespaceId: string,
	claimIn: ClaimIn,
): InstanceQuery[] => {
	const before = written.find((known) => isSame(known, place) && known.state !== "Revoking");
	if (before === undefined || before.controlPlane !== place.controlPlane) return [];
	const ready = new Map(roster.instances.filter((each) => each.ready).map((each) => [each.name, each]));
	const named = new Set(before.instances.map(titleOf));
	const claim = roster.isForeign === true && !roster.takesUnverified ? "closed" : claimIn(place);
	return place.instances
		.filter((instance) => ready.has(instance.name) && named.has(titleOf(instance)))
		.map((known) => {
			const { storeId, readySince, silentSince } = ready.get(known.name) ?? {};
			const changedAt = latestOf(readySince, silentSince);
			const { silentSince: after } = known;
			return query(place, claim, known, {
				namespaceId,
				// Another copy of the operator may still go by a listing from before the instance fell silent.
				...(after !== undefined && { after }),
				...(storeId !== undefined && { storeId }),
				...(changedAt !== undefined && { changedAt }),
			});
		});
};

/** All instances of places that the request's status names as being revoked, to be asked after they were given up. */
export const leftQueries = (
	revoking: readonly Placement[],
	written: readonly Placement[],
	namespaceId: string,
	now: string,
	claimIn: ClaimIn,
): InstanceQuery[] =>
	revoking
		.filter((place) => written.some((known) => isSame(known, place) && known.state === "Revoking"))
		.flatMap((place) => {
			const after = isSettled(place, now) ? settlesAt(place) : place.since;
			return place.instances.map((known) => query(place, claimIn(place), known, { namespaceId, after }));
		});

/** All instances of all places, when the object goes: to be asked after it was deleted. */
export const lastQueries = (
	written: readonly Placement[],
	namespaceId: string,
	deleted: string,
	claimIn: ClaimIn,
): InstanceQuery[] =>
	written.flatMap((place) =>
		place.instances.map((known) => query(place, claimIn(place), known, { namespaceId, after: deleted })),
	);

/** Whether a place that is clear may be forgotten: no call that was begun before it was given up can arrive any more. */
export const isSettled = ({ since }: Placement, now: string): boolean =>
	secondsBetween(since, now) >= LATE_CALL_SECONDS;

const settlesAt = ({ since }: Placement): string => secondsAfter(since, LATE_CALL_SECONDS);

// ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What became known, by the instance's address: a shard may have a thousand of them. */
export interface Told {
	readonly answers: ReadonlyMap<string, NamespaceAnswer>;
	readonly results: ReadonlyMap<string, Outside["results"][number]>;
}

export const toldBy = ({ answers, results }: Pick<Outside, "answers"> & Partial<Outside>): Told => ({
	answers: new Map(answers.filter(isAboutNamespace).map(({ question, answer }) => [question.instance.address, answer])),
	results: new Map((results ?? []).map((result) => [result.call.instance.address, result])),
});

export const answerAt = ({ instance }: InstanceQuery, { answers }: Told): NamespaceAnswer =>
	answers.get(instance.address) ?? { state: "unknown", failure: "Unreachable" };

/** The call of one of these verbs that was made there, and how it ended. */
export const resultOf = (
	each: InstanceQuery,
	{ results }: Told,
	verbs: readonly AdminCall["verb"][],
): { readonly call?: AdminCall; readonly outcome?: CallOutcome } => {
	const result = results.get(each.instance.address);
	return result !== undefined && verbs.includes(result.call.verb) ? result : {};
};

/**
 * Somebody else's, or nobody's: then it was made by hand, and is left alone as well. Unless its configuration is ours, to
 * the owner in it: then a server that knew nothing of owners kept it.
 */
export const isForeign = ({ owner, digest }: NamespaceRecord, identity: Omit<Identity, "version">): boolean =>
	owner !== undefined &&
	owner !== identity.owner &&
	!(owner === "" && digest !== undefined && digest === identity.digest);

/** Ours, and written for a newer generation than this object has. */
export const isNewer = (record: NamespaceRecord, { version }: Pick<Identity, "version">): boolean =>
	(record.version ?? 0) > version;

/** Seconds from the time that a hook writes to the end of its calls, at the most. */
const HOOK_SECONDS = 2;

/**
 * Whether a reading tells of the time before the last push, after which the instance was read back and had it: another copy
 * of the operator made that push, and this one still goes by its own listing.
 */
const isOvertaken = ({ known }: InstanceQuery, answer: NamespaceAnswer, { digest, pushedAt }: Identity): boolean =>
	answer.state === "known" &&
	answer.record?.digest !== digest &&
	known.state === "Applied" &&
	pushedAt !== undefined &&
	secondsBetween(pushedAt, answer.readAt) <= HOOK_SECONDS;

/**
 * Whether an instance is silent of a namespace only because it is still being told of it: for as long as any call may
 * take, nothing is the matter with it.
 */
const isStillTold = (
	{ known }: InstanceQuery,
	failure: AdminFailure,
	{ unreadySince }: Identity,
	now: string,
): boolean =>
	failure === "DeadlineExceeded" &&
	lackingIn(known).cause === "Pending" &&
	unreadySince !== undefined &&
	secondsBetween(unreadySince, now) < LATE_CALL_SECONDS;

// ── Calls ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Seconds after which a newer version than the object's own is believed to be left from before a restore, and no longer
 * from a sync that this one is merely behind.
 */
const RESTORED_AFTER_SECONDS = 60;

/** Whether an instance that can't be read back accepted this very configuration, and nothing has made that doubtful since. */
const hasAccepted = ({ known }: InstanceQuery, { digest }: Pick<Wanted, "digest">): boolean =>
	known.state === "Accepted" && known.accepted === digest;

/** The call that a serving instance needs; undefined: none, or none that could be made now. */
export const assignment = (each: InstanceQuery, wanted: Wanted, told: Told, now: string): AdminCall | undefined => {
	const answer = answerAt(each, told);
	const { namespaceId, owner, version, config, digest } = wanted;
	const common = { instance: each.instance, namespaceId, owner, version, config, digest };
	const { accepted, tried, newerSince = now } = each.known;
	if (answer.state === "unknown" || isOvertaken(each, answer, wanted)) return undefined;
	const record = answer.state === "known" ? answer.record : undefined;
	if (record !== undefined) {
		if (isForeign(record, wanted) || record.digest === digest) return undefined;
		if (isNewer(record, wanted)) {
			if (secondsBetween(newerSince, now) < RESTORED_AFTER_SECONDS) return undefined;
			return { verb: "assign", ...common, version: (record.version ?? 0) + 1 };
		}
		return record.digest === undefined && accepted === digest ? undefined : { verb: "assign", ...common };
	}
	if (answer.state === "unverifiable") {
		if (each.claim !== "held") return undefined;
		if (hasAccepted(each, wanted) && answer.remindInSeconds !== 0) return undefined;
		if (!each.place.controlPlane) return { verb: "assign", ...common };
		// The control plane that exists replaces what it has at a creation, and does nothing at an assignment.
		return { verb: "create", ...common, ...(tried === true && { again: true }) };
	}
	// A creation may be refused the second time, so what may have been created already is assigned.
	return { verb: each.place.controlPlane && tried !== true ? "create" : "assign", ...common };
};

/**
 * The call that takes it away; undefined: nothing to take away, or not ours. `last`: the object goes, and what was begun
 * for it may still arrive; a proxy that was told to revoke refuses that, so every one is told.
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
	// It was somebody else's when it was last heard of.
	const isTheirs = each.known.state === "Taken" || each.place.claimingSince !== undefined;
	return answer.state === "unknown" && isTheirs ? undefined : call;
};

/** Whether what can't be read back is ours: there is a claim, or it was sent there by an operator that knew no claims. */
export const isOursUnseen = ({ claim, known, place }: InstanceQuery): boolean =>
	claim === "held" || (known.accepted !== undefined && place.claimingSince === undefined);

// ── An instance ─────────────────────────────────────────────────────────────────────────────────────────────────────

// What is true of an instance, once it was asked and told.

/** An instance that is to have the namespace. */
export interface Served {
	readonly query: InstanceQuery;
	readonly instance: PlacedInstance & { readonly state: NonNullable<PlacedInstance["state"]> };
	/** Why it does not have it, and what it says itself of that. */
	readonly lacking: Omit<LackingInstance, "name">;
	readonly record: NamespaceRecord | undefined;
	/** Why it is sent nothing, where it can't be read back. */
	readonly lacksClaim: Exclude<Claim, "held"> | undefined;
	/** Whether a call changed something. */
	readonly pushed: boolean;
	readonly assignedProxy: string | undefined;
	/** Whether it answered at all, or is still being told. */
	readonly answered: boolean;
	/** Version that a call carried above the object's own. */
	readonly version: number | undefined;
}

export const servedAt = (each: InstanceQuery, wanted: Wanted, told: Told, now: string): Served => {
	const before = answerAt(each, told);
	const { call, outcome } = resultOf(each, told, ["create", "assign"]);
	const answer = outcome?.state === "done" && outcome.readBack !== undefined ? outcome.readBack : before;
	const record = answer.state === "known" ? answer.record : undefined;
	const { name, host, accepted, tried, newerSince, readySince, silentSince } = each.known;
	const chosen = outcome?.state === "done" ? outcome.assignedProxy : undefined;
	const assignedProxy = chosen ?? each.known.assignedProxy;
	/** A call that is tried again has not helped yet. */
	const trouble = each.known.state === "Waiting" ? lackingIn(each.known) : {};
	const onItsWay: Served["lacking"] = Object.keys(trouble).length > 0 ? trouble : { cause: "Pending" };
	const as = (
		state: Served["instance"]["state"],
		lacking: Served["lacking"] = {},
		memory: Partial<PlacedInstance> = {},
	): Served => ({
		query: each,
		instance: {
			name,
			...(host !== undefined && { host }),
			...(readySince !== undefined && { readySince }),
			...((tried === true || mayHaveCreated(call, outcome)) && { tried: true }),
			...(lacking.cause === "NoAnswer" && { silentSince: silentSince ?? now }),
			...(state === "Waiting" &&
				(answer.state === "unknown" || lacking.cause === "NoAnswer") &&
				lastKnown(each.known, now)),
			...(each.place.controlPlane && assignedProxy !== undefined && { assignedProxy }),
			...memory,
			state,
			...lackingFields(lacking),
		},
		lacking,
		record,
		// One that fell silent is no reason to forget that nothing was sent there.
		lacksClaim:
			each.claim !== "held" && (isBlind || (answer.state === "unknown" && each.place.claimingSince !== undefined))
				? each.claim
				: undefined,
		pushed: outcome?.state === "done" && (state === "Applied" || (state === "Accepted" && !isReminder)),
		assignedProxy: chosen,
		// A reading from before a call that was lost may be of the time before the instance fell silent.
		answered: lacking.cause === "Pending" || (before.state !== "unknown" && lacking.cause !== "NoAnswer"),
		version: call !== undefined && call.version > wanted.version ? call.version : undefined,
	});
	const isBlind = answer.state === "unverifiable";
	/** What it is sent, if anything, it has accepted before. */
	const isReminder = isBlind && hasAccepted(each, wanted);
	const kept = accepted === undefined ? {} : { accepted };
	/** As it was. */
	const stillAccepted = () => {
		const { message } = each.known;
		return as("Accepted", {}, { ...kept, ...(message !== undefined && { message }) });
	};
	if (record !== undefined && isForeign(record, wanted)) return as("Taken");
	if (record?.digest === wanted.digest) return as("Applied");
	if (outcome === undefined && isOvertaken(each, answer, wanted)) return as("Applied");
	if (isBlind && each.claim === "closed") return as("Waiting");
	if (isBlind && each.claim === "awaited") {
		if (isLost(each, now)) return as("Taken");
		return isReminder ? stillAccepted() : as("Waiting", { cause: "Pending" }, kept);
	}
	if (outcome === undefined) {
		if (answer.state === "unknown")
			return as(
				"Waiting",
				{ cause: isStillTold(each, answer.failure, wanted, now) ? "Pending" : settledFailure(answer.failure) },
				kept,
			);
		if (record !== undefined && isNewer(record, wanted))
			return as("Waiting", { cause: "NewerVersion" }, { newerSince: newerSince ?? now });
		if (isReminder) return stillAccepted();
		const isAccepted = accepted === wanted.digest && record !== undefined;
		return isAccepted ? as("Accepted", {}, kept) : as("Waiting", { cause: "Pending" }, isBlind ? kept : {});
	}
	switch (outcome.state) {
		case "done":
			if (isBlind || (record !== undefined && record.digest === undefined)) {
				const { reservation } = outcome;
				return as(
					"Accepted",
					{},
					{
						accepted: wanted.digest,
						...(reservation !== undefined && { message: reservation.slice(0, LONGEST_MESSAGE) }),
					},
				);
			}
			if (answer.state === "unknown") return as("Waiting", { cause: settledFailure(answer.failure) });
			// It is being read back.
			if (outcome.readBack === undefined) return as("Waiting", onItsWay);
			return as("Waiting", { cause: record === undefined ? "NotListed" : "OtherConfiguration" });
		case "refused":
			return as("Refused", { words: outcome.message.slice(0, LONGEST_MESSAGE) });
		case "pending":
			return isReminder ? stillAccepted() : as("Waiting", onItsWay, kept);
		case "failed": {
			const lacksProxies = call?.verb === "create" && outcome.failure === "NotReady";
			return as("Waiting", { cause: lacksProxies ? "NoRegisteredProxy" : settledFailure(outcome.failure) }, kept);
		}
		default:
			return outcome satisfies never;
	}
};

/** Characters of a proxy's own words in a status. */
export const LONGEST_MESSAGE = 512;

/** Seconds after which a claim that was not made belongs to somebody else. */
const CLAIM_SECONDS = 10;

const isLost = ({ place: { claimingSince } }: InstanceQuery, now: string): boolean =>
	claimingSince !== undefined && secondsBetween(claimingSince, now) >= CLAIM_SECONDS;

/** As status says it. */
const lackingFields = (lacking: Served["lacking"]): Pick<PlacedInstance, "cause" | "message"> => {
	const message = lackingFieldText(lacking);
	return { ...(lacking.cause !== undefined && { cause: lacking.cause }), ...(message !== undefined && { message }) };
};

/** After these, nobody knows whether it was created; after others it certainly was not. */
const DOUBTFUL: readonly AdminFailure[] = ["Unreachable", "DeadlineExceeded", "BadAnswer"];

const mayHaveCreated = (call: AdminCall | undefined, outcome: CallOutcome | undefined): boolean =>
	call?.verb === "create" &&
	outcome !== undefined &&
	(outcome.state !== "failed" || DOUBTFUL.includes(outcome.failure));

// ── Causes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Why an instance lacks the namespace, as status says: a cause, or words of its own or of a newer operator. */
export const lackingIn = ({
	cause,
	message,
}: Pick<PlacedInstance, "cause" | "message">): Omit<LackingInstance, "name"> => {
	const known = INSTANCE_CAUSES.find((each) => each === cause) ?? PASSING_CAUSES.get(cause);
	if (known !== undefined) return { cause: known };
	if (message === undefined) return {};
	// oxlint-disable-next-line prism/no-message-as-meaning -- there is nothing else in a status of that release
	const before = cause === undefined ? CAUSES_OF_0_1_0[message] : undefined;
	return before === undefined ? { words: message } : { cause: before };
};

/** Compatibility: operators after 0.1.0 wrote these for a while, and the one or the other from one sync to the next. */
const PASSING_CAUSES: ReadonlyMap<string | undefined, InstanceCause> = new Map(
	["Unreachable", "DeadlineExceeded", "CircuitOpen", "Overloaded"].map((cause) => [cause, "NoAnswer"]),
);

/**
 * Compatibility: operators up to 0.1.0 wrote no cause, and these messages. They stay as they are, whatever ours become. When no
 * status of theirs can be left, this goes.
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
