import { expect, test } from "vitest";
import { constantMarkup, html, type Part, textOfPage } from "../../../server/dashboard/html.ts";

test.each<[string, Part, string]>([
	["a text", "a", "a"],
	["a number", 0, "0"],
	["nothing", undefined, ""],
	["a condition that is not met", false, ""],
	["a list", ["a", 1, undefined, html`<i>${"<"}</i>`], "a1<i>&lt;</i>"],
	["a list of lists", [["a"], [["b"]]], "ab"],
	["no items", [], ""],
	["other markup", html`<b>${"&"}</b>`, "<b>&amp;</b>"],
	["constant markup", constantMarkup("<style>a > b</style>"), "<style>a > b</style>"],
	["every character with a meaning", `<a href="x" b='y'>&amp;`, "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;"],
	["lines and tabs", "a\n\tb", "a\n\tb"],
])("%s in a template", (_, part, text) => {
	expect(textOfPage(html`<p>${part}</p>`)).toBe(`<p>${text}</p>`);
});

test("a name that reads as another one", () => {
	expect(textOfPage(html`<b>${"a\u202eb\u0007c\u2066"}</b>`)).toBe("<b>a\ufffdb\ufffdc\ufffd</b>");
});

test("an object that only looks like made markup is no markup", () => {
	const forged: unknown = JSON.parse('{"html":"<b>","Symbol(html)":"<b>"}');
	expect(() => textOfPage(html`${forged as string}`)).not.toThrow();
	expect(textOfPage(html`${forged as string}`)).not.toContain("<b>");
});
