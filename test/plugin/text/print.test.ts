import { expect, it } from "vitest";
import { shown } from "../../../plugin/text/print.ts";

const CONTROLS = ["\u001b", "\r", "\u0007", "\u202e"];
const RED = "\u001b[31mred\u001b[39m";

it.each([
	["plain", true, "plain"],
	[RED, true, RED],
	["\u001b]0;title\u0007", true, undefined],
	["a\rb", true, undefined],
	["\u202eabc", true, undefined],
	// Where there are no colors, none of the sequences is ours.
	[RED, false, undefined],
])("%j, colored: %s", (line, isColored, text) => {
	const printed = shown(line, isColored);
	if (text === undefined) expect(CONTROLS.filter((one) => printed.includes(one))).toEqual([]);
	else expect(printed).toBe(text);
});
