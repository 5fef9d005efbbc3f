import { describe, expect, it } from "vitest";
import { NO_PLACES, type Places, placesFor } from "../../../hooks/prismnamespace/placement.ts";
import type { Roster } from "../../../hooks/prismnamespace/plan.ts";
import type { Placement } from "../../../schemas/prismnamespace.ts";

// Where a namespace is to live, from the rosters that there are and the places that are written, as a table.

const NOW = "2026-01-01T01:00:00Z";
const BEFORE = "2026-01-01T00:00:00Z";

const roster = (name: string, change: Partial<Roster> = {}): Roster => ({
	name,
	namespace: "team",
	weight: 100,
	open: true,
	draining: false,
	deleting: false,
	port: 8981,
	controlPlane: false,
	instances: [{ name: `${name}-0`, ready: true }],
	...change,
});
const draining = { open: false, draining: true } as const;
const deleting = { ...draining, deleting: true } as const;

const place = (name: string, state: Placement["state"], change: Partial<Placement> = {}): Placement => ({
	roster: name,
	namespace: "team",
	state,
	since: BEFORE,
	port: 8981,
	controlPlane: false,
	instances: [{ name: `${name}-0`, state: "Applied" }],
	...change,
});

const placed = (rosters: readonly Roster[], written: readonly Placement[], wanted = true): Places =>
	placesFor({ plan: { owner: "test/team/profiles", rosters }, written, wanted, now: NOW });

/** "a Active" of the target, and the same of the others. */
const outline = ({ target, keeping, leaving, revoking, shortage }: Places) => {
	const titled = ({ roster: name, state }: Placement) => `${name} ${state}`;
	return {
		...(target !== undefined && { target: titled(target.place) }),
		...(keeping.length > 0 && { keeping: keeping.map((live) => titled(live.place)) }),
		...(leaving.length > 0 && { leaving: leaving.map(titled) }),
		...(revoking.length > 0 && { revoking: revoking.map(titled) }),
		...(shortage !== undefined && { shortage }),
	};
};

const MANY = Array.from({ length: 12 }, (_, index) => place(`gone-${index}`, "Revoking"));
const revokingMany = MANY.map(({ roster: name }) => `${name} Revoking`);

const CASES: readonly [string, readonly Roster[], readonly Placement[], ReturnType<typeof outline>][] = [
	["nothing matches", [], [], { shortage: "noMatch" }],
	["nothing is open", [roster("a", { open: false })], [], { shortage: "noneOpen" }],
	["one is open", [roster("a", { open: false }), roster("b")], [], { target: "b Assigning" }],
	["none has pods", [roster("a", { instances: [] })], [], { target: "a Assigning" }],
	["one has weight", [roster("a", { weight: 0 }), roster("b")], [], { target: "b Assigning" }],
	["it is there", [roster("a"), roster("b")], [place("b", "Active")], { target: "b Active" }],
	[
		"it is there, and that is full",
		[roster("a"), roster("b", { open: false })],
		[place("b", "Active")],
		{ target: "b Active" },
	],
	[
		"it is on its way there",
		[roster("a"), roster("b", { open: false })],
		[place("b", "Assigning")],
		{ target: "b Assigning" },
	],
	["it has left there", [roster("b")], [place("b", "Revoking")], { target: "b Assigning" }],
	[
		"it was on its way from there, which is good again",
		[roster("a"), roster("b")],
		[place("b", "Assigning"), place("a", "Active")],
		{ target: "a Active", revoking: ["b Revoking"] },
	],
	[
		"it is there, and that drains",
		[roster("a", draining), roster("b")],
		[place("a", "Active")],
		{ target: "b Assigning", keeping: ["a Active"] },
	],
	[
		"it was on its way there, and that drains",
		[roster("a", draining), roster("b")],
		[place("a", "Assigning")],
		{ target: "b Assigning", revoking: ["a Revoking"] },
	],
	[
		"the new place has it",
		[roster("a", draining), roster("b")],
		[place("b", "Active"), place("a", "Active")],
		{ target: "b Active", revoking: ["a Revoking"] },
	],
	[
		"the new place has not, and an older one is being left",
		[roster("a", draining), roster("b")],
		[place("b", "Assigning"), place("a", "Active"), place("c", "Revoking")],
		{ target: "b Assigning", keeping: ["a Active"], revoking: ["c Revoking"] },
	],
	[
		"it drains, and there is nowhere else",
		[roster("a", draining)],
		[place("a", "Active")],
		{ target: "a Active", shortage: "drainingOnly" },
	],
	[
		"it goes, and there is nowhere else",
		[roster("a", deleting)],
		[place("a", "Active")],
		{ leaving: ["a Active"], shortage: "noneOpen" },
	],
	[
		"it goes, and there is another",
		[roster("a", deleting), roster("b")],
		[place("a", "Active")],
		{ target: "b Assigning", leaving: ["a Active"] },
	],
	["it matches no more", [], [place("a", "Active")], { leaving: ["a Active"], shortage: "noMatch" }],
	[
		"it matches no more, and nobody there was ever told of it",
		[],
		[place("a", "Assigning", { instances: [] })],
		{ revoking: ["a Revoking"], shortage: "noMatch" },
	],
	[
		"it matches no more, and its pods are gone",
		[],
		[place("a", "Active", { instances: [] })],
		{ leaving: ["a Active"], shortage: "noMatch" },
	],
	[
		"nothing matches, and an older place is being left",
		[],
		[place("a", "Assigning"), place("b", "Revoking")],
		{ leaving: ["a Assigning"], revoking: ["b Revoking"], shortage: "noMatch" },
	],
	[
		"a namesake in another namespace matches",
		[roster("a", { namespace: "theirs" })],
		[place("a", "Active")],
		{ target: "a Assigning", leaving: ["a Active"] },
	],
	["too many places are being left", [roster("a")], MANY, { revoking: revokingMany, shortage: "crowded" }],
	["as many as may be", [roster("a")], MANY.slice(1), { target: "a Assigning", revoking: revokingMany.slice(1) }],
	[
		"too many, and one of them is open again",
		[roster("gone-3")],
		MANY,
		{ target: "gone-3 Assigning", revoking: revokingMany.filter((title) => title !== "gone-3 Revoking") },
	],
	[
		"too many, and it is where it drains",
		[roster("a", draining), roster("b")],
		[...MANY.slice(1), place("a", "Active")],
		{ target: "a Active", revoking: revokingMany.slice(1), shortage: "crowded" },
	],
];

