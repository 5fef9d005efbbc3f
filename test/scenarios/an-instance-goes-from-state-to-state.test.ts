import { describe, expect, it } from "vitest";
import { type InstanceState, transition } from "../../hooks/prismnamespace/provisioning.ts";
import type { CallOutcome, NamespaceAnswer } from "../../schemas/admin.ts";
import type { InstanceCause } from "../../schemas/findings/prismnamespace.ts";
import type { PlacedInstance, Placement } from "../../schemas/prismnamespace.ts";
import {
	known,
	NEWER,
	NOW,
	OTHER,
	OURS,
	query,
	SINCE,
	THEIRS,
	told,
	WANTED,
} from "../hooks/prismnamespace-instance.ts";

// The state machine of one instance: from its state in status and what is seen on the wire to its next state, and to the call that it
// needs. One row for each transition.

// ── States ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const pending = (cause: InstanceCause, words?: string): InstanceState => ({
	is: "Pending",
	lacking: { cause, ...(words !== undefined && { words }) },
});
const applied: InstanceState = { is: "Applied" };
const unverified = (accepted: string, reservation?: string) => ({ is: "Unverified", accepted, reservation });
const conflict = (over: "record" | "claim"): InstanceState => ({ is: "Conflict", over });

/** As status has them. */
const NEW = {};
const WAITING = { state: "Waiting", cause: "Pending" } as const;
const SILENT = { state: "Waiting", cause: "NoAnswer", silentSince: SINCE } as const;
const LEADERLESS = { state: "Waiting", cause: "Unavailable", message: "UNAVAILABLE: no leader elected" } as const;
const APPLIED = { state: "Applied" } as const;
const ACCEPTED = { state: "Accepted", accepted: "wanted" } as const;
const REFUSED = { state: "Refused", message: "disk full" } as const;
const TAKEN = { state: "Taken" } as const;
const ANY = [NEW, WAITING, SILENT, LEADERLESS, APPLIED, ACCEPTED, REFUSED, TAKEN];

// ── What is seen ────────────────────────────────────────────────────────────────────────────────────────────────────

const unseen: NamespaceAnswer = { state: "unverifiable" };
const due: NamespaceAnswer = { state: "unverifiable", remindInSeconds: 0 };
const failing = (failure: "Unreachable" | "NotReady" | "Unavailable", words?: string): NamespaceAnswer => ({
	state: "unknown",
	failure,
	...(words !== undefined && { words }),
});
const { digest: _digest, ...UNDIGESTED } = OURS;

interface Row {
	/** What status says. */
	readonly from: Partial<PlacedInstance>;
	/** What it answers. */
	readonly seen: NamespaceAnswer;
	readonly to: object;
	/** undefined: none. */
	readonly call?: string;
	readonly claim?: "awaited" | "closed";
	readonly place?: Partial<Placement>;
}

const PLANE = { controlPlane: true };

const UNCALLED: readonly Row[] = [
	// Whatever it was.
	...ANY.flatMap((from): Row[] => [
		{ from, seen: known(OURS), to: applied },
		{ from, seen: known(THEIRS), to: conflict("record") },
		{ from, seen: failing("NotReady"), to: pending("NotReady") },
		{ from, seen: failing("Unreachable"), to: pending("NoAnswer") },
		{ from, seen: known(), to: pending("Pending"), call: "assign 10" },
		{ from, seen: known(NEWER), to: pending("NewerVersion") },
	]),
	// A server that answers that it is unavailable keeps its first words.
	{ from: NEW, seen: failing("Unavailable", "UNAVAILABLE: b"), to: pending("Unavailable", "UNAVAILABLE: b") },
	{ from: LEADERLESS, seen: failing("Unavailable", "UNAVAILABLE: b"), to: pending("Unavailable", LEADERLESS.message) },
	{ from: LEADERLESS, seen: known(), to: pending("Pending"), call: "assign 10" },
	// Another configuration.
	{ from: APPLIED, seen: known(OTHER), to: pending("Pending"), call: "assign 10" },
	{ from: NEW, seen: known(UNDIGESTED), to: pending("Pending"), call: "assign 10" },
	{ from: { accepted: "wanted" }, seen: known(UNDIGESTED), to: unverified("wanted") },
	{ from: { newerSince: SINCE }, seen: known(NEWER), to: pending("NewerVersion"), call: "assign 12" },
	// A control plane is asked to create it, once.
	{ from: NEW, seen: known(), to: pending("Pending"), call: "create 10", place: PLANE },
	{ from: { tried: true }, seen: known(), to: pending("Pending"), call: "assign 10", place: PLANE },
	// What can't be read back.
	{ from: NEW, seen: unseen, to: pending("Pending"), call: "assign 10" },
	{ from: NEW, seen: unseen, to: pending("Pending"), call: "create 10", place: PLANE },
	{ from: LEADERLESS, seen: unseen, to: pending("Pending"), call: "create 10", place: PLANE },
	{ from: ACCEPTED, seen: unseen, to: unverified("wanted"), place: PLANE },
	{ from: ACCEPTED, seen: due, to: unverified("wanted"), call: "create 10", place: PLANE },
	{ from: { ...ACCEPTED, message: "not yet" }, seen: unseen, to: unverified("wanted", "not yet") },
	{ from: { ...ACCEPTED, accepted: "old" }, seen: unseen, to: pending("Pending"), call: "assign 10" },
	// Without its claim, nothing is sent.
	{ from: NEW, seen: unseen, claim: "closed", to: { is: "Pending", lacking: {} } },
	{ from: NEW, seen: unseen, claim: "awaited", to: pending("Pending") },
	{ from: ACCEPTED, seen: unseen, claim: "awaited", to: unverified("wanted") },
	{ from: NEW, seen: unseen, claim: "awaited", place: { claimingSince: SINCE }, to: conflict("claim") },
];

