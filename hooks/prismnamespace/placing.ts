import { rendezvous } from "../../kube/rendezvous.ts";
import type { Placement } from "../../schemas/prismnamespace.ts";
import type { NamespacePlan, Roster } from "./plan.ts";

// Where the namespace is to live: the places that are written into status before a call is made there. Pure bookkeeping;
// what instances know decides only whether a place is verified.

/** Why there is no place to go to, or no better one. */
export type Shortage = "noMatch" | "noneOpen" | "drainingOnly" | "crowded";

/** A place that is served: kept as its roster says. */
export interface Seat {
	readonly place: Placement;
	readonly roster: Roster;
}

export interface Places {
	/** Where it is to be; undefined: nowhere, or nowhere yet. */
	readonly target: Seat | undefined;
	/** Where it is until the target has it, and is served as well until then. */
	readonly keeping: readonly Seat[];
	/** The same, where nobody can be told anything: their rosters are not related any more. */
	readonly leaving: readonly Placement[];
	/** Where it is to be taken away now. */
	readonly revoking: readonly Placement[];
	readonly shortage: Shortage | undefined;
}

export interface PlacingRequest {
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
		return { target: undefined, keeping: [], leaving: [], revoking, shortage: undefined };
	}
	const { roster, shortage } = choose(request);
	const known = roster && written.find((place) => isAt(place, roster));
	const target = roster && { place: placed(roster, known, now), roster };
	const others = written.filter((place) => place !== known);
	const staying = others.filter(({ state }) => {
		// Nowhere to go is no reason to leave.
		if (target === undefined) return state !== "Revoking";
		return state === "Active" && target.place.state !== "Active";
	});
	const rosterOf = (place: Placement) =>
		plan.rosters.find((candidate) => isAt(place, candidate) && !candidate.deleting);
	return {
		target,
		keeping: staying.flatMap((place) => {
			const own = rosterOf(place);
			return own === undefined ? [] : [{ place: placed(own, place, now), roster: own }];
		}),
		leaving: staying.filter((place) => rosterOf(place) === undefined).map(forgotten),
		revoking: others.filter((place) => !staying.includes(place)).map((place) => revoked(place, now)),
		shortage,
	};
};

/** Places that there may be at once; each of them is in status, and asked until it is clear. */
const MOST_PLACES = 12;

/** Stays where it is unless it has to leave; else goes where the hash says. Never because an instance is not ready. */
const choose = ({ plan, written }: PlacingRequest): { roster?: Roster; shortage?: Shortage } => {
	const rosterAt = (place: Placement) => plan.rosters.find((roster) => isAt(place, roster));
	// Where it is served already it stays, if it may: a move that has become needless is not finished.
	const current = [
		...written.filter(({ state }) => state === "Active"),
		...written.filter(({ state }) => state === "Assigning"),
	].flatMap((place) => rosterAt(place) ?? []);
	const settled = current.find(({ draining }) => !draining);
	if (settled !== undefined) return { roster: settled };
	const open = plan.rosters.filter(({ open: takes }) => takes);
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
	instances: roster.instances.map(({ name, host }) => {
		const { host: _host, ...memory } = known?.instances.find((instance) => instance.name === name) ?? { name };
		return { ...memory, ...(host !== undefined && { host }) };
	}),
});

const revoked = (place: Placement, now: string): Placement =>
	place.state === "Revoking" ? place : { ...forgotten(place), state: "Revoking", since: now };

/** Without what its instances said last: they are not asked any more, and may have become others. */
const forgotten = (place: Placement): Placement => ({
	...place,
	instances: place.instances.map(({ name, host }) => ({ name, ...(host !== undefined && { host }) })),
});
