import { describe, expect, it } from "vitest";
import type { InstanceQuery } from "../../../hooks/prismnamespace/context.ts";
import { leftPlaces, type Released, releasedPlaces } from "../../../hooks/prismnamespace/deprovisioning.ts";
import type { Input } from "../../../hooks/prismnamespace/input.ts";
import {
	concludedPlaces as concluded,
	isComplete,
	type LivePlacement,
	leftover,
	NO_PLACES,
	shortName,
} from "../../../hooks/prismnamespace/placement.ts";
import type { Roster } from "../../../hooks/prismnamespace/plan.ts";
import type { InstanceState, Served } from "../../../hooks/prismnamespace/provisioning.ts";
import type { PlacedInstance, Placement } from "../../../schemas/prismnamespace.ts";

// From what instances report to the places that are written next, place by place.

const BEFORE = "2026-01-01T00:00:00Z";
const NOW = "2026-01-01T01:00:00Z";

const place = (change: Partial<Placement> = {}): Placement => ({
	roster: "prism-a",
	namespace: "team",
	state: "Active",
	since: BEFORE,
	port: 8981,
	controlPlane: false,
	instances: [{ name: "a-0" }, { name: "a-1" }],
	...change,
});

const roster = (ready: readonly boolean[], change: Partial<Roster> = {}): Roster => ({
	name: "prism-a",
	namespace: "team",
	weight: 1,
	open: true,
	draining: false,
	deleting: false,
	port: 8981,
	controlPlane: false,
	instances: ready.map((isReady, index) => ({ name: `a-${index}`, ready: isReady })),
	...change,
});

const spotOf = (its: Placement, name: string): InstanceQuery => {
	const instance = { name, namespace: its.namespace, address: `${name}:1` };
	const question = { about: "namespace", instance, namespaceId: "acme" } as const;
	return { place: its, claim: "held", known: { name }, instance, question };
};

/** After calls and revocations. */
const concludedPlaces = (its: Input, all: readonly Served[], releases: readonly Released[]): Placement[] =>
	concluded(its.places, all, leftPlaces(its, releases), its.now);

const STATES: Readonly<Record<string, InstanceState>> = {
	Applied: { is: "Applied" },
	Accepted: { is: "Unverified", accepted: "wanted" },
	Refused: { is: "Rejected", words: "no" },
};

const served = (
	its: Placement,
	name: string,
	state: NonNullable<PlacedInstance["state"]>,
	more: Partial<Served> = {},
): Served => ({
	query: spotOf(its, name),
	instance: { name, state },
	state: STATES[state] ?? { is: "Pending", lacking: {} },
	call: undefined,
	record: undefined,
	lacksClaim: undefined,
	pushed: false,
	assignedProxy: undefined,
	answered: true,
	version: undefined,
	...more,
});

const released = (its: Placement, name: string, release: Released["release"]): Released => ({
	query: spotOf(its, name),
	release,
});

const input = (change: Partial<Input>, rosters: readonly Roster[] = []): Input =>
	({ places: NO_PLACES, plan: { rosters }, written: [], left: [], now: NOW, ...change }) as Input;

describe("a place has it", () => {
	const its = place();
	it.each([
		["when all ready instances have it", [true, true], ["Applied", "Applied"], true],
		["when they took it and can't be asked", [true, true], ["Accepted", "Applied"], true],
		["whatever is the matter with one that is not ready", [true, false], ["Applied", "Waiting"], true],
		["not while one is waited for", [true, true], ["Applied", "Waiting"], false],
		["not while one says no", [true, true], ["Applied", "Refused"], false],
		["not when nobody is ready", [false, false], ["Applied", "Applied"], false],
		["not when nobody is there", [], ["Applied"], false],
	] as const)("%s", (_, ready, states, isDone) => {
		const all = states.map((state, index) => served(its, `a-${index}`, state));
		expect(isComplete({ place: its, roster: roster(ready) }, all)).toBe(isDone);
	});

	it("not by the word of another place's instances", () => {
		const other = place({ namespace: "theirs" });
		const all = [served(other, "a-0", "Applied"), served(its, "a-1", "Applied")];
		expect(isComplete({ place: its, roster: roster([true, true]) }, all)).toBe(false);
	});
});

