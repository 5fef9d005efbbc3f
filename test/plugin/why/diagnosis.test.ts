import { expect, it } from "vitest";
import { below, detail, keyOf, logOf, reported, shownBy, stepOf, unread } from "../../../plugin/why/diagnosis.ts";
import { knownOf } from "../why-case.ts";
import { late, MINUTES_AGO, ours, pod } from "../world.ts";

const STACK = ours("PrismStack", "shop", late("Progressing", "m"));
const POD = pod("orders-0", STACK);

it("completes an explanation, which the object itself shows", () => {
	const found = shownBy(STACK, "Progressing", { cause: "c", since: MINUTES_AGO });
	expect(found).toEqual({
		steps: [{ object: STACK, word: "Progressing", since: MINUTES_AGO }],
		cause: "c",
		since: MINUTES_AGO,
		evidence: "PrismStack shop/shop",
		details: [],
		next: [],
		state: "broken",
		needs: [],
	});
	expect(shownBy(STACK, "w", { cause: "c", state: "paused", evidence: "e" })).toMatchObject({
		state: "paused",
		evidence: "e",
	});
});

it("adds a step before the others, and keeps the cause", () => {
	const found = below({ object: STACK, word: "first" }, shownBy(POD, "last", { cause: "c" }));
	expect([found.cause, ...found.steps.map(({ word }) => word)]).toEqual(["c", "first", "last"]);
});

it("reads reason, message and time of the Ready condition", () => {
	expect(stepOf(STACK)).toEqual({ object: STACK, word: "Progressing", since: MINUTES_AGO });
	expect(reported(STACK)).toEqual({ cause: "m", since: MINUTES_AGO });
	expect(stepOf(ours("PrismStack", "new"))).toMatchObject({ word: "", since: undefined });
});

it("has no detail without lines", () => {
	expect(detail("t", [])).toEqual([]);
	expect(detail("t", ["a"])).toEqual([{ title: "t", lines: ["a"] }]);
});

it("needs a log until it was read, also if it could not be read", () => {
	const need = logOf(POD, "runner", true);
	expect(need).toEqual({ need: "logs", namespace: "shop", pod: "orders-0", container: "runner", previous: true });
	expect(unread(knownOf([]), need)).toEqual([need]);
	expect(unread(knownOf([], { logs: new Map([[keyOf(need), undefined]]) }), need)).toEqual([]);
	expect(unread(knownOf([], { logs: new Map([[keyOf(logOf(POD, "runner")), "text"]]) }), need)).toEqual([need]);
	expect(unread(knownOf([]), undefined)).toEqual([]);
});

it("has one key for the same need, whatever the order of its fields", () => {
	const { need, ...rest } = logOf(POD);
	expect(keyOf({ ...rest, need })).toBe(keyOf(logOf(POD)));
	expect(keyOf(logOf(POD, "a"))).not.toBe(keyOf(logOf(POD, "b")));
});
