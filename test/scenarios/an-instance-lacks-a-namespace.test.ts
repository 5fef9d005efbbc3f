import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadAll } from "js-yaml";
import { describe, expect, it } from "vitest";
import { transition } from "../../hooks/prismnamespace/provisioning.ts";
import { recordsAt } from "../../kube/object.ts";
import { INSTANCE_CAUSES, type InstanceCause, lackingIn } from "../../schemas/findings/prismnamespace.ts";
import { INSTANCE_CAUSE_TEXTS } from "../../schemas/messages/admin.ts";
import { NamespaceWorld } from "../hooks/namespace-world.ts";
import { NOW, query, told, WANTED } from "../hooks/prismnamespace-instance.ts";

// Why an instance lacks a namespace is a field of its own, whatever the words beside it are; a status of the release before, which
// has the words alone, is read by those.

/** As 0.1.0 wrote them in every situation that is tried of a namespace. */
const STATUSES = loadAll(readFileSync(join(import.meta.dirname, "../skew/statuses-0.1.0/prismnamespace.yaml"), "utf8"));

/** Causes that operators after 0.1.0 found. */
type Later = "NoRegisteredProxy" | "Unavailable";
const isEarly = (cause: InstanceCause): cause is Exclude<InstanceCause, Later> =>
	cause !== "NoRegisteredProxy" && cause !== "Unavailable";

const BEFORE: Readonly<Record<Exclude<InstanceCause, Later>, string>> = {
	Pending: "is being told",
	NoAnswer: "can't be reached",
	NotReady: "is not ready to serve yet",
	Unauthenticated: "does not accept the operator's credentials",
	Unimplemented: "does not offer this call",
	Rejected: "rejects the call as malformed",
	BadAnswer: "gives an answer that makes no sense",
	NewerVersion:
		"has a newer version of it, as if this object was restored from an older state; after a minute it is brought back to what spec wants",
	NotListed: "accepted it, and does not list it",
	OtherConfiguration: "accepted it, and reports another configuration",
};

describe("why an instance lacks a namespace", () => {
	it.each(INSTANCE_CAUSES.filter((cause) => cause !== "Unavailable"))("is %s, whatever the words are", (cause) => {
		expect(lackingIn({ cause, message: "in other words" })).toEqual({ cause });
		expect(lackingIn({ cause })).toEqual({ cause });
		expect(lackingIn({ cause, message: BEFORE.Pending })).toEqual({ cause });
	});

	it.each(INSTANCE_CAUSES.filter(isEarly))("is %s in a status of 0.1.0", (cause) => {
		expect(lackingIn({ message: BEFORE[cause] })).toEqual({ cause });
		expect(Object.keys(INSTANCE_CAUSE_TEXTS)).toContain(cause);
	});

	it.each([
		["Unreachable", "can't be reached"],
		["DeadlineExceeded", "does not answer in time"],
		["CircuitOpen", "failed several times in a row, and is left alone for a while"],
		["Overloaded", "is busy with other calls of the operator"],
	])("is NoAnswer in a status of before that has %s, or its words", (cause, message) => {
		expect(lackingIn({ cause, message })).toEqual({ cause: "NoAnswer" });
		expect(lackingIn({ message })).toEqual({ cause: "NoAnswer" });
	});

	it("is Unavailable with the instance's own words, and keeps the first ones as long as it lasts", () => {
		const its = { state: "Waiting", cause: "Unavailable", message: "UNAVAILABLE: no leader elected" } as const;
		expect(lackingIn(its)).toEqual({ cause: "Unavailable", words: its.message });
		const failed = (words?: string) => ({ state: "failed", failure: "Unavailable", ...(words && { words }) }) as const;
		const unseen = told({ state: "unverifiable" }, {}, failed("UNAVAILABLE: failed to connect to leader"));
		expect(transition(query(its), WANTED, unseen, NOW)).toMatchObject({ instance: its, answered: false });
		expect(transition(query(), WANTED, unseen, NOW).instance).toMatchObject({
			cause: "Unavailable",
			message: "UNAVAILABLE: failed to connect to leader",
		});
		const { state } = transition(query(), WANTED, told({ state: "unverifiable" }, {}, failed()), NOW);
		expect(state).toEqual({ is: "Pending", lacking: { cause: "Unavailable", words: "UNAVAILABLE" } });
	});

	it("is in its own words where nobody knows the cause", () => {
		expect(lackingIn({ message: "no room on this disk" })).toEqual({ words: "no room on this disk" });
		expect(lackingIn({ cause: "OfNextYear", message: BEFORE.Pending })).toEqual({ words: BEFORE.Pending });
		expect(lackingIn({})).toEqual({});
	});

	it("is known of all instances that wait in statuses of the release before", () => {
		const places = STATUSES.flatMap((document) => recordsAt(document, "status", "placements"));
		const instances = places.flatMap((place) => recordsAt(place, "instances"));
		const waiting = instances.filter(({ state }) => state === "Waiting");
		expect(waiting.length).toBeGreaterThan(5);
		for (const { message, cause } of waiting) {
			expect(cause).toBeUndefined();
			expect(lackingIn({ message: String(message) })).not.toHaveProperty("words");
		}
	});

	it("stays what it was while a call goes on, in words that a newer operator found", () => {
		const its = query({ state: "Waiting", cause: "OfNextYear", message: "is asleep" });
		const answer = { state: "known", readAt: NOW, record: undefined } as const;
		const { instance, state } = transition(its, WANTED, told(answer, {}, { state: "pending" }), NOW);
		expect(instance).toMatchObject({ state: "Waiting", message: "is asleep" });
		expect(state).toEqual({ is: "Pending", lacking: { words: "is asleep" } });
	});
});

describe("a status of 0.1.0", () => {
	const SPEC = { backend: "postgres", pattern: "keyvalue" };
	const slow = { kind: "down", failure: "DeadlineExceeded" } as const;

	/** A namespace that waits for its first answer; `as` rewrites what status says of each instance. */
	const waiting = (as: (instance: Record<string, unknown>) => Record<string, unknown>) => {
		const world = new NamespaceWorld(SPEC);
		world.relate({ name: "prism-a" });
		world.sync();
		for (const index of [0, 1]) world.at("prism-a", index).trouble = slow;
		const placements = recordsAt(world.status, "placements").map((place) => ({
			...place,
			instances: recordsAt(place, "instances").map((instance) => as({ ...instance, state: "Waiting" })),
		}));
		world.object = { ...world.object, status: { ...world.status, placements } };
		world.sync();
		return world.condition("Ready");
	};

	it("keeps a namespace Progressing that is merely being provisioned", () => {
		const old = waiting((instance) => ({ ...instance, message: BEFORE.Pending }));
		expect(old).toMatchObject({ reason: "Progressing" });
		expect(waiting((instance) => ({ ...instance, cause: "Pending", message: "in other words" }))).toEqual(old);
	});

	it("is not taken for that when it says something else", () => {
		const old = waiting((instance) => ({ ...instance, message: BEFORE.NoAnswer }));
		expect(old).toMatchObject({ reason: "InstancesUnreachable" });
		expect(waiting((instance) => ({ ...instance, cause: "Unreachable", message: BEFORE.Pending }))).toEqual(old);
	});
});
