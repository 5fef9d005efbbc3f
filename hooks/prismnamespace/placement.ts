import { hmacHex, isSameDigest } from "../../kube/hash.ts";
import { canonicalJson } from "../../kube/object.ts";
import { rendezvous } from "../../kube/rendezvous.ts";
import type { Context } from "../../schemas/installation.ts";
import type { PlacedInstance, Placement } from "../../schemas/prismnamespace.ts";
import type { RosterInstance } from "../../schemas/prismroster.ts";
import type { NamespacePlan, Roster } from "./plan.ts";

// Where the namespace is to live: the places that are written into status before a call is made there. Pure bookkeeping;
// what instances know decides only whether a place is verified.

/** Why there is no place to go to, or no better one. */
export type Shortage = "noMatch" | "noneOpen" | "drainingOnly" | "crowded";

/** A place that is served: kept as its roster says. */
export interface LivePlacement {
	readonly place: Placement;
	readonly roster: Roster;
}

export interface Places {
	/** Where it is to be; undefined: nowhere, or nowhere yet. */
	readonly target: LivePlacement | undefined;
	/** Where it is until the target has it, and is served as well until then. */
	readonly keeping: readonly LivePlacement[];
	/** The same, where nobody can be told anything: their rosters are not related any more. */
	readonly leaving: readonly Placement[];
	/** Where it stays as it is, without a call: its place does not take any more what it asks for. */
	readonly holding: readonly Placement[];
	/** The place that does not take what it asks for. */
	readonly refusing: Roster | undefined;
	/** Where it is to be taken away now. */
	readonly revoking: readonly Placement[];
	readonly shortage: Shortage | undefined;
}

interface PlacingRequest {
	readonly plan: Pick<NamespacePlan, "owner" | "rosters">;
	/** Places that the request's status names: what was written ahead. */
	readonly written: readonly Placement[];
	/** Whether it is to be anywhere at all: not once it has expired. */
	readonly wanted: boolean;
	readonly now: string;
}

export const placesFor = (request: PlacingRequest): Places => {
	const { plan, written, wanted, now } = request;
	if (!wanted) {
		const revoking = written.map((place) => revoked(place, now));
		return { ...NO_PLACES, revoking };
	}
	const { roster, refusing, shortage } = choose(request);
	// No bound takes away what is there: nothing is called or moved for as long as it is exceeded.
	if (roster?.excesses !== undefined)
		return {
			...NO_PLACES,
			holding: written.filter(({ state }) => state !== "Revoking"),
			refusing: roster,
			revoking: written.filter(({ state }) => state === "Revoking"),
		};
	const known = roster && written.find((place) => isAt(place, roster));
	const target = roster && { place: placed(roster, known, now), roster };
	const others = written.filter((place) => place !== known);
	const staying = others.filter(({ state, instances }) => {
		// Nowhere to go is no reason to leave. A place without instances was never told anything: there is nothing to stay for.
		if (target === undefined) return state === "Active" || (state === "Assigning" && instances.length > 0);
		return state === "Active" && target.place.state !== "Active";
	});
	const rosterOf = (place: Placement) =>
		plan.rosters.find((candidate) => isAt(place, candidate) && !candidate.deleting && candidate.excesses === undefined);
	return {
		target,
		keeping: staying.flatMap((place) => {
			const own = rosterOf(place);
			return own === undefined ? [] : [{ place: placed(own, place, now), roster: own }];
		}),
		leaving: staying.filter((place) => rosterOf(place) === undefined).map(forgotten),
		revoking: others.filter((place) => !staying.includes(place)).map((place) => revoked(place, now)),
		holding: [],
		refusing,
		shortage,
	};
};

export const NO_PLACES: Places = {
	target: undefined,
	keeping: [],
	leaving: [],
	holding: [],
	refusing: undefined,
	revoking: [],
	shortage: undefined,
};

/** Places that there may be at once; each of them is in status, and asked until it is clear. */
const MOST_PLACES = 12;

interface Choice {
	readonly roster?: Roster;
	readonly refusing?: Roster;
	readonly shortage?: Shortage;
}