describe("a place that is served", () => {
	const live = (its: Placement): LivePlacement => ({ place: its, roster: roster([true, true]) });
	const next = (its: Placement, all: readonly Served[]) =>
		concludedPlaces(input({ places: { ...NO_PLACES, target: live(its) } }), all, [])[0];

	it.each([
		["is active from when it has it", "Assigning", ["Applied", "Applied"], "Active", NOW],
		["is not before", "Assigning", ["Applied", "Waiting"], "Assigning", BEFORE],
		["stays active when one loses it", "Active", ["Applied", "Waiting"], "Active", BEFORE],
		["stays active since when it was", "Active", ["Applied", "Applied"], "Active", BEFORE],
	] as const)("%s", (_, state, states, then, since) => {
		const its = place({ state });
		const all = states.map((each, index) => served(its, `a-${index}`, each));
		expect(next(its, all)).toMatchObject({ state: then, since });
	});

	it("says of an instance that was not asked what does not depend on its store", () => {
		const memory = { state: "Applied", message: "m", accepted: "d", newerSince: BEFORE } as const;
		const its = place({
			instances: [{ name: "a-0", ...memory }, { name: "a-1", ...memory, host: "ip-1", tried: true }, { name: "a-2" }],
		});
		expect(next(its, [served(its, "a-2", "Refused")])?.instances).toEqual([
			{ name: "a-0", lastKnownAt: NOW },
			{ name: "a-1", host: "ip-1", tried: true, lastKnownAt: NOW },
			{ name: "a-2", state: "Refused" },
		]);
	});

	it("comes before those that are kept, those that wait and those that are left", () => {
		const [kept, waiting, left] = [
			place({ roster: "b" }),
			place({ roster: "c" }),
			place({ roster: "d", state: "Revoking" }),
		];
		const places = { ...NO_PLACES, target: live(place()), keeping: [live(kept)], leaving: [waiting], revoking: [left] };
		const found = concludedPlaces(input({ places }), [served(kept, "a-0", "Applied")], []);
		expect(found.map(({ roster: name }) => name)).toEqual(["prism-a", "b", "c", "d"]);
		expect(found[0]?.instances[0]).toEqual({ name: "a-0" });
		expect(found[1]?.instances[0]).toEqual({ name: "a-0", state: "Applied" });
	});
});

describe("a place that is being left", () => {
	const its = place({ state: "Revoking", since: "2026-01-01T00:59:40Z" });
	const next = (from: Placement, releases: readonly Released[], rosters: readonly Roster[] = []) =>
		concludedPlaces(input({ places: { ...NO_PLACES, revoking: [from] } }, rosters), [], releases);
	const said = (from: Placement, ...releases: readonly Released["release"][]) =>
		next(
			from,
			releases.map((release, index) => released(from, `a-${index}`, release)),
		);
	const young = { ...its, since: "2026-01-01T00:59:41Z" };

	it("is forgotten once it is clear and nothing can arrive any more", () => {
		expect(said(its, "clear", "clear")).toEqual([]);
		expect(said(young, "clear", "clear")).toEqual([{ ...young, clearSince: NOW }]);
		expect(said({ ...young, clearSince: BEFORE }, "clear", "clear")).toEqual([{ ...young, clearSince: BEFORE }]);
	});

	it("stays as long as one holds it, and is not clear any more", () => {
		expect(said({ ...its, clearSince: BEFORE }, "clear", "held")).toEqual([its]);
		expect(said({ ...its, unreachableSince: BEFORE }, "held", "clear")).toEqual([its]);
	});

	it("stays as long as one can't be reached, and says since when", () => {
		expect(said(its, "clear", "unreachable")).toEqual([{ ...its, unreachableSince: NOW }]);
		expect(said({ ...its, unreachableSince: BEFORE }, "clear", "unreachable")).toEqual([
			{ ...its, unreachableSince: BEFORE },
		]);
		expect(said(its, "held", "unreachable")).toEqual([{ ...its, unreachableSince: NOW }]);
	});

	it("that was clear is forgotten although one can't be reached any more", () => {
		expect(said({ ...its, clearSince: BEFORE }, "clear", "unreachable")).toEqual([]);
		expect(said({ ...young, clearSince: BEFORE }, "clear", "unreachable")).toEqual([{ ...young, clearSince: BEFORE }]);
	});

	it("that was only just given up was not asked, whatever its instances said for another reason", () => {
		const before = place();
		const releases = ["a-0", "a-1"].map((name) => released(before, name, "clear"));
		expect(next(its, releases)).toEqual([its]);
		expect(next(its, [released(its, "a-0", "clear"), released(before, "a-1", "clear")])).toEqual([its]);
		expect(next(its, [released(its, "a-0", "clear")])).toEqual([its]);
		expect(next({ ...its, clearSince: BEFORE }, [])).toEqual([{ ...its, clearSince: BEFORE }]);
	});

	it("goes by its own instances alone", () => {
		const other = { ...its, roster: "other" };
		const own = ["a-0", "a-1"].map((name) => released(its, name, "clear"));
		expect(next(its, [...own, released(other, "a-0", "held")])).toEqual([]);
		expect(next(its, [...own, released({ ...its, namespace: "x" }, "a-0", "held")])).toEqual([]);
	});

	it.each([
		[{ deleting: true }, []],
		[{ deleting: false }, [its]],
		[{ deleting: true, name: "other" }, [its]],
		[{ deleting: true, namespace: "theirs" }, [its]],
	])("is not waited for where it goes itself: %j", (change, places) => {
		const held = [released(its, "a-0", "held"), released(its, "a-1", "held")];
		expect(next(its, held, [roster([true], { name: "b" }), roster([true], change)])).toEqual(places);
	});
});

