import { expect, it } from "vitest";
import { heldText, lackingText, silenceText } from "../../../schemas/messages/admin.ts";

it.each([
	[{ name: "a" }, "a: not yet"],
	[{ name: "a", words: "no" }, "a: no"],
	[{ name: "a", cause: "NotReady" }, "a: is not ready to serve yet"],
	[{ name: "a", cause: "Unavailable", words: "no leader" }, "a: answers no leader"],
] as const)("what an instance lacks has a cause, its own words, or neither: %j", (instance, text) => {
	expect(lackingText(instance)).toBe(text);
});

it.each([
	[{ name: "a" }, "a"],
	[{ name: "a", cause: { words: "no" } }, "a (no)"],
	[{ name: "a", cause: { kept: "by itself" } }, "a (by itself)"],
])("what an instance holds has a cause, or none: %j", (instance, text) => {
	expect(heldText(instance as Parameters<typeof heldText>[0])).toBe(text);
});

it("each cause of silence has words of its own", () => {
	const causes = ["PodNotReady", "CannotList", "NoAnswer", "Unauthenticated", { service: "s" }] as const;
	const texts = causes.map((silence) => silenceText({ name: "a", silence }));
	expect(new Set(texts).size).toBe(causes.length);
	for (const text of texts) expect(text).toMatch(/^a \w+/);
	expect(texts.at(-1)).toContain(" s");
});
