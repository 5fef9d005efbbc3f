import { isRefusal } from "../../kube/refusal.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { PlacedInstance, Placement } from "../../schemas/prismnamespace.ts";
import type { Matter } from "./matter.ts";
import type { Released, Served } from "./outcome.ts";
import type { Seat } from "./placing.ts";
import { isSame, isSettled } from "./provisioning.ts";

// From what instances report to the places that status names next.

/** Those of a place. */
export const servedIn = (place: Placement, served: readonly Served[]): Served[] =>
	served.filter(({ spot }) => isSame(spot.place, place));

/** Whether every ready instance of a place has it; with no ready instance, nobody has. */
export const isComplete = ({ place, roster }: Seat, served: readonly Served[]): boolean => {
	const ready = roster.instances.filter((instance) => instance.ready);
	const has = new Set(
		servedIn(place, served)
			.filter(({ instance: { state } }) => state === "Applied" || state === "Accepted")
			.map(({ instance }) => instance.name),
	);
	return ready.length > 0 && ready.every(({ name }) => has.has(name));
};

export const concludedPlaces = (
	{ places, plan, now }: Matter,
	served: readonly Served[],
	releases: readonly Released[],
): Placement[] => {
	const { target, keeping, leaving, revoking } = places;
	const goes = (place: Placement) =>
		!isRefusal(plan) &&
		plan.rosters.some(
			(roster) => roster.deleting && roster.name === place.roster && roster.namespace === place.namespace,
		);
	return [
		...(target === undefined ? [] : [concludedSeat(target, served, now)]),
		...keeping.map((seat) => concludedSeat(seat, served, now)),
		...leaving,
		...revoking.flatMap((place) => (goes(place) ? [] : emptied(place, releases, now))),
	];
};

const concludedSeat = (seat: Seat, served: readonly Served[], now: string): Placement => {
	const { place } = seat;
	const own = new Map(servedIn(place, served).map(({ instance }) => [instance.name, instance]));
	return {
		...place,
		...(place.state === "Assigning" && isComplete(seat, served) && { state: "Active", since: now }),
		instances: place.instances.map((instance) => own.get(instance.name) ?? unasked(instance)),
	};
};

/** Of an instance that is not ready nothing is said; and it may come back as another, with an empty store. */
const unasked = ({ name, host, tried }: PlacedInstance): PlacedInstance => ({
	name,
	...(host !== undefined && { host }),
	...(tried === true && { tried }),
});

/**
 * A place that is being left, as it is to be written; none once it is known to be empty and nothing can arrive there any
 * more. One that can't be reached is not forgotten as long as the object lives: it may come back with what it had.
 */
const emptied = (place: Placement, releases: readonly Released[], now: string): Placement[] => {
	const own = releases.filter(({ spot }) => isSame(spot.place, place));
	// A place that was only just given up has not been asked yet.
	const isAsked = own.length === place.instances.length && own.every(({ spot }) => spot.place.state === "Revoking");
	const isClear = isAsked && own.every(({ release }) => release === "clear");
	const { clearSince: before, unreachableSince, ...rest } = place;
	const isHeld = own.some(({ release }) => release === "held");
	const clearSince = isHeld ? undefined : (before ?? (isClear ? now : undefined));
	if (clearSince !== undefined && isAsked && isSettled(place, now)) return [];
	const isAway = clearSince === undefined && own.some(({ release }) => release === "unreachable");
	return [
		{
			...rest,
			...(clearSince !== undefined && { clearSince }),
			...(isAway && { unreachableSince: unreachableSince ?? now }),
		},
	];
};

/** Seconds after which an object that goes no longer waits for instances that can't be reached. */
const LAST_PATIENCE_SECONDS = 60;

/** Places that still have to let go of an object that is being deleted, as they are to be written. */
export const releasedPlaces = ({ written, left, now }: Matter, releases: readonly Released[]): Placement[] =>
	written
		.filter((place) => left.some((spot) => isSame(spot.place, place)))
		.flatMap((place) => {
			const own = releases.filter(({ spot }) => isSame(spot.place, place));
			if (own.every(({ release }) => release === "clear")) return [];
			const { unreachableSince, ...going } = place;
			const revoking: Placement = going.state === "Revoking" ? going : { ...going, state: "Revoking", since: now };
			if (own.some(({ release }) => release === "held")) return [revoking];
			const since = unreachableSince ?? now;
			return secondsBetween(since, now) >= LAST_PATIENCE_SECONDS ? [] : [{ ...revoking, unreachableSince: since }];
		});

/** Whether the places to be written say more than those that were: then calls wait for the write. */
export const leftover = (next: readonly Placement[], written: readonly Placement[]): boolean =>
	JSON.stringify(next.map(outline)) !== JSON.stringify(written.map(outline));

const outline = ({ roster, namespace, state, controlPlane, instances }: Placement) => ({
	roster,
	namespace,
	state,
	controlPlane,
	instances: instances.map(({ name, host }) => ({ name, host })),
});
