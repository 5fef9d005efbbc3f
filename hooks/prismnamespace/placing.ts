import { rendezvous } from "../../kube/rendezvous.ts";
import type { Placement } from "../../schemas/prismnamespace.ts";
import type { NamespacePlan, Roster } from "./plan.ts";

// Where the namespace is to live: the places that are written into status before a call is made there. Pure bookkeeping;
// what instances know decides only whether the place is verified.

/** Why there is no place to go to, or no better one. */
export type Shortage = "noMatch" | "noneOpen" | "drainingOnly";

export interface Places {
	/** Where it is to be; undefined: nowhere, or nowhere yet. */
	readonly target: Placement | undefined;
	readonly roster: Roster | undefined;
	/** Where it still is, and is to stay until the target has it. */
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
	const { written, wanted, now } = request;
	if (!wanted)
		return {
			target: undefined,
			roster: undefined,
			leaving: [],
			revoking: written.map((place) => revoked(place, now)),
			shortage: undefined,
		};
	const { roster, shortage } = choose(request);
	if (roster === undefined) {
		// Nowhere to go is no reason to leave.
		const leaving = written.filter(({ state }) => state !== "Revoking");
		return {
			target: undefined,
			roster,
			leaving,
			revoking: written.filter((place) => !leaving.includes(place)),
			shortage,
		};
	}
	const known = written.find((place) => isAt(place, roster));
	const target = placed(roster, known, now);
	const others = written.filter((place) => place !== known);
	const staying = target.state === "Active" ? [] : others.filter(({ state }) => state === "Active");
	return {
		target,
		roster,
		leaving: staying,
		revoking: others.filter((place) => !staying.includes(place)).map((place) => revoked(place, now)),
		shortage,
	};
};

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
	const chosen = rendezvous(
		plan.owner,
		open.map((roster) => ({ roster, name: `${roster.namespace}/${roster.name}`, weight: roster.weight })),
	)?.roster;
	if (chosen !== undefined) return { roster: chosen };
	const [draining] = current.filter(({ deleting }) => !deleting);
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
	place.state === "Revoking"
		? place
		: {
				...place,
				state: "Revoking",
				since: now,
				instances: place.instances.map(({ state: _state, message: _message, ...instance }) => instance),
			};
