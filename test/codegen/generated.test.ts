import { expect, it } from "vitest";
import { cell, code, generatedPage, printed, table } from "../../codegen/generated.ts";

it("a document has no line that separates several", () => {
	expect(printed({ a: "---", b: [1] })).toBe("a: ---\nb:\n- 1\n");
});

it("a page begins with a note, its title and an empty line, and ends with a line", () => {
	expect(generatedPage("T", ["a", "b"], " here").split("\n").slice(1)).toEqual(["# T", "", "a", "b", ""]);
	expect(generatedPage("T", [], " here")).toMatch(/^<!-- .* here\. -->\n/);
});

it.each([
	[["a"], [], ["| a |", "|---|"]],
	[
		["a", "b"],
		[
			["1", "2"],
			["3", ""],
		],
		["| a | b |", "|---|---|", "| 1 | 2 |", "| 3 |  |"],
	],
])("a table of %j", (head, rows, lines) => {
	expect(table(head, rows)).toEqual(lines);
});

it.each([
	["a|b", "a\\|b"],
	["a < b", "a &lt; b"],
	["plain", "plain"],
])("a cell holds %j", (text, shown) => {
	expect(cell(text)).toBe(shown);
	expect(code(text)).toBe(`\`${text}\``);
});
