import { secondsAfter, secondsBetween } from "../../kube/time.ts";
import {
	type AdminCall,
	type AdminFailure,
	type Instance,
	isAboutNamespace,
	type NamespaceAnswer,
	type NamespaceQuestion,
	type NamespaceRecord,
	type Outside,
} from "../../schemas/admin.ts";
import type { PlacedInstance, Placement } from "../../schemas/prismnamespace.ts";
import type { Seat } from "./placing.ts";
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
}

/** What is to be there. */
export type Wanted = Identity & Pick<NamespacePlan, "config" | "digest">;

/**
 * Seconds for which a place that is being left is looked at again: an assignment that another hook began before may still
 * arrive. Longer than a call may wait for its turn (5 s), its longest deadline (10 s) and a hook's own time together.
 */
export const LATE_CALL_SECONDS = 20;

/** What is said of an instance with which nothing is the matter: only what a call is to bring is missing. */
export const BEING_TOLD = "is being told";

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

const spot = (
	place: Placement,
	known: PlacedInstance,
	question: Omit<NamespaceQuestion, "about" | "instance">,
): Spot => {
	const instance = addressed(place, known);
	return { place, known, instance, question: { about: "namespace", instance, ...question } };
};

/** Ready instances of a place at which calls may be made: those that the request's status names already. */
export const servingSpots = ({ place, roster }: Seat, written: readonly Placement[], namespaceId: string): Spot[] => {
	const before = written.find((known) => isSame(known, place) && known.state !== "Revoking");
	if (before === undefined || before.controlPlane !== place.controlPlane) return [];
	const ready = new Map(roster.instances.filter((each) => each.ready).map((each) => [each.name, each]));
	const named = new Set(before.instances.map(titleOf));
	return place.instances
		.filter((instance) => ready.has(instance.name) && named.has(titleOf(instance)))
		.map((known) => {
			const storeId = ready.get(known.name)?.storeId;
			return spot(place, known, { namespaceId, ...(storeId !== undefined && { storeId }) });
		});
};

const titleOf = ({ name, host = name }: Pick<PlacedInstance, "name" | "host">): string => `${name} ${host}`;

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
			return place.instances.map((known) => spot(place, known, { namespaceId, after }));
		});

/** All instances of all places, when the object goes: to be asked after it was deleted. */
export const lastSpots = (written: readonly Placement[], namespaceId: string, deleted: string): Spot[] =>
	written.flatMap((place) => place.instances.map((known) => spot(place, known, { namespaceId, after: deleted })));

export const isSame = (left: Placement, right: Placement): boolean =>
	left.roster === right.roster && left.namespace === right.namespace;

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

export const answerAt = ({ instance }: Spot, { answers }: Told): NamespaceAnswer =>
	answers.get(instance.address) ?? { state: "unknown", failure: "Unreachable" };

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
export const isOvertaken = ({ known }: Spot, answer: NamespaceAnswer, { digest, pushedAt }: Identity): boolean =>
	answer.state === "known" &&
	answer.record?.digest !== digest &&
	known.state === "Applied" &&
	pushedAt !== undefined &&
	secondsBetween(pushedAt, answer.readAt) <= HOOK_SECONDS;

/**
 * Whether an instance is silent of a namespace only because it is still being told of it: for as long as any call may
 * take, nothing is the matter with it.
 */
export const isStillTold = ({ known }: Spot, failure: AdminFailure, { unreadySince }: Identity, now: string): boolean =>
	failure === "DeadlineExceeded" &&
	known.message === BEING_TOLD &&
	unreadySince !== undefined &&
	secondsBetween(unreadySince, now) < LATE_CALL_SECONDS;

// ── Calls ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Seconds after which a newer version than the object's own is believed to be left from before a restore, and no longer
 * from a sync that this one is merely behind.
 */
const RESTORED_AFTER_SECONDS = 60;

/** The call that a serving instance needs; undefined: none, or none that could be made now. */
export const assignment = (each: Spot, wanted: Wanted, told: Told, now: string): AdminCall | undefined => {
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
	if (answer.state === "unverifiable" && accepted === digest) return undefined;
	// A creation may be refused the second time, so what may have been created already is assigned.
	return { verb: each.place.controlPlane && tried !== true ? "create" : "assign", ...common };
};

/**
 * The call that takes it away; undefined: nothing to take away, or not ours. `last`: the object goes, and what was begun
 * for it may still arrive; a proxy that was told to revoke refuses that, so every one is told.
 */
export const revocation = (
	each: Spot,
	identity: Identity,
	told: Told,
	occasion: "move" | "last",
): AdminCall | undefined => {
	const { namespaceId, owner, version } = identity;
	const answer = answerAt(each, told);
	const record = answer.state === "known" ? answer.record : undefined;
	const call: AdminCall = { verb: "revoke", instance: each.instance, namespaceId, owner, version };
	if (record !== undefined) {
		if (isForeign(record, identity)) return undefined;
		if (!isNewer(record, identity)) return call;
		// Nothing newer can follow on an object that goes: it was restored from an older state.
		return occasion === "last" ? { ...call, version: record.version ?? version } : undefined;
	}
	if (occasion === "move") return answer.state === "unverifiable" ? call : undefined;
	// It was somebody else's when it was last heard of.
	return answer.state === "unknown" && each.known.state === "Taken" ? undefined : call;
};