const CALLED: readonly (Row & { readonly outcome: CallOutcome; readonly verb?: "create" })[] = [
	...ANY.flatMap((from) => [
		{ from, seen: known(), outcome: done(known(OURS)), to: applied },
		{ from, seen: known(), outcome: done(known(THEIRS)), to: conflict("record") },
		{ from, seen: known(), outcome: done(known()), to: pending("NotListed") },
		{ from, seen: known(), outcome: done(known(OTHER)), to: pending("OtherConfiguration") },
		{ from, seen: unseen, outcome: done(), to: unverified("wanted") },
		{ from, seen: known(), outcome: { state: "refused", message: "no" }, to: { is: "Rejected", words: "no" } } as const,
		{ from, seen: known(), outcome: failed("Rejected"), to: pending("Rejected") },
	]),
	{ from: NEW, seen: unseen, outcome: done(undefined, "not yet"), to: unverified("wanted", "not yet") },
	{ from: NEW, seen: known(), outcome: done(known(UNDIGESTED)), to: unverified("wanted") },
	// It is still being called, or read back: what was the trouble still is.
	{ from: NEW, seen: known(), outcome: { state: "pending" }, to: pending("Pending") },
	{ from: SILENT, seen: known(), outcome: { state: "pending" }, to: pending("NoAnswer") },
	{ from: LEADERLESS, seen: known(), outcome: done(), to: pending("Unavailable", LEADERLESS.message) },
	{ from: REFUSED, seen: known(), outcome: { state: "pending" }, to: pending("Pending") },
	{ from: ACCEPTED, seen: due, outcome: { state: "pending" }, to: unverified("wanted") },
	// A reminder that fails.
	{ from: ACCEPTED, seen: due, outcome: failed("Unreachable"), to: pending("NoAnswer") },
	{
		from: ACCEPTED,
		seen: due,
		outcome: { ...failed("Unavailable"), words: "UNAVAILABLE: no leader elected" },
		to: pending("Unavailable", "UNAVAILABLE: no leader elected"),
	},
	{ from: NEW, seen: unseen, verb: "create", outcome: failed("NotReady"), to: pending("NoRegisteredProxy") },
	{ from: NEW, seen: unseen, outcome: failed("NotReady"), to: pending("NotReady") },
];

function done(readBack?: NamespaceAnswer, reservation?: string): CallOutcome {
	return {
		state: "done",
		...(readBack?.state === "known" && { readBack }),
		...(reservation !== undefined && { reservation }),
	};
}

function failed(failure: "Unreachable" | "NotReady" | "Unavailable" | "Rejected"): CallOutcome & { state: "failed" } {
	return { state: "failed", failure };
}

const titled = <Of extends Row>(rows: readonly Of[]) =>
	rows.map((row) => {
		const { from, seen, claim = "held", place = {} } = row;
		const outcome = "outcome" in row ? ` then ${JSON.stringify(row.outcome)}` : "";
		return { ...row, title: `${JSON.stringify({ from, seen, claim, place })}${outcome}` };
	});

describe("before a call", () => {
	it.each(titled(UNCALLED))("$title", ({ from, seen, claim, place, to, call }) => {
		const next = transition(query(from, place, undefined, claim), WANTED, told(seen), NOW);
		expect(next.state).toEqual(to);
		expect(next.call && `${next.call.verb} ${next.call.version}`).toBe(call);
	});

	it("an older reading of what was pushed meanwhile changes nothing", () => {
		const pushed = { ...WANTED, pushedAt: NOW };
		for (const record of [undefined, OTHER]) {
			expect(transition(query(APPLIED), pushed, told(known(record)), NOW)).toMatchObject({
				state: applied,
				call: undefined,
			});
			expect(transition(query(WAITING), pushed, told(known(record)), NOW).call).toBeDefined();
		}
	});
});

describe("after a call", () => {
	it.each(titled(CALLED))("$title", ({ from, seen, outcome, verb, to }) => {
		const next = transition(query(from), WANTED, told(seen, verb && { verb }, outcome), NOW);
		expect(next.state).toEqual(to);
		expect(next.call).toBeUndefined();
	});
});

describe("a state in status", () => {
	it("is where the next transition begins", () => {
		const rows: readonly (readonly [NamespaceAnswer, CallOutcome | undefined])[] = [
			[known(OURS), undefined],
			[known(THEIRS), undefined],
			[failing("Unreachable"), undefined],
			[unseen, done(undefined, "not yet")],
			[unseen, { state: "failed", failure: "Unavailable", words: "UNAVAILABLE: x" }],
			[known(), { state: "refused", message: "no" }],
		];
		for (const [seen, outcome] of rows) {
			const once = transition(query(), WANTED, told(seen, {}, outcome), NOW);
			const twice = transition(query(once.instance), WANTED, told(seen, {}, outcome), NOW);
			expect(twice.state).toEqual(once.state);
			expect(twice.instance).toEqual(once.instance);
		}
	});
});