/** Stays where it is unless it has to leave; else goes where the hash says. Never because an instance is not ready. */
const choose = ({ plan, written }: PlacingRequest): Choice => {
	const rosterAt = (place: Placement) => plan.rosters.find((roster) => isAt(place, roster));
	// Where it is served already it stays, if it may: a move that has become needless is not finished.
	const current = [
		...written.filter(({ state }) => state === "Active"),
		...written.filter(({ state }) => state === "Assigning"),
	].flatMap((place) => rosterAt(place) ?? []);
	const settled = current.find(({ draining }) => !draining);
	if (settled !== undefined) return { roster: settled };
	const open = plan.rosters.filter(({ open: takes, excesses }) => takes && excesses === undefined);
	// One without any pods takes what is new only if there is no other.
	const manned = open.filter(({ instances }) => instances.length > 0);
	const chosen = rendezvous(
		plan.owner,
		(manned.length > 0 ? manned : open).map((roster) => ({
			roster,
			name: `${roster.namespace}/${roster.name}`,
			weight: roster.weight,
		})),
	)?.roster;
	const [draining] = current.filter(({ deleting }) => !deleting);
	const isNew = chosen !== undefined && !written.some((place) => isAt(place, chosen));
	if (isNew && written.length >= MOST_PLACES)
		return { ...(draining !== undefined && { roster: draining }), shortage: "crowded" };
	if (chosen !== undefined) return { roster: chosen };
	if (draining !== undefined) return { roster: draining, shortage: "drainingOnly" };
	const [refusing] = plan.rosters
		.filter(({ open: takes }) => takes)
		.toSorted((left, right) => (`${left.namespace}/${left.name}` < `${right.namespace}/${right.name}` ? -1 : 1));
	if (refusing !== undefined) return { refusing };
	return { shortage: plan.rosters.length === 0 ? "noMatch" : "noneOpen" };
};

const isAt = (place: Placement, roster: Roster): boolean =>
	place.roster === roster.name && place.namespace === roster.namespace;

/** The roster as a place, with what is remembered of the instances that are still there. */
const placed = (roster: Roster, known: Placement | undefined, now: string): Placement => ({
	roster: roster.name,
	namespace: roster.namespace,
	...(known === undefined || known.state === "Revoking"
		? { state: "Assigning", since: now }
		: { state: known.state, since: known.since }),
	port: roster.port,
	controlPlane: roster.controlPlane,
	...(known?.claimingSince !== undefined && { claimingSince: known.claimingSince }),
	instances: listed(roster, known).map(({ name, host, readySince }) => ({
		...remembered(known?.instances.find((instance) => instance.name === name) ?? { name }, readySince, now),
		...(host !== undefined && { host }),
		...(readySince !== undefined && { readySince }),
	})),
});

/** Nothing of what an instance had before it was last not ready: it may have come back with an empty store. */
const remembered = (known: PlacedInstance, readySince: string | undefined, now: string): PlacedInstance => {
	const { host: _host, ...memory } = known;
	if (known.readySince === readySince) return memory;
	return {
		name: known.name,
		...(known.tried === true && { tried: true }),
		...(known.assignedProxy !== undefined && { assignedProxy: known.assignedProxy }),
		...(readySince === undefined && lastKnown(known, now)),
	};
};

/**
 * For people: until when an instance that can't be asked now counted as having the namespace. Nothing is decided by it, and it
 * stays the same until the instance can be asked again.
 */
export const lastKnown = ({ state, lastKnownAt }: PlacedInstance, now: string): Pick<PlacedInstance, "lastKnownAt"> => {
	if (state === "Applied" || state === "Accepted") return { lastKnownAt: now };
	return lastKnownAt === undefined ? {} : { lastKnownAt };
};

/**
 * Of a roster that lists nobody, those that were there: its pods may come back with their volumes, and a roster read from a cache
 * that is behind lists nobody yet. Forgotten ones would keep the namespace for good after it has moved. A pod that has a host is a
 * Deployment's: another one of another name follows it, with an empty store.
 */
const listed = (
	{ instances }: Roster,
	known: Placement | undefined,
): readonly Pick<RosterInstance, "name" | "host" | "readySince">[] =>
	instances.length > 0 ? instances : (known?.instances ?? []).filter(({ host }) => host === undefined);

const revoked = (place: Placement, now: string): Placement =>
	place.state === "Revoking" ? place : { ...forgotten(place), state: "Revoking", since: now };

/** Without what its instances said last: they are not asked any more, and may have become others. */
const forgotten = (place: Placement): Placement => ({
	...place,
	instances: place.instances.map(({ name, host, assignedProxy }) => ({
		name,
		...(host !== undefined && { host }),
		...(assignedProxy !== undefined && { assignedProxy }),
	})),
});

export const isSame = (left: Placement, right: Placement): boolean =>
	left.roster === right.roster && left.namespace === right.namespace;

/** What of an instance is in its address. */
export const titleOf = ({ name, host = name }: Pick<PlacedInstance, "name" | "host">): string => `${name} ${host}`;

// ── Proofs ──────────────────────────────────────────────────────────────────────────────────────────────────────────

// A status is not an order: whoever may write one must not send the operator, with a token, to any Service of any namespace. A
// place counts if the operator signed it, or as far as a roster says the same.

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
