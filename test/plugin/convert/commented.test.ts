import { describe, expect, it } from "vitest";
import { printCommented } from "../../../plugin/convert/commented.ts";

describe("comments", () => {
	const object = { kind: "A", "a.b/c": { d: [{ e: 1 }, { f: {} }] }, text: "one\ntwo: 2\n" };
	const lineAfter = (at: (string | number)[]) => {
		const lines = printCommented(object, [{ at, text: "here" }]).split("\n");
		const index = lines.findIndex((line) => line.trim() === "# here");
		return [lines[index], lines[index + 1]];
	};

	it.each([
		[["kind"], ["# here", "kind: A"]],
		[["missing"], ["# here", "kind: A"]],
		[[], ["# here", "kind: A"]],
		[["a.b/c"], ["# here", "a.b/c:"]],
		[
			["a.b/c", "missing"],
			["  # here", "  d:"],
		],
		[
			["a.b/c", "d", 0, "missing"],
			["  # here", "  - e: 1"],
		],
		[
			["a.b/c", "d", 1, "f", "missing"],
			["  # here", "  - f: {}"],
		],
		[
			["a.b/c", "d", 7],
			["  # here", "  d:"],
		],
		[
			["text", "two"],
			["# here", "text: |"],
		],
	])("at %j stand above %j", (at, lines) => {
		expect(lineAfter(at)).toEqual(lines);
	});

	it("keep their order, and change no value", () => {
		const text = printCommented(object, [
			{ at: ["kind"], text: "one" },
			{ at: ["kind"], text: "two" },
		]);
		expect(text.startsWith("---\n# one\n# two\nkind: A\n")).toBe(true);
		expect(text.replaceAll(/^ *# .*\n/gm, "")).toBe(printCommented(object, []));
	});
});
