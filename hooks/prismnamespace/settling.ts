import { conditionOf } from "../../kube/conditions.ts";
import { contentHash } from "../../kube/object.ts";
import { isRefusal } from "../../kube/refusal.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { PlacedInstance, Placement } from "../../schemas/prismnamespace.ts";
import type { Matter } from "./matter.ts";
import type { Places } from "./placing.ts";
import { isSame, isSettled, type Release, type Served, type Spot } from "./provisioning.ts";

// From what instances report to the places that status names next.

export interface Released {
	readonly spot: Spot;
	readonly release: Release;
}

/** Whether every ready instance of the target has it; with no ready instance, nobody has. */
export const isComplete = ({ target, roster }: Places, served: readonly Served[]): boolean => {
	const ready = roster?.instances.filter((instance) => instance.ready) ?? [];
	const has = (name: string) =>
		served.some(
			({ instance }) => instance.name === name && (instance.state === "Applied" || instance.state === "Accepted"),
		);
	return target !== undefined && ready.length > 0 && ready.every(({ name }) => has(name));
};

export const concludedPlaces = (
	{ places, plan, now }: Matter,
	served: readonly Served[],
	complete: boolean,
	releases: readonly Released[],
): Placement[] => {
	const { target, leaving, revoking } = places;
	const goes = (place: Placement) =>
		!isRefusal(plan) &&
		plan.rosters.some(
			(roster) => roster.deleting && roster.name === place.roster && roster.namespace === place.namespace,
		);
	return [
		...(target === undefined ? [] : [concludedTarget(target, served, complete, now)]),
		...leaving,
		...revoking.flatMap((place) => {
			if (goes(place)) return [];
			const own = releases.filter(({ spot }) => isSame(spot.place, place));
			const isClear = own.length === place.instances.length && own.every(({ release }) => release === "clear");
			// A place that was only just given up has not been asked yet.
			return isClear && own.every(({ spot }) => spot.place.state === "Revoking") && isSettled(place, now)
				? []
				: stillThere(place, own, now, PATIENCE_SECONDS);
		}),
	];
};

const concludedTarget = (target: Placement, served: readonly Served[], complete: boolean, now: string): Placement => ({
	...target,
	...(complete && target.state !== "Active" && { state: "Active", since: now }),
	instances: target.instances.map(
		(instance) => served.find((each) => each.instance.name === instance.name)?.instance ?? remembered(instance),
	),
});

/** Of an instance that was not asked, nothing is said. */
const remembered = ({ state: _state, message: _message, ...memory }: PlacedInstance): PlacedInstance => memory;

/** Seconds after which a place that can't be reached is given up: by a namespace that lives on elsewhere, and by one that goes. */
const PATIENCE_SECONDS = 3600;
const LAST_PATIENCE_SECONDS = 60;

const stillThere = (place: Placement, own: readonly Released[], now: string, patience: number): Placement[] => {
	const { unreachableSince, ...rest } = place;
	if (!own.some(({ release }) => release === "unreachable")) return [rest];
	const since = unreachableSince ?? now;
	const isOver = secondsBetween(since, now) >= patience && own.every(({ release }) => release !== "held");
	return isOver ? [] : [{ ...rest, unreachableSince: since }];
};

/** Places that still have to let go of an object that is being deleted, as they are to be written. */
export const releasedPlaces = ({ written, left, now }: Matter, releases: readonly Released[]): Placement[] =>
	written
		.filter((place) => left.some((spot) => isSame(spot.place, place)))
		.flatMap((place) => {
			const own = releases.filter(({ spot }) => isSame(spot.place, place));
			if (own.every(({ release }) => release === "clear")) return [];
			const going: Placement = place.state === "Revoking" ? place : { ...place, state: "Revoking", since: now };
			return stillThere(going, own, now, LAST_PATIENCE_SECONDS);
		});

/** Whether the places to be written say more than those that were: then calls wait for the write. */
export const leftover = (next: readonly Placement[], written: readonly Placement[]): boolean =>
	contentHash(next.map(outline)) !== contentHash(written.map(outline));

const outline = ({ roster, namespace, state, controlPlane, instances }: Placement) => ({
	roster,
	namespace,
	state,
	controlPlane,
	instances: instances.map(({ name, host }) => ({ name, host })),
});

/** Seconds until the next try: the longer it has not been as it should be, the longer; from 1 to 60. */
export const backoffSeconds = (object: KubeObject, now: string): number => {
	const since = conditionOf(object, "Ready")?.lastTransitionTime ?? now;
	return Math.min(60, Math.max(1, Math.round(secondsBetween(since, now) / 4)));
};
