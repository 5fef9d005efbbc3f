import { isAnnotated } from "../../kube/boolean-annotations.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { hmacHex, isSameDigest } from "../../kube/hash.ts";
import { canonicalJson, isRecord, kindKey, valueAt } from "../../kube/object.ts";
import { readerOf } from "../../kube/received-object.ts";
import { countOf } from "../../kube/rollout.ts";
import { latestOf } from "../../kube/roster.ts";
import { checkOf } from "../../kube/schema.ts";
import { isRefusal, type Refusal } from "../../kube/spec-refusal.ts";
import { secondsAfter, secondsBetween } from "../../kube/time.ts";
import type { Instance, NamespaceQuestion } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import type { DecoratorRequest, ObjectMap } from "../../schemas/metacontroller.ts";
import { type PlacedInstance, Placement, PrismNamespace } from "../../schemas/prismnamespace.ts";
import { PrismRoster } from "../../schemas/prismroster.ts";
import { API_VERSION, FORCE_DELETE_ANNOTATION, PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import {
	type Claim,
	type ClaimIn,
	type Identity,
	type InstanceQuery,
	instanceAt,
	isClaimed,
	isSame,
	LATE_CALL_SECONDS,
	titleOf,
} from "./context.ts";
import { isSettled, type LivePlacement, NO_PLACES, type Places, placesFor } from "./placement.ts";
import { type NamespacePlan, openRosters, ownerOf, planNamespace, type Roster, shardsHome, versionOf } from "./plan.ts";

const isPlacement = checkOf(Placement);

const readNamespace = readerOf(PrismNamespace);

/** The whole input of a request. */
export interface Input {
	readonly object: KubeObject;
	/** As observed: claims on the identifier. */
	readonly attachments: ObjectMap;
	readonly plan: NamespacePlan | Refusal;
	readonly identity: Identity;
	/** Places that the request's status names, as far as they are the operator's own: calls go nowhere else. */
	readonly written: readonly Placement[];
	readonly signing: Signing;
	readonly places: Places;
	/** Instances that are to have it. */
	readonly serving: readonly InstanceQuery[];
	/** Instances that are to release it. */
	readonly left: readonly InstanceQuery[];
	/** Whether calls may be made there. */
	readonly isCallable: (query: InstanceQuery) => boolean;
	readonly expired: boolean;
	readonly paused: boolean;
	readonly forced: boolean;
	/** Whether it is being deleted, and this hook releases it. */
	readonly going: boolean;
	readonly now: string;
}

/** Of one call; its stages must agree on it. */
export const inputOf = ({ object, attachments, related, finalizing }: DecoratorRequest, context: Context): Input => {
	const { now } = context;
	const read = readNamespace(object);
	const plan = isRefusal(read) ? read : planNamespace(read, related, context);
	const identity = identityOf(object, plan, context);
	const { namespace: home = "default" } = object.metadata;
	const signing = { owner: identity.owner, home, keys: context.keys };
	const written = provenPlaces(writtenPlaces(object), openRosters(related, home), signing);
	const expiresAt = isRefusal(plan) ? undefined : plan.expiresAt;
	const expired = expiresAt !== undefined && secondsBetween(expiresAt, now) >= 0;
	const { deletionTimestamp } = object.metadata;
	// A spec that can't be carried out leaves the places that are written as they are, and looks for no others.
	const places = isRefusal(plan) ? NO_PLACES : placesFor({ plan, written, wanted: !expired, now });
	const going = finalizing && deletionTimestamp !== undefined;
	const common = {
		object,
		attachments,
		plan,
		identity,
		written,
		signing,
		places,
		expired,
		paused: isAnnotated(object, PAUSED_ANNOTATION),
		forced: isAnnotated(object, FORCE_DELETE_ANNOTATION),
		isCallable: ({ place }: InstanceQuery) => !place.controlPlane || !isForeign(place, related),
		going,
		now,
	};
	const { namespaceId } = identity;
	const claimIn: ClaimIn = (place) => (isClaimed(attachments, object, place, namespaceId) ? "held" : "awaited");
	if (deletionTimestamp !== undefined || finalizing) {
		// What merely is no longer decorated is left as it is.
		const there = going ? written.filter((place) => !isGone(place, object, related)) : [];
		return { ...common, serving: [], left: lastQueries(there, namespaceId, deletionTimestamp ?? now, claimIn) };
	}
	const all = [...(places.target === undefined ? [] : [places.target]), ...places.keeping];
	return {
		...common,
		serving: all.flatMap((live) => servingQueries(live, written, namespaceId, claimIn)),
		left: leftQueries(places.revoking, written, namespaceId, now, claimIn),
	};
};

const writtenPlaces = ({ status }: KubeObject): Placement[] => {
	const places = valueAt(status, "placements");
	// An invalid one is no reason to forget the others.
	return Array.isArray(places) ? places.filter((place) => isPlacement(place)) : [];
};

const identityOf = (object: KubeObject, plan: NamespacePlan | Refusal, { installation }: Context): Identity => {
	const namespaceId = valueAt(object["spec"], "namespaceId");
	return {
		namespaceId: typeof namespaceId === "string" ? namespaceId : object.metadata.name,
		owner: ownerOf(object, installation),
		digest: isRefusal(plan) ? textOf(object, "digest") : plan.digest,
		version: Math.max(versionOf(object), countOf(object["status"], "version") ?? 0),
		pushedAt: isRefusal(plan) || textOf(object, "digest") !== plan.digest ? undefined : textOf(object, "lastSyncedAt"),
		unreadySince: unreadySince(object),
		assignedProxy: textOf(object, "assignedProxy"),
	};
};

const unreadySince = (object: KubeObject): string | undefined => {
	const ready = conditionOf(object, "Ready");
	return ready?.status === "False" ? ready.lastTransitionTime : undefined;
};

/** A text of the object's status. */
const textOf = ({ status }: KubeObject, field: "digest" | "lastSyncedAt" | "assignedProxy"): string | undefined => {
	const text = valueAt(status, field);
	return typeof text === "string" ? text : undefined;
};

const rosterAt = ({ namespace, roster }: Placement, related: DecoratorRequest["related"]): KubeObject | undefined =>
	related[kindKey(API_VERSION, PrismRoster.kind)]?.[`${namespace}/${roster}`];

/** Whether the control plane's address leads to what is not the stack's. */
const isForeign = (place: Placement, related: DecoratorRequest["related"]): boolean =>
	valueAt(rosterAt(place, related), "spec", "controlPlane", "foreign") === true;

/** Whether no instance is left that could release it: the roster is marked as leaving, or does not exist although it was related. */
const isGone = (place: Placement, object: KubeObject, related: DecoratorRequest["related"]): boolean => {
	const roster = rosterAt(place, related);
	const reference = valueAt(object["spec"], "proxyRef");
	if (roster === undefined) {
		if (!isRecord(reference)) return place.namespace === shardsHome(object);
		if (reference["name"] !== place.roster) return false;
		return (reference["namespace"] ?? object.metadata.namespace ?? "default") === place.namespace;
	}
	return valueAt(roster["spec"], "deleting") === true;
};

// ── Questions ────────────────────────────────────────────────────────────────────────────────────────────────────────

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

const settlesAt = ({ since }: Placement): string => secondsAfter(since, LATE_CALL_SECONDS);

// ── Proofs ──────────────────────────────────────────────────────────────────────────────────────────────────────────

// A status is not an order: a user who may write one must not send the operator, with a token, to any Service of any namespace. A
// place counts if the operator signed it, or as far as a roster has the same.

/** Who signs, and for whom: a place that was signed for one object is nothing in the status of another. */
export interface Signing {
	/** Not the uid, which a restore from a backup changes. */
	readonly owner: string;
	readonly home: string;
	readonly keys: Context["keys"];
}

/** The places of a status that calls may go to. Rosters are those that take namespaces from `home`. */
export const provenPlaces = (
	places: readonly Placement[],
	rosters: readonly Roster[],
	{ owner, home, keys }: Signing,
): Placement[] =>
	places.flatMap((place) => {
		// Where nothing can be signed, a place that is being left counts in the object's own namespace: it could not be left otherwise.
		if (keys === undefined || (keys.length === 0 && place.namespace === home)) return place;
		if (isSigned(place, place.proofs, { owner, keys })) return place;
		const roster = rosters.find(
			(each) =>
				each.name === place.roster &&
				each.namespace === place.namespace &&
				each.port === place.port &&
				each.controlPlane === place.controlPlane,
		);
		if (roster === undefined) return [];
		const known = new Set(roster.instances.map(titleOf));
		return { ...place, instances: place.instances.filter((instance) => known.has(titleOf(instance))) };
	});

/**
 * The places as they are to be written. Signatures that still hold stay as they are: two replicas that have different keys during a
 * rotation would otherwise write the status in turn.
 */
export const signedPlaces = (
	places: readonly Placement[],
	written: readonly Placement[],
	{ owner, keys }: Signing,
): Placement[] =>
	places.map(({ proofs: _proofs, ...place }) => {
		const known = written.find((each) => isSame(each, place))?.proofs;
		if (known !== undefined && (keys === undefined || isSigned(place, known, { owner, keys })))
			return { ...place, proofs: known };
		if (keys === undefined || keys.length === 0) return place;
		return { ...place, proofs: keys.map((key) => hmacHex(key, addressesOf(place, owner))) };
	});

const isSigned = (
	place: Placement,
	proofs: readonly string[] = [],
	{ owner, keys }: { readonly owner: string; readonly keys: readonly string[] },
): boolean => {
	if (proofs.length === 0) return false;
	const text = addressesOf(place, owner);
	return keys.some((key) => {
		const proof = hmacHex(key, text);
		return proofs.some((each) => isSameDigest(each, proof));
	});
};

/** All that an address is made of, and whose place it is. */
const addressesOf = ({ roster, namespace, port, controlPlane, instances }: Placement, owner: string): string =>
	canonicalJson([owner, namespace, roster, port, controlPlane, instances.map(titleOf)]);
