import { describe, expect, it } from "vitest";
import {
	assignment,
	isForeign,
	isNewer,
	isSettled,
	lastSpots,
	leftSpots,
	revocation,
	servingSpots,
} from "../../hooks/prismnamespace/provisioning.ts";
import type { NamespaceAnswer, NamespaceRecord } from "../../schemas/admin.ts";
import type { PlacedInstance, Placement } from "../../schemas/prismnamespace.ts";
import {
	ADDRESS,
	instance,
	known,
	NEWER,
	NOW,
	OTHER,
	OURS,
	place,
	SINCE,
	spot,
	THEIRS,
	told,
	unknown,
	unverifiable,
	WANTED,
} from "./prismnamespace-instance.ts";

// One instance of one place: what it is asked, and what it is told by what it answers.

describe("whose a record is", () => {
	it.each([
		["ours", OURS, false],
		["of a server that tells no owners", { ...OTHER, owner: undefined }, false],
		["somebody else's", THEIRS, true],
		["nobody's, and other than ours", { ...OTHER, owner: "" }, true],
		["nobody's, and just like ours", { ...OURS, owner: "" }, false],
		["nobody's, and without a digest", { ...OURS, owner: "", digest: undefined }, true],
		["somebody else's, and just like ours", { ...OURS, owner: "x" }, true],
	])("%s", (_, record, isTheirs) => {
		expect(isForeign(record as NamespaceRecord, WANTED)).toBe(isTheirs);
		expect(isForeign({ owner: "", status: "Active" }, { ...WANTED, digest: undefined })).toBe(true);
	});

	it.each([
		[11, true],
		[10, false],
		[undefined, false],
	])("at version %s", (version, isLater) => {
		expect(isNewer({ status: "Active", ...(version !== undefined && { version }) }, WANTED)).toBe(isLater);
	});
});

describe("who is asked", () => {
	const roster = {
		name: "prism-a",
		namespace: "team",
		weight: 1,
		open: true,
		draining: false,
		deleting: false,
		port: 8981,
		controlPlane: false,
		instances: [
			{ name: "a-0", ready: true },
			{ name: "a-1", host: "ip-1", ready: true, storeId: "store-1" },
			{ name: "a-2", ready: false },
		],
	};
	const asked = (seat: Placement, written: readonly Placement[]) =>
		servingSpots({ place: seat, roster }, written, "acme").map(({ instance: { address }, question }) => [
			address.split(".")[0],
			question.namespaceId,
			question.after,
		]);
	const both = [
		["a-0", "acme", undefined],
		["ip-1", "acme", undefined],
	];

	it.each([
		["all that are ready and written", place(), [place()], both],
		["none before the place is written", place(), [], []],
		["none of a place of another namespace", place(), [place({ namespace: "x" })], []],
		["none of another place", place(), [place({ roster: "x" })], []],
		["none of a place that is being left", place(), [place({ state: "Revoking" })], []],
		["none while a control plane comes or goes", place(), [place({ controlPlane: true })], []],
		["none that is not written yet", place(), [place({ instances: [{ name: "a-0" }] })], [both[0]]],
		[
			"none that is written at another address",
			place(),
			[place({ instances: [{ name: "a-0" }, { name: "a-1" }] })],
			[both[0]],
		],
		["none that is not ready", place({ instances: [{ name: "a-2" }] }), [place({ instances: [{ name: "a-2" }] })], []],
	])("%s", (_, seat, written, spots) => {
		expect(asked(seat, written)).toEqual(spots);
	});

	it("with an answer that is of the store that the roster tells", () => {
		const spots = servingSpots({ place: place(), roster }, [place()], "acme");
		expect(spots.map(({ question: { storeId } }) => storeId)).toEqual([undefined, "store-1"]);
	});

	const left = place({ state: "Revoking" });
	it.each([
		["since it was given up", SINCE, [left], SINCE],
		["a second before nothing can arrive any more", "2026-01-01T00:00:19Z", [left], SINCE],
		["once nothing can arrive any more", "2026-01-01T00:00:20Z", [left], "2026-01-01T00:00:20Z"],
		["long after", NOW, [left], "2026-01-01T00:00:20Z"],
	])("of a place that is left, with an answer from after %s", (_, now, written, after) => {
		const spots = leftSpots([left], written, "acme", now);
		expect(spots.map(({ question }) => question.after)).toEqual([after, after]);
		expect(spots.map(({ instance: { name } }) => name)).toEqual(["a-0", "a-1"]);
	});

	it.each([
		["before that is written", [place()]],
		["for another place", [place({ state: "Revoking", roster: "x" })]],
	])("of a place that is left: none %s", (_, written) => {
		expect(leftSpots([left], written, "acme", NOW)).toEqual([]);
	});

	it("of all places when the object goes", () => {
		const spots = lastSpots([place(), place({ roster: "prism-b", instances: [{ name: "b-0" }] })], "acme", NOW);
		expect(spots.map(({ instance: { address }, question: { after } }) => [address, after])).toEqual([
			[ADDRESS, NOW],
			["ip-1.prism-a-headless.team.svc:8981", NOW],
			["b-0.prism-b-headless.team.svc:8981", NOW],
		]);
	});

	it("is settled 20 seconds after it was given up", () => {
		expect(isSettled(left, "2026-01-01T00:00:19Z")).toBe(false);
		expect(isSettled(left, "2026-01-01T00:00:20Z")).toBe(true);
	});
});

