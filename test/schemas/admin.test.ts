import { expect, it } from "vitest";
import { type Answer, isAboutNamespace, type Question, settledFailure, unanswered } from "../../schemas/admin.ts";

it.each([
	["Unreachable", "NoAnswer"],
	["DeadlineExceeded", "NoAnswer"],
	["Overloaded", "NoAnswer"],
	["Unauthenticated", "Unauthenticated"],
	["NotReady", "NotReady"],
] as const)("%s is reported as %s", (failure, settled) => {
	expect(settledFailure(failure)).toBe(settled);
});

it("every question is answered with unknown, each about what it asked", () => {
	const instance = { name: "a", namespace: "n", address: "a:1" };
	const questions: Question[] = [
		{ about: "instance", instance },
		{ about: "namespace", instance, namespaceId: "acme" },
	];
	const answers: Answer[] = unanswered(questions);
	expect(answers.map(({ question }) => question)).toEqual(questions);
	expect(answers.map(({ answer }) => answer.state)).toEqual(["unknown", "unknown"]);
	expect(answers.map(isAboutNamespace)).toEqual([false, true]);
});
