import { describe, expect, it } from "vitest";
import { lastQueries, leftQueries, servingQueries } from "../../../hooks/prismnamespace/input.ts";
import { isSettled } from "../../../hooks/prismnamespace/placement.ts";
import { transition } from "../../../hooks/prismnamespace/provisioning.ts";
import type { NamespaceAnswer } from "../../../schemas/admin.ts";
import type { PlacedInstance, Placement } from "../../../schemas/prismnamespace.ts";
import {
	ADDRESS,
	instance,
	known,
	NEWER,
	NOW,
	OTHER,
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

// One instance of one place: what it is asked, and what it is told by what it answers.

describe("who is asked", () => {
	const held = () => "held" as const;
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
	const asked = (live: Placement, written: readonly Placement[]) =>
		servingQueries({ place: live, roster }, written, "acme", held).map(({ instance: { address }, question }) => [
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
	])("%s", (_, live, written, queries) => {
		expect(asked(live, written)).toEqual(queries);
	});

	it("with an answer that is of the store that the roster tells", () => {
		const queries = servingQueries({ place: place(), roster }, [place()], "acme", held);
		expect(queries.map(({ question: { storeId } }) => storeId)).toEqual([undefined, "store-1"]);
	});

	const left = place({ state: "Revoking" });
	it.each([
		["since it was given up", SINCE, [left], SINCE],
		["a second before nothing can arrive any more", "2026-01-01T00:00:19Z", [left], SINCE],
		["once nothing can arrive any more", "2026-01-01T00:00:20Z", [left], "2026-01-01T00:00:20Z"],
		["long after", NOW, [left], "2026-01-01T00:00:20Z"],
	])("of a place that is left, with an answer from after %s", (_, now, written, after) => {
		const queries = leftQueries([left], written, "acme", now, held);
		expect(queries.map(({ question }) => question.after)).toEqual([after, after]);
		expect(queries.map(({ instance: { name } }) => name)).toEqual(["a-0", "a-1"]);
	});

	it.each([
		["before that is written", [place()]],
		["for another place", [place({ state: "Revoking", roster: "x" })]],
	])("of a place that is left: none %s", (_, written) => {
		expect(leftQueries([left], written, "acme", NOW, held)).toEqual([]);
	});

	it("of all places when the object goes", () => {
		const queries = lastQueries(
			[place(), place({ roster: "prism-b", instances: [{ name: "b-0" }] })],
			"acme",
			NOW,
			held,
		);
		expect(queries.map(({ instance: { address }, question: { after } }) => [address, after])).toEqual([
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

const ACCEPTED = { state: "Accepted", accepted: "wanted" } as const;

describe("what an instance that is to have it is told", () => {
	const verb = (
		answer: NamespaceAnswer | undefined,
		its: Partial<PlacedInstance> = {},
		change: Partial<Placement> = {},
	) => {
		const call = transition(query(its, change), WANTED, told(answer), NOW).call;
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
		["it can't be read back, and took this", unverifiable, ACCEPTED, undefined],
		["it can't be read back, and took another", unverifiable, { ...ACCEPTED, accepted: "other" }, "assign 10"],
		[
			"it can't be read back, and took this before a call was lost",
			unverifiable,
			{ ...ACCEPTED, state: "Waiting" },
			"assign 10",
		],
		[
			"it can't be read back, took this, and is not due",
			{ state: "unverifiable", remindInSeconds: 1 },
			ACCEPTED,
			undefined,
		],
		[
			"it can't be read back, took this, and is due",
			{ state: "unverifiable", remindInSeconds: 0 },
			ACCEPTED,
			"assign 10",
		],
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
	] as const)("when %s", (_, answer, its, call) => {
		expect(verb(answer, its)).toBe(call);
	});

	it("is to create it, once, where there is a control plane", () => {
		const change = { controlPlane: true };
		expect(verb(known(), {}, change)).toBe("create 10");
		expect(verb(known(), { tried: true }, change)).toBe("assign 10");
		expect(verb(known(OTHER), {}, change)).toBe("assign 10");
		expect(verb(known(), { tried: true })).toBe("assign 10");
	});

	it("is to create it, whenever it is sent it, where a control plane can't be read back", () => {
		const change = { controlPlane: true };
		const due: NamespaceAnswer = { state: "unverifiable", remindInSeconds: 0 };
		expect(verb(unverifiable, {}, change)).toBe("create 10");
		expect(verb(unverifiable, ACCEPTED, change)).toBeUndefined();
		expect(verb(due, ACCEPTED, change)).toBe("create 10");
		expect(verb(unverifiable, { ...ACCEPTED, accepted: "other" }, change)).toBe("create 10");
		const again = (its: Partial<PlacedInstance>) => transition(query(its, change), WANTED, told(due), NOW).call;
		expect(again({ ...ACCEPTED, tried: true })).toMatchObject({ verb: "create", again: true });
		expect(again(ACCEPTED)).not.toHaveProperty("again");
	});

	it.each(["awaited", "closed"] as const)("is nothing where it can't be read back and the claim is %s", (claim) => {
		const call = (answer: NamespaceAnswer) =>
			transition(query({}, {}, undefined, claim), WANTED, told(answer), NOW).call;
		expect(call(unverifiable)).toBeUndefined();
		expect(call({ state: "unverifiable", remindInSeconds: 0 })).toBeUndefined();
		expect(call(known())).toMatchObject({ verb: "assign" });
	});

	it("is all of it", () => {
		const { namespaceId, owner, version, config, digest } = WANTED;
		expect(transition(query(), WANTED, told(known()), NOW).call).toEqual({
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
