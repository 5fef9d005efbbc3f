import { describe, expect, it } from "vitest";
import {
	releaseAt,
	releasedPlaces,
	revocation,
	terminatingVerdict,
} from "../../../hooks/prismnamespace/deprovisioning.ts";
import type { CallOutcome, NamespaceRecord } from "../../../schemas/admin.ts";
import { heldText } from "../../../schemas/messages/admin.ts";
import type { PlacedInstance } from "../../../schemas/prismnamespace.ts";
import {
	instance,
	known,
	NEWER,
	NOW,
	OURS,
	place,
	query,
	SINCE,
	THEIRS,
	told,
	unknown,
	unverifiable,
	WANTED,
} from "../prismnamespace-instance.ts";

// One instance of one place that is to release a namespace: the call that it needs, and whether it has released it.

const ACCEPTED = { state: "Accepted", accepted: "wanted" } as const;

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
		expect(revocation(query(its), WANTED, told(answer), "move")?.version).toBe(move);
		expect(revocation(query(its), WANTED, told(answer), "last")?.version).toBe(last);
	});

	it.each([
		["its claim", {}, {}, "held", 10],
		["no claim", { state: "Taken" }, {}, "awaited", undefined],
		["no claim yet", {}, { claimingSince: SINCE }, "awaited", undefined],
		["no claim, and what an operator sent that knew none", ACCEPTED, {}, "awaited", 10],
		[
			"no claim, and what an operator sent that knew none, since it waits",
			ACCEPTED,
			{ claimingSince: SINCE },
			"awaited",
			undefined,
		],
		["its claim, and is known to be kept", { state: "Kept" }, {}, "held", undefined],
	] as const)("where it can't be read back, with %s", (_, its, change, claim, version) => {
		const call = revocation(query(its, change, undefined, claim), WANTED, told(unverifiable), "last");
		expect(call?.version).toBe(version);
	});

	it("does not come from one that waits for its claim, also where nobody answers", () => {
		const waiting = query({}, { claimingSince: SINCE }, undefined, "awaited");
		expect(revocation(waiting, WANTED, told(unknown), "last")).toBeUndefined();
	});

	it("names the proxy that a control plane chose", () => {
		const proxyId = (its: Partial<PlacedInstance>, controlPlane: boolean, assignedProxy?: string) => {
			const call = revocation(query(its, { controlPlane }), { ...WANTED, assignedProxy }, told(known(OURS)), "last");
			return call?.verb === "revoke" ? call.proxyId : "no call";
		};
		expect(proxyId({ assignedProxy: "p-1" }, true, "p-2")).toBe("p-1");
		expect(proxyId({}, true, "p-2")).toBe("p-2");
		expect(proxyId({}, false, "p-2")).toBeUndefined();
	});

	it("is whose it is, and nothing more", () => {
		const { namespaceId, owner, version } = WANTED;
		expect(revocation(query(), WANTED, told(known(OURS)), "move")).toEqual({
			verb: "revoke",
			instance,
			namespaceId,
			owner,
			version,
		});
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
			"held: accepted the revocation, and still lists the namespace",
			"held: accepted the revocation, and still lists the namespace",
		],
		["it was told, and lists somebody else's", known(OURS), there(THEIRS), "clear", "clear"],
		[
			"it was told, and lists a newer one",
			known(OURS),
			there(NEWER),
			"clear",
			"held: accepted the revocation, and still lists the namespace",
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
			"unreachable: does not answer",
			"unreachable: does not answer",
		],
		[
			"the operator has too much to do",
			{ state: "unknown", failure: "Overloaded" },
			undefined,
			"held: does not answer",
			"held: does not answer",
		],
		[
			"it is late",
			{ state: "unknown", failure: "DeadlineExceeded" },
			undefined,
			"unreachable: does not answer",
			"unreachable: does not answer",
		],
		["it is not ready", unknown, undefined, "held: is not ready to serve yet", "held: is not ready to serve yet"],
		[
			"it was not ready, and then not reached",
			unknown,
			{ state: "failed", failure: "Unreachable" },
			"unreachable: does not answer",
			"unreachable: does not answer",
		],
		["nobody asked it", undefined, undefined, "unreachable: does not answer", "unreachable: does not answer"],
	] as const)("when %s", (_, answer, outcome, move, last) => {
		const said = (occasion: "move" | "last") => {
			const its = told(answer, { verb: "revoke" }, outcome);
			const { release, why } = releaseAt(query({}, {}, SINCE), WANTED, its, occasion, NOW);
			return why === undefined ? release : `${release}: ${heldText({ name: "it", cause: why }).slice(4, -1)}`;
		};
		expect(said("move")).toBe(move);
		expect(said("last")).toBe(last);
	});

	it("does not come from a call that gave it", () => {
		const its = told(known(OURS), { verb: "assign" }, { state: "refused", message: "no" });
		expect(releaseAt(query({}, {}, SINCE), WANTED, its, "move", NOW)).toMatchObject({ release: "held" });
		expect(releaseAt(query({}, {}, SINCE), WANTED, its, "move", NOW)).not.toHaveProperty("why");
	});
});

describe("an instance that can't revoke", () => {
	const reserved: CallOutcome = { state: "done", reservation: "not yet implemented" };
	const releaseOf = (its: Partial<PlacedInstance>, since: string, ...given: Parameters<typeof told>) =>
		releaseAt(query(its, { since }), WANTED, told(...given), "last", NOW);

	it("keeps the record, in its own words, and at most 512 characters of them", () => {
		expect(releaseOf({}, SINCE, unverifiable, { verb: "revoke" }, reserved)).toMatchObject({
			release: "kept",
			why: { kept: "not yet implemented" },
		});
		const long: CallOutcome = { state: "done", reservation: "x".repeat(513) };
		expect(releaseOf({}, SINCE, unknown, { verb: "revoke" }, long).why).toEqual({ kept: "x".repeat(512) });
	});

	it("is believed if it can be read back", () => {
		const gone: CallOutcome = { ...reserved, readBack: { state: "known", readAt: NOW, record: undefined } };
		expect(releaseOf({}, SINCE, known(OURS), { verb: "revoke" }, gone).release).toBe("clear");
	});

	it.each([
		["2026-01-01T00:00:51Z", "kept"],
		["2026-01-01T00:00:50Z", "clear"],
	] as const)("is reported for 10 s: revoked at %s, it is %s", (since, release) => {
		expect(releaseOf({ state: "Kept", message: "no" }, since, unverifiable).release).toBe(release);
	});

	it("is written into the place that an object waits for", () => {
		const left = [query()];
		const releases = [{ query: query(), release: "kept", why: { kept: "no" } }] as const;
		expect(releasedPlaces({ written: [place()], left, now: NOW }, releases)).toEqual([
			place({
				state: "Revoking",
				since: NOW,
				instances: [
					{ name: "a-0", state: "Kept", message: "no" },
					{ name: "a-1", host: "ip-1" },
				],
			}),
		]);
	});
});

it("a namespace that is being deleted waits for the instances of the places that are left, each with its cause", () => {
	const elsewhere = query({ name: "b-0" }, { roster: "prism-b" });
	const releases = [
		{ query: query(), release: "held", why: "StillListed" },
		{ query: query({ name: "a-1" }), release: "clear" },
		{ query: query({ name: "a-2" }), release: "unreachable" },
		{ query: elsewhere, release: "held" },
	] as const;
	expect(terminatingVerdict([place()], releases)).toMatchObject({
		ready: "False",
		phase: "Terminating",
		finding: { reason: "Revoking", instances: [{ name: "a-0", cause: "StillListed" }, { name: "a-2" }] },
	});
});