describe("what an instance that is to have it is told", () => {
	const verb = (
		answer: NamespaceAnswer | undefined,
		its: Partial<PlacedInstance> = {},
		change: Partial<Placement> = {},
	) => {
		const call = assignment(spot(its, change), WANTED, told(answer), NOW);
		return call && `${call.verb} ${call.version}`;
	};

	it.each([
		["it has it", known(OURS), {}, undefined],
		["it has another configuration", known(OTHER), {}, "assign 10"],
		["it has none", known(), {}, "assign 10"],
		["it is somebody else's there", known(THEIRS), {}, undefined],
		["it does not answer", unknown, {}, undefined],
		["nobody asked it", undefined, {}, undefined],
		["it can't be read back", unverifiable, {}, "assign 10"],
		["it can't be read back, and took this", unverifiable, { accepted: "wanted" }, undefined],
		["it can't be read back, and took another", unverifiable, { accepted: "other" }, "assign 10"],
		["it tells no digest", known({ ...OURS, digest: undefined } as never), {}, "assign 10"],
		[
			"it tells no digest, and took this",
			known({ ...OURS, digest: undefined } as never),
			{ accepted: "wanted" },
			undefined,
		],
		["it took this, and has another", known(OTHER), { accepted: "wanted" }, "assign 10"],
		["it has a newer one", known(NEWER), {}, undefined],
		["it has had a newer one for 59 s", known(NEWER), { newerSince: "2026-01-01T00:00:01Z" }, undefined],
		["it has had a newer one for 60 s", known(NEWER), { newerSince: SINCE }, "assign 12"],
	])("when %s", (_, answer, its, call) => {
		expect(verb(answer, its)).toBe(call);
	});

	it("is to create it, once, where there is a control plane", () => {
		const change = { controlPlane: true };
		expect(verb(known(), {}, change)).toBe("create 10");
		expect(verb(known(), { tried: true }, change)).toBe("assign 10");
		expect(verb(known(OTHER), {}, change)).toBe("assign 10");
		expect(verb(known(), { tried: true })).toBe("assign 10");
	});

	it("is all of it", () => {
		const { namespaceId, owner, version, config, digest } = WANTED;
		expect(assignment(spot(), WANTED, told(known()), NOW)).toEqual({
			verb: "assign",
			instance,
			namespaceId,
			owner,
			version,
			config,
			digest,
		});
	});
});

describe("what an instance that is to let go is told", () => {
	it.each([
		["ours is there", known(OURS), {}, 10, 10],
		["somebody else's is there", known(THEIRS), {}, undefined, undefined],
		["a newer one is there", known(NEWER), {}, undefined, 11],
		["nothing is there", known(), {}, undefined, 10],
		["it can't be read back", unverifiable, {}, 10, 10],
		["it does not answer", unknown, {}, undefined, 10],
		["it does not answer, and had somebody else's", unknown, { state: "Taken" }, undefined, undefined],
		["nothing is there, and it had somebody else's", known(), { state: "Taken" }, undefined, 10],
		["it does not answer, and had ours", unknown, { state: "Applied" }, undefined, 10],
	] as const)("when %s", (_, answer, its, move, last) => {
		expect(revocation(spot(its), WANTED, told(answer), "move")?.version).toBe(move);
		expect(revocation(spot(its), WANTED, told(answer), "last")?.version).toBe(last);
	});

	it("is whose it is, and nothing more", () => {
		const { namespaceId, owner, version } = WANTED;
		expect(revocation(spot(), WANTED, told(known(OURS)), "move")).toEqual({
			verb: "revoke",
			instance,
			namespaceId,
			owner,
			version,
		});
	});
});