describe("a place of an object that goes", () => {
	const its = place();
	const gone = (
		written: readonly Placement[],
		releases: readonly Released[],
		left = releases.map(({ query }) => query),
	) => releasedPlaces(input({ written, left }), releases);
	const revoking = { ...its, state: "Revoking", since: NOW } as const;

	it.each([
		["is forgotten when all have let go", ["clear", "clear"], its, []],
		["is held while one holds it", ["clear", "held"], its, [revoking]],
		["is held since when it was left", ["held", "held"], place({ state: "Revoking" }), [place({ state: "Revoking" })]],
		[
			"is waited for while one can't be reached",
			["clear", "unreachable"],
			its,
			[{ ...revoking, unreachableSince: NOW }],
		],
		[
			"is waited for for 59 s",
			["unreachable", "clear"],
			place({ unreachableSince: "2026-01-01T00:59:01Z" }),
			[{ ...revoking, unreachableSince: "2026-01-01T00:59:01Z" }],
		],
		[
			"is waited for no longer than 60 s",
			["unreachable", "clear"],
			place({ unreachableSince: "2026-01-01T00:59:00Z" }),
			[],
		],
		[
			"is held by one, however long another was away",
			["held", "unreachable"],
			place({ unreachableSince: BEFORE }),
			[revoking],
		],
	] as const)("%s", (_, releases, from, places) => {
		expect(
			gone(
				[from],
				releases.map((release, index) => released(from, `a-${index}`, release)),
			),
		).toEqual(places);
	});

	it("is one that instances are asked about, and goes by those", () => {
		const other = place({ roster: "other" });
		const nobody = place({ roster: "nobody" });
		const releases = [released(its, "a-0", "clear"), released(other, "a-0", "held")];
		expect(gone([its, other, nobody], releases)).toEqual([{ ...other, state: "Revoking", since: NOW }]);
	});
});

describe("places say more than those that are written", () => {
	it.each([
		["the same", {}, false],
		["a later time", { since: NOW }, false],
		["what instances said", { instances: [{ name: "a-0", state: "Applied" }, { name: "a-1" }] }, false],
		["another port", { port: 1 }, false],
		["another state", { state: "Revoking" }, true],
		["another roster", { roster: "b" }, true],
		["another namespace", { namespace: "b" }, true],
		["a control plane", { controlPlane: true }, true],
		["an instance more", { instances: [{ name: "a-0" }, { name: "a-1" }, { name: "a-2" }] }, true],
		["another instance", { instances: [{ name: "a-0" }, { name: "a-2" }] }, true],
		["another address", { instances: [{ name: "a-0" }, { name: "a-1", host: "ip" }] }, true],
	] as const)("%s", (_, change, isMore) => {
		expect(leftover([place(change as Partial<Placement>)], [place()])).toBe(isMore);
	});

	it("when there are more or fewer of them", () => {
		expect(leftover([place()], [])).toBe(true);
		expect(leftover([], [place()])).toBe(true);
		expect(leftover([], [])).toBe(false);
	});
});

describe("a roster's short name", () => {
	it.each([
		["prism-playback", "playback"],
		["prism-a-proxy", "prism-a-proxy"],
		["prism-proxy-a", "proxy-a"],
		["dev-proxy", "dev-proxy"],
		["a-prism-b", "a-prism-b"],
	])("of %s is %s", (name, short) => {
		expect(shortName(name)).toBe(short);
	});
});
