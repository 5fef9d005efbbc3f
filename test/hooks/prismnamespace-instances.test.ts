import { describe, expect, it } from "vitest";
import { releaseAt, servedAt } from "../../hooks/prismnamespace/outcome.ts";
import {
	assignment,
	isForeign,
	isNewer,
	isSettled,
	lastSpots,
	leftSpots,
	revocation,
	type Spot,
	servingSpots,
	type Told,
	toldBy,
	type Wanted,
} from "../../hooks/prismnamespace/provisioning.ts";
import type { AdminCall, CallOutcome, NamespaceAnswer, NamespaceRecord } from "../../schemas/admin.ts";
import type { PlacedInstance, Placement } from "../../schemas/prismnamespace.ts";

// One instance of one place: what it is asked, what it is told by what it answers, and what is then said of it.

const SINCE = "2026-01-01T00:00:00Z";
const NOW = "2026-01-01T00:01:00Z";

const WANTED: Wanted = {
	namespaceId: "acme",
	owner: "test/team/acme",
	version: 10,
	digest: "wanted",
	config: { metadata: {} },
};
const OURS: NamespaceRecord = { digest: "wanted", version: 10, owner: WANTED.owner, status: "Active" };
const OTHER: NamespaceRecord = { ...OURS, digest: "other" };
const THEIRS: NamespaceRecord = { ...OURS, digest: "theirs", owner: "test/team/else" };
const NEWER: NamespaceRecord = { ...OTHER, version: 11 };

const place = (change: Partial<Placement> = {}): Placement => ({
	roster: "prism-a",
	namespace: "team",
	state: "Active",
	since: SINCE,
	port: 8981,
	controlPlane: false,
	instances: [{ name: "a-0" }, { name: "a-1", host: "ip-1" }],
	...change,
});

const ADDRESS = "a-0.prism-a-headless.team.svc:8981";
const instance = { name: "a-0", namespace: "team", address: ADDRESS };
const spot = (known: Partial<PlacedInstance> = {}, change: Partial<Placement> = {}, after?: string): Spot => ({
	place: place(change),
	known: { name: "a-0", ...known },
	instance,
	question: { about: "namespace", instance, namespaceId: "acme", ...(after !== undefined && { after }) },
});

const known = (record?: NamespaceRecord, readAt = NOW): NamespaceAnswer => ({ state: "known", readAt, record });
const unknown: NamespaceAnswer = { state: "unknown", failure: "NotReady" };
const unverifiable: NamespaceAnswer = { state: "unverifiable" };

const told = (answer: NamespaceAnswer | undefined, call?: Partial<AdminCall>, outcome?: CallOutcome): Told =>
	toldBy({
		answers: answer === undefined ? [] : [{ question: spot().question, answer }],
		...(outcome !== undefined && {
			results: [{ call: { verb: "assign", instance, ...WANTED, ...call }, outcome }],
		}),
	});

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
			{ name: "a-1", host: "ip-1", ready: true },
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

