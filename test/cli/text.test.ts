import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffLines, hunksOf } from "../../cli/text/line-diff.ts";
import {
	ageText,
	columnLines,
	commandLines,
	fitted,
	paintFor,
	paintOf,
	widthOf,
	wrapped,
} from "../../cli/text/paint.ts";

describe("colour and width", () => {
	const colours = (stream: object, environment: Record<string, string>) =>
		paintFor(stream, environment).colour("red", "x") !== "x";

	it.each([
		["a terminal", { isTTY: true }, {}, true],
		["a pipe", {}, {}, false],
		["NO_COLOR", { isTTY: true }, { NO_COLOR: "1" }, false],
		["an empty NO_COLOR", { isTTY: true }, { NO_COLOR: "" }, true],
		["FORCE_COLOR into a pipe", {}, { FORCE_COLOR: "1" }, true],
		["FORCE_COLOR=0", { isTTY: true }, { FORCE_COLOR: "0" }, false],
		["NO_COLOR and FORCE_COLOR", {}, { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
		["a dumb terminal", { isTTY: true }, { TERM: "dumb" }, false],
	])("%s", (_, stream, environment, expected) =>
		expect(colours(stream, environment as Record<string, string>)).toBe(expected),
	);

	it("takes the width of the terminal, or COLUMNS, or none", () => {
		expect(paintFor({ isTTY: true, columns: 99 }, {}).columns).toBe(99);
		expect(paintFor({ isTTY: true, columns: 99 }, { COLUMNS: "70" }).columns).toBe(70);
		expect(paintFor({ columns: 99 }, {}).columns).toBeUndefined();
	});

	it("never exceeds a width", () => {
		fc.assert(
			fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 5, max: 80 }), (text, width) => {
				expect(widthOf(fitted(text.replaceAll(/[\n\r]/g, " "), width))).toBeLessThanOrEqual(width);
			}),
		);
		expect(wrapped("one two three four", 9)).toEqual(["one two", "three", "four"]);
		expect(wrapped("kubernetes", 4)).toEqual(["kubernetes"]);
	});

	it("breaks a command so that a shell reads it as one, and never within a word or quotes", () => {
		const paint = paintOf({ colour: false, columns: 40 });
		const lines = commandLines("kubectl patch prismstack shop -n shop -p '{\"a b\": null}' --type=merge", "  ", paint);
		expect(lines).toEqual([
			"  kubectl patch prismstack shop \\",
			"    -n shop -p '{\"a b\": null}' \\",
			"    --type=merge",
		]);
		expect(lines.filter((line) => widthOf(line) > 40)).toEqual([]);
		expect(commandLines("kubectl get pods", "  ", paint)).toEqual(["  kubectl get pods"]);
	});

	it("lines up columns by what is seen of them", () => {
		const paint = paintOf({ colour: true, columns: 40 });
		const lines = columnLines(
			[
				["a", "b", "c"],
				[paint.colour("red", "äää"), "日本", "a long text that is cut somewhere"],
			],
			paint,
		);
		expect(lines[0]).toBe("a    b     c");
		expect(widthOf(lines[1] ?? "")).toBeLessThanOrEqual(40);
	});

	it.each([
		[5, "5s"],
		[119, "119s"],
		[120, "2m"],
		[3600 * 3 + 720, "3h12m"],
		[3600 * 30, "30h"],
		[86_400 * 3 + 7200, "3d2h"],
		[86_400 * 40, "40d"],
	])("%d seconds are %s", (seconds, text) => expect(ageText(seconds)).toBe(text));
});

describe("differences of lines", () => {
	const lines = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 });

	it("lead from the one text to the other", () => {
		fc.assert(
			fc.property(lines, lines, (before, after) => {
				const diff = diffLines(before, after);
				expect(diff.filter(({ sign }) => sign !== "+").map(({ text }) => text)).toEqual(before);
				expect(diff.filter(({ sign }) => sign !== "-").map(({ text }) => text)).toEqual(after);
			}),
		);
	});

	it("come in hunks whose numbers are right", () => {
		const before = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);
		const after = before.map((text, index) => (index === 9 ? "changed" : text));
		const [hunk, ...others] = hunksOf(diffLines(before, after));
		expect(others).toEqual([]);
		expect(hunk?.header).toBe("@@ -7,7 +7,7 @@");
		expect(hunk?.lines.map(({ sign }) => sign).join("")).toBe("   -+   ");
		expect(hunksOf(diffLines([], ["x"]))[0]?.header).toBe("@@ -0,0 +1,1 @@");
		expect(hunksOf(diffLines(before, before))).toEqual([]);
	});
});
