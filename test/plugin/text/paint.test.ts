import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unifiedLines } from "../../../plugin/diff/text.ts";
import {
	ageText,
	columnLines,
	commandLines,
	fitted,
	paintFor,
	paintOf,
	widthOf,
	wrapped,
} from "../../../plugin/text/paint.ts";

interface DiffLine {
	readonly sign: string;
	readonly text: string;
}

/** The hunks of a unified diff. */
const hunksOf = (before: readonly string[], after: readonly string[]) => {
	const hunks: { header: string; lines: DiffLine[] }[] = [];
	for (const line of unifiedLines(before, after)) {
		if (line.startsWith("@@")) hunks.push({ header: line, lines: [] });
		else hunks.at(-1)?.lines.push({ sign: line.charAt(0), text: line.slice(1) });
	}
	return hunks;
};

describe("color and width", () => {
	const colors = (stream: object, environment: Record<string, string>) =>
		paintFor(stream, environment).color("red", "x") !== "x";

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
		expect(colors(stream, environment as Record<string, string>)).toBe(expected),
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
		const paint = paintOf({ color: false, columns: 40 });
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
		const paint = paintOf({ color: true, columns: 40 });
		const lines = columnLines(
			[
				["a", "b", "c"],
				[paint.color("red", "äää"), "日本", "a long text that is cut somewhere"],
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

/** A text with hunks applied to it, from the last to the first. */
const replacedIn = (before: readonly string[], headers: readonly string[], lines: readonly DiffLine[]): string[] => {
	const result = [...before];
	let end = lines.length;
	for (const header of headers.toReversed()) {
		const [, start = "", old = "", fresh = ""] = /^@@ -(\d+),(\d+) \+\d+,(\d+) @@$/.exec(header) ?? [];
		let begin = end;
		let [left, right] = [Number(old), Number(fresh)];
		while (left > 0 || right > 0) {
			begin -= 1;
			const { sign } = lines[begin] ?? { sign: " " };
			if (sign !== "+") left -= 1;
			if (sign !== "-") right -= 1;
		}
		const at = old === "0" ? Number(start) : Number(start) - 1;
		const part = lines.slice(begin, end);
		expect(result.slice(at, at + Number(old))).toEqual(part.filter(({ sign }) => sign !== "+").map(({ text }) => text));
		result.splice(at, Number(old), ...part.filter(({ sign }) => sign !== "-").map(({ text }) => text));
		end = begin;
	}
	return result;
};

describe("differences of lines", () => {
	const lines = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 });

	it("lead from the one text to the other", () => {
		fc.assert(
			fc.property(lines, lines, (before, after) => {
				const hunks = hunksOf(before, after);
				// With so few lines, what is in no hunk is the same at both ends.
				const shown = hunks.flatMap((hunk) => hunk.lines);
				const was = shown.filter(({ sign }) => sign !== "+").map(({ text }) => text);
				const is = shown.filter(({ sign }) => sign !== "-").map(({ text }) => text);
				expect(
					replacedIn(
						before,
						hunks.map(({ header }) => header),
						shown,
					),
				).toEqual(after);
				expect([was.length <= before.length, is.length <= after.length]).toEqual([true, true]);
				expect(hunks.length === 0).toBe(isDeepStrictEqual(before, after));
			}),
		);
	});

	it("are there in a moment, however many there are", () => {
		const before = Array.from({ length: 20_000 }, (_, index) => `line ${index}`);
		const from = performance.now();
		const [all, ...others] = hunksOf(
			before,
			before.map((line) => `other ${line}`),
		);
		expect(performance.now() - from).toBeLessThan(3000);
		expect([others.length, all?.header, all?.lines.length]).toEqual([0, "@@ -1,20000 +1,20000 @@", 40_000]);
		const few = hunksOf(
			before,
			before.map((line, index) => (index % 1000 === 0 ? `other ${line}` : line)),
		);
		expect(few.length).toBe(20);
	});

	it("come in hunks whose numbers are right", () => {
		const before = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);
		const after = before.map((text, index) => (index === 9 ? "changed" : text));
		const [hunk, ...others] = hunksOf(before, after);
		expect(others).toEqual([]);
		expect(hunk?.header).toBe("@@ -7,7 +7,7 @@");
		expect(hunk?.lines.map(({ sign }) => sign).join("")).toBe("   -+   ");
		expect(hunksOf([], ["x"])[0]?.header).toBe("@@ -0,0 +1,1 @@");
		expect(hunksOf(before, before)).toEqual([]);
	});
});