describe("what is said of an instance that is to have it", () => {
	const done = (readBack?: NamespaceAnswer): CallOutcome =>
		({ state: "done", ...(readBack !== undefined && { readBack }) }) as CallOutcome;

	it.each([
		["it has it", known(OURS), undefined, {}, { state: "Applied" }],
		["it was told, and has it", known(), done(known(OURS)), {}, { state: "Applied" }],
		["somebody else has it", known(THEIRS), undefined, {}, { state: "Taken" }],
		["it was told, and somebody else has it", known(), done(known(THEIRS)), {}, { state: "Taken" }],
		[
			"it does not answer",
			unknown,
			undefined,
			{ accepted: "x" },
			{ state: "Waiting", message: "is not ready to serve yet", accepted: "x" },
		],
		["nobody asked it", undefined, undefined, {}, { state: "Waiting", message: "can't be reached" }],
		["it is not told yet", known(), undefined, {}, { state: "Waiting", message: "is being told" }],
		[
			"it is not told yet, and can't be asked",
			unverifiable,
			undefined,
			{ accepted: "old" },
			{ state: "Waiting", message: "is being told" },
		],
		[
			"it can't be asked, and took it",
			unverifiable,
			undefined,
			{ accepted: "wanted" },
			{ state: "Accepted", accepted: "wanted" },
		],
		[
			"it tells no digest, and took it",
			known({ ...OURS, digest: undefined } as never),
			undefined,
			{ accepted: "wanted" },
			{ state: "Accepted", accepted: "wanted" },
		],
		[
			"it took it, and lost it",
			known(),
			undefined,
			{ accepted: "wanted" },
			{ state: "Waiting", message: "is being told" },
		],
		["it takes it, and can't be asked", unverifiable, done(), {}, { state: "Accepted", accepted: "wanted" }],
		[
			"it takes it, and tells no digest",
			known(),
			done(known({ ...OURS, digest: undefined } as never)),
			{},
			{ state: "Accepted", accepted: "wanted" },
		],
		[
			"it takes it, and was not asked before",
			unknown,
			done(),
			{},
			{ state: "Waiting", message: "is not ready to serve yet" },
		],
		[
			"it takes it, and does not list it",
			known(),
			done(known()),
			{},
			{ state: "Waiting", message: "accepted it, and does not list it" },
		],
		[
			"it takes it, and has another",
			known(),
			done(known(OTHER)),
			{},
			{ state: "Waiting", message: "accepted it, and reports another configuration" },
		],
		["it says no", known(), { state: "refused", message: "no" }, {}, { state: "Refused", message: "no" }],
		[
			"it takes its time",
			known(),
			{ state: "pending" },
			{ accepted: "x" },
			{ state: "Waiting", message: "does not answer in time", accepted: "x" },
		],
		[
			"it fails",
			known(),
			{ state: "failed", failure: "Overloaded" },
			{ accepted: "x" },
			{ state: "Waiting", message: "is busy with other calls of the operator", accepted: "x" },
		],
		[
			"it fails, and forgets what it said before",
			known(),
			{ state: "failed", failure: "Rejected" },
			{ state: "Applied", message: "old", newerSince: SINCE, tried: true },
			{ state: "Waiting", message: "rejects the call as malformed", tried: true },
		],
	] as const)("when %s", (_, answer, outcome, its, said) => {
		const served = servedAt(spot(its), WANTED, told(answer, {}, outcome), NOW);
		expect(served.instance).toEqual({ name: "a-0", ...said });
		expect(served.answered).toBe(answer !== undefined && answer.state !== "unknown");
		expect(served.pushed).toBe(outcome?.state === "done" && ["Applied", "Accepted"].includes(said.state));
		expect(served.version).toBeUndefined();
	});

	it("is since when it has had a newer one", () => {
		const message = expect.stringContaining("has a newer version of it") as string;
		const said = (its: Partial<PlacedInstance>) => servedAt(spot(its), WANTED, told(known(NEWER)), NOW).instance;
		expect(said({})).toEqual({ name: "a-0", state: "Waiting", message, newerSince: NOW });
		expect(said({ newerSince: SINCE })).toEqual({ name: "a-0", state: "Waiting", message, newerSince: SINCE });
	});

	it("keeps its address, and no more of a long answer than status may hold", () => {
		const outcome = { state: "refused", message: "x".repeat(600) } as const;
		const said = servedAt(spot({ host: "ip-1" }), WANTED, told(known(), {}, outcome), NOW).instance;
		expect(said).toEqual({ name: "a-0", host: "ip-1", state: "Refused", message: "x".repeat(512) });
	});

	it.each([
		["create", done(known(OURS)), true],
		["create", { state: "refused", message: "" }, true],
		["create", { state: "pending" }, true],
		["create", { state: "failed", failure: "Unreachable" }, true],
		["create", { state: "failed", failure: "DeadlineExceeded" }, true],
		["create", { state: "failed", failure: "BadAnswer" }, true],
		["create", { state: "failed", failure: "NotReady" }, undefined],
		["create", undefined, undefined],
		["assign", done(known(OURS)), undefined],
		["assign", { state: "failed", failure: "Unreachable" }, undefined],
	] as const)("is whether it may have been created: %s %j", (verb, outcome, tried) => {
		const served = servedAt(spot(), WANTED, told(known(), { verb }, outcome), NOW);
		expect(served.instance.tried).toBe(tried);
	});

	it("is the version that a call had to carry, and the proxy that a control plane chose", () => {
		const outcome = {
			state: "done",
			readBack: { state: "known", readAt: NOW, record: OURS },
			assignedProxy: "p-3",
		} as const;
		const served = servedAt(spot(), WANTED, told(known(), { version: 12 }, outcome), NOW);
		expect(served).toMatchObject({ version: 12, assignedProxy: "p-3", record: OURS, pushed: true });
		expect(servedAt(spot(), WANTED, told(known(OTHER), {}, { state: "pending" }), NOW)).toMatchObject({
			assignedProxy: undefined,
			record: OTHER,
			pushed: false,
		});
	});

	it("does not come from a call that took it away", () => {
		const served = servedAt(
			spot(),
			WANTED,
			told(known(), { verb: "revoke" }, { state: "refused", message: "no" }),
			NOW,
		);
		expect(served.instance).toEqual({ name: "a-0", state: "Waiting", message: "is being told" });
	});
});

