import { describe, expect, it } from "vitest";
import {
	answerAt,
	claimName,
	claimOn,
	hasAccepted,
	instanceAt,
	isClaimed,
	isForeign,
	isLost,
	isNewer,
	isSame,
	isStillTold,
	lastKnown,
	mayHaveCreated,
	metricsOf,
	observe,
	resultOf,
	titleOf,
} from "../../../hooks/prismnamespace/context.ts";
import { objectMap } from "../../../kube/offline.ts";
import type { CallOutcome, NamespaceAnswer, NamespaceFigures, NamespaceRecord } from "../../../schemas/admin.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import {
	instance as INSTANCE,
	known,
	NEWER,
	NOW,
	OTHER,
	OURS,
	place as placed,
	query,
	SINCE,
	THEIRS,
	told,
	unknown,
	unverifiable,
	WANTED,
} from "../prismnamespace-instance.ts";
import { object } from "../situations.ts";

describe("an instance's address", () => {
	const place = { name: "prism-a", namespace: "team", port: 8981, controlPlane: false };

	it.each([
		[place, { name: "prism-a-0" }, "prism-a-0.prism-a-headless.team.svc:8981"],
		[place, { name: "p-x7", host: "ip-1" }, "ip-1.prism-a-headless.team.svc:8981"],
		[{ ...place, controlPlane: true }, { name: "dev-admin" }, "dev-admin.team.svc:8981"],
	])("is made of names alone: %j %j", (where, instance, address) => {
		expect(instanceAt(where, instance)).toEqual({ name: instance.name, namespace: "team", address });
	});
});

it("a place is a roster in a namespace, and an instance its name and host", () => {
	expect(isSame(placed(), placed({ state: "Revoking", instances: [] }))).toBe(true);
	expect([isSame(placed(), placed({ roster: "b" })), isSame(placed(), placed({ namespace: "b" }))]).toEqual([
		false,
		false,
	]);
	expect([titleOf({ name: "a" }), titleOf({ name: "a", host: "ip-1" })]).toEqual(["a a", "a ip-1"]);
});