describe("a place", () => {
	it.each(CASES)("when %s", (_, rosters, written, places) => {
		expect(outline(placed(rosters, written))).toEqual(places);
	});

	it("is left everywhere once it is not wanted", () => {
		const places = placed([roster("a")], [place("a", "Active"), place("b", "Revoking", { since: "x" })], false);
		expect(places).toEqual({
			...NO_PLACES,
			revoking: [
				place("a", "Revoking", { since: NOW, instances: [{ name: "a-0" }] }),
				place("b", "Revoking", { since: "x" }),
			],
		});
	});

	it("is chosen among those with pods, by owner and namespace, as it always has been", () => {
		const rosters = ["a", "b", "c"].flatMap((name) => [roster(name, { instances: [] }), roster(`${name}-manned`)]);
		const chosen = ["one", "two", "three", "four", "five", "six", "seven"].map(
			(owner) => placesFor({ plan: { owner, rosters }, written: [], wanted: true, now: NOW }).target?.place.roster,
		);
		expect(chosen.every((name) => name?.endsWith("-manned"))).toBe(true);
		const spread = ["one", "two", "three", "four", "five", "six", "seven"].map((owner) => {
			const twins = ["x", "y", "z"].map((namespace) => roster("a", { namespace }));
			return placesFor({ plan: { owner, rosters: twins }, written: [], wanted: true, now: NOW }).target?.place
				.namespace;
		});
		expect(spread.join("")).toBe("zyyxxzx");
	});

	it.each([
		["remembers pods that may come back with their volumes, while its roster lists nobody", undefined, ["a-0"]],
		["forgets a Deployment's pods, which do not come back", "10-244-0-1", []],
	])("%s", (_, host, names) => {
		const known = place("a", "Active", { instances: [{ name: "a-0", state: "Applied", ...(host && { host }) }] });
		const { target } = placed([roster("a", { instances: [] })], [known]);
		expect(target?.place.instances.map(({ name }) => name)).toEqual(names);
	});

	it("takes over what its roster says, and remembers what is known of instances that are still there", () => {
		const instances = [
			{ name: "a-0", ready: true },
			{ name: "a-1", host: "ip-1", ready: false },
			{ name: "a-2", ready: true },
		];
		const known = place("a", "Active", {
			port: 1,
			instances: [
				{ name: "a-0", host: "old", state: "Applied" },
				{ name: "a-1", state: "Waiting", message: "late" },
				{ name: "a-9" },
			],
		});
		const { target } = placed([roster("a", { port: 9000, controlPlane: true, instances })], [known]);
		expect(target?.place).toEqual({
			roster: "a",
			namespace: "team",
			state: "Active",
			since: BEFORE,
			port: 9000,
			controlPlane: true,
			instances: [
				{ name: "a-0", state: "Applied" },
				{ name: "a-1", state: "Waiting", message: "late", host: "ip-1" },
				{ name: "a-2" },
			],
		});
	});

	it("begins when it is first written, also where it was left before", () => {
		expect(placed([roster("a")], []).target?.place).toMatchObject({ state: "Assigning", since: NOW });
		expect(placed([roster("a")], [place("a", "Revoking")]).target?.place).toMatchObject({
			state: "Assigning",
			since: NOW,
		});
		expect(placed([roster("a")], [place("a", "Assigning")]).target?.place).toMatchObject({ since: BEFORE });
	});

	it("that is left forgets what its instances said, and keeps their addresses", () => {
		const instances = [
			{ name: "a-0", state: "Applied" as const, message: "m" },
			{ name: "a-1", host: "ip-1" },
		];
		const forgotten = [{ name: "a-0" }, { name: "a-1", host: "ip-1" }];
		expect(placed([], [place("a", "Active", { instances })]).leaving[0]?.instances).toEqual(forgotten);
		expect(placed([], [place("a", "Active", { instances })], false).revoking[0]?.instances).toEqual(forgotten);
	});
});
