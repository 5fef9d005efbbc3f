import type { Verdict } from "../../kube/conditions.ts";
import { rendezvous } from "../../kube/rendezvous-hashing.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { Finding } from "../../schemas/findings/finding.ts";
import type { PlacedInstance, Placement } from "../../schemas/prismnamespace.ts";
import type { RosterInstance } from "../../schemas/prismroster.ts";
import { isSame, LATE_CALL_SECONDS, lastKnown } from "./context.ts";
import type { NamespacePlan, Roster } from "./plan.ts";
import { hasIt, type Served } from "./provisioning.ts";

// Where the namespace is to live: the places that are written into status before a call is made there. Pure bookkeeping;
// what instances know decides only whether a place is verified.

/** Why there is no place to go to, or no better one. */
export type Shortage = "noMatch" | "noneOpen" | "drainingOnly" | "crowded";

/** A place that is served: kept as its roster has it. */
export interface LivePlacement {
	readonly place: Placement;
	readonly roster: Roster;
}

export interface Places {
	/** Where it is to be; undefined: nowhere, or nowhere yet. */
	readonly target: LivePlacement | undefined;
	/** Where it is until the target has it, and is served as well until then. */
	readonly keeping: readonly LivePlacement[];
	/** The same, where no instance can be called: their rosters are not related any more. */
	readonly leaving: readonly Placement[];
	/** Where it stays as it is, without a call: its place does not take any more what it asks for. */
	readonly holding: readonly Placement[];
	/** The place that does not take what it asks for. */
	readonly refusing: Roster | undefined;
	/** Where it is to be revoked now. */
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
	// No bound revokes what exists: nothing is called or moved for as long as it is exceeded.
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
		// Nowhere to go is no reason to leave. A place without instances never got anything: there is nothing to stay for.
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

/** Stays where it is unless it has to leave; else goes where the hash leads. Never because an instance is not ready. */
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
 * Of a roster that lists no instances, those that were there: its pods may come back with their volumes, and a roster read from a cache
 * that is behind lists none yet. Forgotten ones would keep the namespace for good after it has moved. A pod that has a host is a
 * Deployment's: another one of another name follows it, with an empty store.
 */
const listed = (
	{ instances }: Roster,
	known: Placement | undefined,
): readonly Pick<RosterInstance, "name" | "host" | "readySince">[] =>
	instances.length > 0 ? instances : (known?.instances ?? []).filter(({ host }) => host === undefined);

const revoked = (place: Placement, now: string): Placement =>
	place.state === "Revoking" ? place : { ...forgotten(place), state: "Revoking", since: now };

/** Without the last reports of its instances: they are not asked any more, and may have become others. */
const forgotten = (place: Placement): Placement => ({
	...place,
	instances: place.instances.map(({ name, host, assignedProxy }) => ({
		name,
		...(host !== undefined && { host }),
		...(assignedProxy !== undefined && { assignedProxy }),
	})),
});

/** prism-<shard> is the shard's name on its objects; a stack's proxies are known by their own. */
export const shortName = (roster: string): string => roster.replace(/^prism-(?!.*-proxy$)/, "");

/** There is no place to go to; `next` are those that it stays in. */
export const nowhere = (shortage: Shortage | undefined, next: readonly Placement[], plan: NamespacePlan): Verdict => {
	const phase = next.some(({ state }) => state === "Active") ? "Degraded" : "Pending";
	return { ready: "False", phase, finding: shortageFinding(shortage, plan) };
};

const shortageFinding = (shortage: Shortage | undefined, { home, spec }: NamespacePlan): Finding => {
	const { proxyRef, shard, backend = "" } = spec;
	if (shortage === "crowded") return { reason: "NotAccepting", about: "places" };
	if (shortage === "noneOpen")
		return proxyRef === undefined
			? { reason: "NotAccepting", about: "shards" }
			: { reason: "NotAccepting", about: "proxies", proxies: proxyRef.name };
	if (proxyRef !== undefined)
		return { reason: "NoMatchingProxy", proxies: proxyRef.name, namespace: proxyRef.namespace ?? home, home };
	const { namespace = home, ...selector } = shard ?? {};
	return { reason: "NoMatchingShard", namespace, home, backend, selector };
};

// ── After the calls ─────────────────────────────────────────────────────────────────────────────────────────────────

// From the states of instances to the places that status names next.

/** Those of a place. */
export const servedIn = (place: Placement, served: readonly Served[]): Served[] =>
	served.filter(({ query }) => isSame(query.place, place));

/** Whether every ready instance of a place has it; with no ready instance, none has. */
export const isComplete = ({ place, roster }: LivePlacement, served: readonly Served[]): boolean => {
	const ready = roster.instances.filter((instance) => instance.ready);
	const has = new Set(
		servedIn(place, served)
			.filter(({ state }) => hasIt(state))
			.map(({ instance }) => instance.name),
	);
	return ready.length > 0 && ready.every(({ name }) => has.has(name));
};

/** `revoking` are the places that are being left, as far as they are to be left still. */
export const concludedPlaces = (
	{ target, keeping, leaving, holding }: Places,
	served: readonly Served[],
	revoking: readonly Placement[],
	now: string,
): Placement[] => [
	...(target === undefined ? [] : [concludedPlacement(target, served, now)]),
	...keeping.map((live) => concludedPlacement(live, served, now)),
	...leaving,
	...holding,
	...revoking,
];

const concludedPlacement = (live: LivePlacement, served: readonly Served[], now: string): Placement => {
	const { claimingSince, ...place } = live.place;
	const here = servedIn(place, served);
	const own = new Map(here.map(({ instance }) => [instance.name, instance]));
	// An instance that was not asked now may be waited for all the same.
	const isWaiting =
		here.length === 0 ? claimingSince !== undefined : here.some(({ lacksClaim }) => lacksClaim !== undefined);
	return {
		...place,
		...(isWaiting && { claimingSince: claimingSince ?? now }),
		...(place.state === "Assigning" && isComplete(live, served) && { state: "Active", since: now }),
		instances: place.instances.map((instance) => own.get(instance.name) ?? unasked(instance, now)),
	};
};

/** Of an instance that is not ready only the past is kept; and it may come back as another, with an empty store. */
const unasked = (
	{ name, host, tried, assignedProxy, state, lastKnownAt }: PlacedInstance,
	now: string,
): PlacedInstance => ({
	name,
	...(host !== undefined && { host }),
	...(tried === true && { tried }),
	...(assignedProxy !== undefined && { assignedProxy }),
	...lastKnown({ state, lastKnownAt }, now),
});

/** Whether a place that is clear may be forgotten: no call that was begun before it was given up can arrive any more. */
export const isSettled = ({ since }: Placement, now: string): boolean =>
	secondsBetween(since, now) >= LATE_CALL_SECONDS;

/** Whether the places to be written have more than those that were: then calls wait for the write. */
export const leftover = (next: readonly Placement[], written: readonly Placement[]): boolean =>
	JSON.stringify(next.map(outline)) !== JSON.stringify(written.map(outline));

const outline = ({ roster, namespace, state, controlPlane, instances }: Placement) => ({
	roster,
	namespace,
	state,
	controlPlane,
	instances: instances.map(({ name, host }) => ({ name, host })),
});
