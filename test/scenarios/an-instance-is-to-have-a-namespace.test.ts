import { describe, expect, it } from "vitest";
import { transition } from "../../hooks/prismnamespace/provisioning.ts";
import { millisOf, timestampOf } from "../../kube/time.ts";
import type { AdminFailure, CallOutcome, NamespaceAnswer } from "../../schemas/admin.ts";
import type { InstanceCause } from "../../schemas/findings/prismnamespace.ts";
import { lackingFieldText } from "../../schemas/messages/status-fields.ts";
import type { PlacedInstance } from "../../schemas/prismnamespace.ts";
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
	unknown,
	unverifiable,
	WANTED,
} from "../hooks/prismnamespace-instance.ts";

// One instance of one place: what is said of it, once it was asked and told.

const because = (cause: InstanceCause) => ({ cause, message: lackingFieldText({ cause }) ?? "" });

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
			{ state: "Waiting", ...because("NotReady"), accepted: "x" },
		],
		["nobody asked it", undefined, undefined, {}, { state: "Waiting", ...because("NoAnswer") }],
		["it is not told yet", known(), undefined, {}, { state: "Waiting", ...because("Pending") }],
		[
			"it is not told yet, and can't be asked",
			unverifiable,
			undefined,
			{ accepted: "old" },
			{ state: "Waiting", ...because("Pending"), accepted: "old" },
		],
		[
			"it can't be asked, and took it",
			unverifiable,
			undefined,
			{ state: "Accepted", accepted: "wanted" },
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
			{ state: "Waiting", ...because("Pending") },
		],
		["it takes it, and can't be asked", unverifiable, done(), {}, { state: "Accepted", accepted: "wanted" }],
		[
			"it takes it, and tells no digest",
			known(),
			done(known({ ...OURS, digest: undefined } as never)),
			{},
			{ state: "Accepted", accepted: "wanted" },
		],
		["it takes it, and was not asked before", unknown, done(), {}, { state: "Waiting", ...because("NotReady") }],
		["it takes it, and does not list it", known(), done(known()), {}, { state: "Waiting", ...because("NotListed") }],
		[
			"it takes it, and has another",
			known(),
			done(known(OTHER)),
			{},
			{ state: "Waiting", ...because("OtherConfiguration") },
		],
		["it says no", known(), { state: "refused", message: "no" }, {}, { state: "Refused", message: "no" }],
		[
			"it takes its time",
			known(),
			{ state: "pending" },
			{ accepted: "x" },
			{ state: "Waiting", ...because("Pending"), accepted: "x" },
		],
		[
			"it takes its time, and was in trouble before",
			known(),
			{ state: "pending" },
			{ state: "Waiting", ...because("NoAnswer") },
			{ state: "Waiting", ...because("NoAnswer") },
		],
		[
			"it takes its time, and said no before",
			known(),
			{ state: "pending" },
			{ state: "Refused", message: "no" },
			{ state: "Waiting", ...because("Pending") },
		],
		["it takes it, and is being read back", known(OTHER), done(), {}, { state: "Waiting", ...because("Pending") }],
		[
			"it takes it, is being read back, and was in trouble before",
			known(OTHER),
			done(),
			{ state: "Waiting", ...because("NoAnswer") },
			{ state: "Waiting", ...because("NoAnswer") },
		],
		[
			"it fails",
			known(),
			{ state: "failed", failure: "Overloaded" },
			{ accepted: "x" },
			{ state: "Waiting", ...because("NoAnswer"), accepted: "x" },
		],
		[
			"it fails, and forgets what it said before",
			known(),
			{ state: "failed", failure: "Rejected" },
			{ state: "Applied", message: "old", newerSince: SINCE, tried: true },
			{ state: "Waiting", ...because("Rejected"), tried: true },
		],
	] as const)("when %s", (_, answer, outcome, its, said) => {
		const served = transition(query(its), WANTED, told(answer, {}, outcome), NOW);
		const isSilent = "cause" in said && said.cause === "NoAnswer";
		expect(served.instance).toEqual({ name: "a-0", ...(isSilent && { silentSince: NOW }), ...said });
		expect(served.answered).toBe(answer !== undefined && answer.state !== "unknown" && !isSilent);
		expect(served.pushed).toBe(outcome?.state === "done" && ["Applied", "Accepted"].includes(said.state));
		expect(served.version).toBeUndefined();
	});

	it.each<{ seconds?: number; before?: InstanceCause; failure?: AdminFailure; is: InstanceCause }>([
		{ seconds: 1, is: "Pending" },
		{ seconds: 19, is: "Pending" },
		{ seconds: 20, is: "NoAnswer" },
		{ is: "NoAnswer" },
		{ seconds: 1, before: "NoAnswer", is: "NoAnswer" },
		{ seconds: 1, failure: "Unreachable", is: "NoAnswer" },
	])(
		"is still being told for as long as a call may last: %j",
		({ seconds, before: cause = "Pending", failure = "DeadlineExceeded", is }) => {
			const unreadySince = seconds === undefined ? undefined : timestampOf(millisOf(NOW) - seconds * 1000);
			const its = query({ state: "Waiting", cause, message: "whatever it says" });
			const { instance } = transition(its, { ...WANTED, unreadySince }, told({ state: "unknown", failure }), NOW);
			expect(instance).toEqual({
				name: "a-0",
				...(is === "NoAnswer" && { silentSince: NOW }),
				state: "Waiting",
				...because(is),
			});
		},
	);

	it("is since when it has had a newer one", () => {
		const said = (its: Partial<PlacedInstance>) => transition(query(its), WANTED, told(known(NEWER)), NOW).instance;
		expect(said({})).toEqual({ name: "a-0", state: "Waiting", ...because("NewerVersion"), newerSince: NOW });
		expect(said({ newerSince: SINCE })).toEqual({
			name: "a-0",
			state: "Waiting",
			...because("NewerVersion"),
			newerSince: SINCE,
		});
	});

	it("keeps its address, and no more of a long answer than status may hold", () => {
		const outcome = { state: "refused", message: "x".repeat(600) } as const;
		const said = transition(query({ host: "ip-1" }), WANTED, told(known(), {}, outcome), NOW).instance;
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
		const served = transition(query(), WANTED, told(known(), { verb }, outcome), NOW);
		expect(served.instance.tried).toBe(tried);
	});

	it("is the version that a call had to carry, and the proxy that a control plane chose", () => {
		const outcome = {
			state: "done",
			readBack: { state: "known", readAt: NOW, record: OURS },
			assignedProxy: "p-3",
		} as const;
		const served = transition(query(), WANTED, told(known(), { version: 12 }, outcome), NOW);
		expect(served).toMatchObject({ version: 12, assignedProxy: "p-3", record: OURS, pushed: true });
		expect(transition(query(), WANTED, told(known(OTHER), {}, { state: "pending" }), NOW)).toMatchObject({
			assignedProxy: undefined,
			record: OTHER,
			pushed: false,
		});
	});

	it("does not come from a call that took it away", () => {
		const served = transition(
			query(),
			WANTED,
			told(known(), { verb: "revoke" }, { state: "refused", message: "no" }),
			NOW,
		);
		expect(served.instance).toEqual({ name: "a-0", state: "Waiting", ...because("Pending") });
	});
});