describe("a claim", () => {
	const OBJECT = object("PrismNamespace", {}, { name: "acme", namespace: "team", uid: "u" });
	const PLACE = { namespace: "prism", roster: "it-proxy" };
	const claim = claimOn(PLACE, "acme", OBJECT);
	const withMetadata = (change: object): KubeObject => ({ ...claim, metadata: { ...claim.metadata, ...change } });
	const controlledBy = (uid: string) =>
		withMetadata({ ownerReferences: [{ apiVersion: "v1", kind: "X", name: "x", uid, controller: true }] });

	it("has a name that follows from place and identifier alone", () => {
		expect(claim.metadata).toMatchObject({ name: claimName(PLACE, "acme"), namespace: "team" });
		expect(claim).toMatchObject({ immutable: true, data: { namespaceId: "acme", place: "prism/it-proxy" } });
		const names = [claimName(PLACE, "acme"), claimName(PLACE, "other"), claimName({ ...PLACE, roster: "b" }, "acme")];
		expect(new Set(names).size).toBe(3);
	});

	it.each([
		["is there", [claim], true],
		["is ours", [controlledBy("u")], true],
		["is of another owner", [controlledBy("other")], false],
		["is being deleted", [withMetadata({ deletionTimestamp: NOW })], false],
		["is not there", [], false],
	])("%s: %#", (_what, observed, isOurs) => {
		expect(isClaimed(objectMap(observed), OBJECT, PLACE, "acme")).toBe(isOurs);
	});

	it.each([
		[undefined, false],
		["2026-01-01T00:00:51Z", false],
		["2026-01-01T00:00:50Z", true],
	])("awaited since %s is lost: %s", (claimingSince, is) => {
		expect(isLost(query({}, claimingSince === undefined ? {} : { claimingSince }), NOW)).toBe(is);
	});
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

describe("what an instance said", () => {
	it("is found by its address, and one that was not asked is out of reach", () => {
		expect(answerAt(query(), told(known(OURS)))).toEqual(known(OURS));
		expect(answerAt(query(), told(undefined))).toEqual({ state: "unknown", failure: "Unreachable" });
	});

	it("to a call counts for calls of these verbs", () => {
		const done: CallOutcome = { state: "done" };
		const all = told(undefined, { verb: "assign" }, done);
		expect(resultOf(query(), all, ["create", "assign"])).toMatchObject({ call: { verb: "assign" }, outcome: done });
		expect([resultOf(query(), all, ["create"]), resultOf(query(), told(undefined), ["assign"])]).toEqual([{}, {}]);
	});

	const pushed = { ...WANTED, pushedAt: NOW };
	it.each<[string, ReturnType<typeof query>, NamespaceAnswer, typeof WANTED, boolean, object]>([
		["nothing", query(), unknown, WANTED, true, { is: "Silent", why: unknown }],
		["as desired", query(), known(OURS), WANTED, false, { is: "AsDesired" }],
		["somebody else's", query(), known(THEIRS), WANTED, false, { is: "Foreign" }],
		["none", query(), known(), WANTED, false, { is: "Missing" }],
		["another", query(), known(OTHER), WANTED, false, { is: "Other", record: OTHER, isNewer: false }],
		["a newer one", query(), known(NEWER), WANTED, false, { is: "Other", record: NEWER, isNewer: true }],
		["none, read before the last push", query({ state: "Applied" }), known(), pushed, true, { is: "AsDesired" }],
		["none, at a second look", query({ state: "Applied" }), known(), pushed, false, { is: "Missing" }],
		["none, pushed and never seen there", query(), known(), pushed, true, { is: "Missing" }],
		["unreadable", query(), unverifiable, WANTED, true, { is: "Unreadable", hasAccepted: false, isDue: false }],
		[
			"unreadable, and to be told again",
			query({ state: "Accepted", accepted: "wanted" }),
			{ state: "unverifiable", remindInSeconds: 0 },
			WANTED,
			true,
			{ is: "Unreadable", hasAccepted: true, isDue: true },
		],
		[
			"unreadable without a claim",
			query({}, {}, undefined, "awaited"),
			unverifiable,
			WANTED,
			true,
			{ is: "Unclaimed", claim: "awaited" },
		],
	])("means: %s", (_what, each, answer, wanted, isFirst, observation) => {
		expect(observe(each, wanted, answer, isFirst)).toEqual(observation);
	});

	it.each([
		[{ state: "Accepted", accepted: "wanted" }, true],
		[{ state: "Accepted", accepted: "other" }, false],
		[{ state: "Applied", accepted: "wanted" }, false],
	] as const)("%j accepted this very configuration: %s", (its, is) => {
		expect(hasAccepted(query(its), WANTED)).toBe(is);
	});

	const late = { ...WANTED, unreadySince: SINCE };
	it.each([
		["for a moment", "DeadlineExceeded", late, "2026-01-01T00:00:19Z", true],
		["for longer than a call takes", "DeadlineExceeded", late, "2026-01-01T00:00:20Z", false],
		["for another reason", "Unreachable", late, "2026-01-01T00:00:19Z", false],
		["although it is Ready", "DeadlineExceeded", WANTED, "2026-01-01T00:00:19Z", false],
	] as const)("is late because it is being told, %s: %#", (_what, failure, wanted, now, is) => {
		const answer = { state: "failed", failure } as Parameters<typeof isStillTold>[1];
		expect(isStillTold(query({ cause: "Pending" }), answer, wanted, now)).toBe(is);
		expect(isStillTold(query({ cause: "NotReady" }), answer, wanted, now)).toBe(false);
	});

	it.each([
		["create", { state: "done" }, true],
		["create", { state: "failed", failure: "DeadlineExceeded" }, true],
		["create", { state: "failed", failure: "Unauthenticated" }, false],
		["create", undefined, false],
		["assign", { state: "done" }, false],
	] as const)("%s that ended with %j may have created it: %s", (verb, outcome, may) => {
		const { call } = resultOf(query(), told(undefined, { verb }, { state: "done" }), [verb]);
		expect(call?.instance).toEqual(INSTANCE);
		expect(mayHaveCreated(call, outcome as CallOutcome | undefined)).toBe(may);
	});

	it.each([
		[{ state: "Applied" }, { lastKnownAt: NOW }],
		[{ state: "Accepted", lastKnownAt: SINCE }, { lastKnownAt: NOW }],
		[{ state: "Unknown", lastKnownAt: SINCE }, { lastKnownAt: SINCE }],
		[{}, {}],
	])("%j was last known to have it: %j", (its, expected) => {
		expect(lastKnown(its as Parameters<typeof lastKnown>[0], NOW)).toEqual(expected);
	});
});

const LATER = "2026-01-01T01:00:00Z";

describe("figures", () => {
	const figures = (...each: readonly (NamespaceFigures | undefined)[]) =>
		each.map((metrics) => ({ record: metrics && { status: "Active" as const, metrics } }));
	const of = (old: Record<string, unknown>, ...each: readonly (NamespaceFigures | undefined)[]) =>
		metricsOf(old, figures(...each), LATER);

	it("are of all instances: keys and latency the greatest, the rest together, in two digits", () => {
		expect(
			of(
				{},
				{ keys: 1234, connections: 10, requestsPerSecond: 101, p99LatencyMs: 1.26 },
				{ keys: 1199, connections: 13, requestsPerSecond: 33, p99LatencyMs: 0.5 },
				undefined,
			),
		).toEqual({
			metrics: { currentKeys: 1200, currentConnections: 23, requestRate: 130, rps: 130, p99Latency: "1.3ms" },
			metricsUpdatedAt: LATER,
		});
	});

	it("are only those that are told", () => {
		expect(of({}, { keys: 0 })).toEqual({ metrics: { currentKeys: 0 }, metricsUpdatedAt: LATER });
		expect(of({}, undefined)).toEqual({});
		expect(of({ metrics: { rps: 1 }, metricsUpdatedAt: SINCE })).toEqual({});
	});

	const old = (metricsUpdatedAt: unknown, metrics: unknown = { currentKeys: 1 }) => ({ metrics, metricsUpdatedAt });
	it.each([
		["stay for 599 s", old("2026-01-01T00:50:01Z"), 2, old("2026-01-01T00:50:01Z")],
		["are others after 600 s", old("2026-01-01T00:50:00Z"), 2, old(LATER, { currentKeys: 2 })],
		["stay as long as they are the same", old(SINCE), 1, old(SINCE)],
		["are others when they were of nothing", old(LATER, null), 2, old(LATER, { currentKeys: 2 })],
		["are others when they made no sense", old("2026-01-01T00:59:59Z", "many"), 2, old(LATER, { currentKeys: 2 })],
		["are others when their time made none", old(5), 2, old(LATER, { currentKeys: 2 })],
		["are others when one is told no more", old(SINCE, { currentKeys: 1, rps: 2 }), 1, old(LATER, { currentKeys: 1 })],
	])("%s", (_, before, keys, after) => {
		expect(of(before, { keys })).toEqual(after);
	});
});
