import { status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { createFaults, type Fault } from "../../../devcluster/proxy/faults.ts";
import { type Exchange, type Method, RpcError, served } from "../../../devcluster/proxy/method.ts";
import { createManualClock } from "../../clock.ts";

const OK = 0;

/** A method that repeats its request, and what becomes of a call of it. */
function called({ fault, token, sent, bare }: { fault?: Fault; token?: string; sent?: string; bare?: boolean } = {}) {
	const clock = createManualClock();
	const faults = createFaults("extended");
	if (fault !== undefined) faults.set("*", fault);
	const handled: string[] = [];
	const outcomes: unknown[] = [];
	const seen: unknown[] = [];
	const exchange: Exchange = {
		faults,
		token: () => token,
		seen: (_, request) => void seen.push(request),
		reset: (_peer, done) => done({ code: status.UNAVAILABLE, details: "reset" }),
		after: clock.after,
	};
	const method: Method<string, string> = {
		handle(request, { user }) {
			if (request === "missing") throw new RpcError(status.NOT_FOUND, "it is not there");
			if (request === "broken") throw new Error("a bug");
			handled.push(request);
			return `${request} by ${user}`;
		},
		...(bare !== true && { refuse: (message) => `refused: ${message}`, lie: () => "lied", halve: () => "half" }),
	};
	const call = (request = "all") =>
		served(
			exchange,
			"ControlPlane.AssignNamespace",
			method,
		)(
			{
				request,
				metadata: { get: (name) => (name === "x-admin-user" ? ["ann"] : sent === undefined ? [] : [sent]) },
				getPeer: () => "peer",
			},
			(error, answer) => void outcomes.push(error === null ? answer : error.code),
		);
	return { call, clock, handled, outcomes, seen, faults };
}

test.each<[Fault, unknown[], string[]]>([
	[{ kind: "hanging" }, [], []],
	[{ kind: "status", code: status.ABORTED }, [status.ABORTED], []],
	[{ kind: "reset" }, [status.UNAVAILABLE], []],
	[{ kind: "refusing", message: "no" }, ["refused: no"], []],
	[{ kind: "lying" }, ["lied"], []],
	[{ kind: "halfApplying" }, ["half by ann"], ["half"]],
	[{ kind: "committed", afterwards: "unavailable" }, [status.UNAVAILABLE], ["all"]],
	[{ kind: "committed", afterwards: "reset" }, [status.UNAVAILABLE], ["all"]],
	[{ kind: "committed", afterwards: "hanging" }, [], ["all"]],
])("a call that meets %o ends with %o, and does %o", (fault, outcomes, handled) => {
	const { call, ...made } = called({ fault });
	call();
	expect(made).toMatchObject({ outcomes, handled, seen: ["all"] });
});

test.each<Fault>([{ kind: "refusing", message: "no" }, { kind: "lying" }, { kind: "halfApplying" }])(
	"a method that can't do %o works as ever",
	(fault) => {
		const { call, outcomes, handled } = called({ fault, bare: true });
		call();
		expect([outcomes, handled]).toEqual([["all by ann"], ["all"]]);
	},
);

test("a slow one is done later", async () => {
	const { call, clock, outcomes } = called({ fault: { kind: "slow", ms: 10 } });
	call();
	await clock.advance(9);
	expect(outcomes).toEqual([]);
	await clock.advance(1);
	expect(outcomes).toEqual(["all by ann"]);
});

test.each([
	["missing", status.NOT_FOUND],
	["broken", status.INTERNAL],
])("what a method throws is a status: %s", (request, code) => {
	const { call, outcomes } = called();
	call(request);
	expect(outcomes).toEqual([code]);
	expect(code).not.toBe(OK);
});

test.each([
	[undefined, undefined, true],
	[undefined, "any", true],
	["s3cret", "s3cret", true],
	["s3cret", "wrong", false],
	["s3cret", undefined, false],
])("where the token is %s, a caller with %s is served: %s", (token, sent, isServed) => {
	const { call, outcomes, handled, seen } = called({ ...(token && { token }), ...(sent && { sent }) });
	call();
	expect(outcomes).toEqual([isServed ? "all by ann" : status.UNAUTHENTICATED]);
	expect(handled).toHaveLength(isServed ? 1 : 0);
	expect(seen).toHaveLength(1);
});