describe("what is said of an instance that is to let go", () => {
	const gone: CallOutcome = { state: "done", readBack: { state: "known", readAt: NOW, record: undefined } };
	const there = (record: NamespaceRecord): CallOutcome => ({
		state: "done",
		readBack: { state: "known", readAt: NOW, record },
	});
	const early = known(undefined, SINCE);

	it.each([
		["it was told, and has", known(OURS), gone, "clear", "clear"],
		["it was told, and can't be asked", unverifiable, { state: "done" }, "clear", "clear"],
		[
			"it was told, and lists it",
			known(OURS),
			there(OURS),
			"held: accepted that, and still lists it",
			"held: accepted that, and still lists it",
		],
		["it was told, and lists somebody else's", known(OURS), there(THEIRS), "clear", "clear"],
		[
			"it was told, and lists a newer one",
			known(OURS),
			there(NEWER),
			"clear",
			"held: accepted that, and still lists it",
		],
		["somebody else's is there", known(THEIRS), undefined, "clear", "clear"],
		["nothing was there before anything could arrive", early, undefined, "held", "held"],
		["nothing is there any more", known(undefined, "2026-01-01T00:00:20Z"), undefined, "clear", "held"],
		["nothing is there, long after", known(undefined, "2026-01-01T00:00:21Z"), undefined, "clear", "clear"],
		["ours is there, and it is not told", known(OURS), undefined, "held", "held"],
		["it says no", known(OURS), { state: "refused", message: "no" }, "held: no", "held: no"],
		["it takes its time", known(OURS), { state: "pending" }, "held", "held"],
		[
			"it can't be reached",
			known(OURS),
			{ state: "failed", failure: "Unreachable" },
			"unreachable: can't be reached",
			"unreachable: can't be reached",
		],
		[
			"it is left alone",
			{ state: "unknown", failure: "CircuitOpen" },
			undefined,
			"unreachable: failed several times in a row, and is left alone for a while",
			"unreachable: failed several times in a row, and is left alone for a while",
		],
		[
			"it is late",
			{ state: "unknown", failure: "DeadlineExceeded" },
			undefined,
			"unreachable: does not answer in time",
			"unreachable: does not answer in time",
		],
		["it is not ready", unknown, undefined, "held: is not ready to serve yet", "held: is not ready to serve yet"],
		[
			"it was not ready, and then not reached",
			unknown,
			{ state: "failed", failure: "Unreachable" },
			"unreachable: can't be reached",
			"unreachable: can't be reached",
		],
		["nobody asked it", undefined, undefined, "unreachable: can't be reached", "unreachable: can't be reached"],
	] as const)("when %s", (_, answer, outcome, move, last) => {
		const said = (occasion: "move" | "last") => {
			const its = told(answer, { verb: "revoke" }, outcome);
			const { release, why } = releaseAt(spot({}, {}, SINCE), WANTED, its, occasion);
			return why === undefined ? release : `${release}: ${why}`;
		};
		expect(said("move")).toBe(move);
		expect(said("last")).toBe(last);
	});

	it("does not come from a call that gave it", () => {
		const its = told(known(OURS), { verb: "assign" }, { state: "refused", message: "no" });
		expect(releaseAt(spot({}, {}, SINCE), WANTED, its, "move")).toMatchObject({ release: "held" });
		expect(releaseAt(spot({}, {}, SINCE), WANTED, its, "move")).not.toHaveProperty("why");
	});
});
