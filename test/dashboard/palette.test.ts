import { describe, expect, test } from "vitest";
import { DARK, LIGHT, type Palette } from "../../server/dashboard/palette.ts";

// Contrast as WCAG 2.2 computes it: 4.5 for text, 3 for what must be told from its surroundings.

const luminance = (colour: string): number => {
	const [red = 0, green = 0, blue = 0] = [1, 3, 5]
		.map((start) => Number.parseInt(colour.slice(start, start + 2), 16) / 255)
		.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const contrast = (one: string, other: string): number => {
	const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((left, right) => right - left);
	return (light + 0.05) / (dark + 0.05);
};

type Name = keyof Palette;
const GROUNDS: readonly Name[] = ["ground", "surface", "sunken"];
const TEXTS: readonly (readonly [Name, readonly Name[]])[] = [
	["text", [...GROUNDS, "goodSurface"]],
	["muted", GROUNDS],
	["link", GROUNDS],
	["good", [...GROUNDS, "goodSurface"]],
	["waiting", [...GROUNDS, "waitingSurface"]],
	["bad", [...GROUNDS, "badSurface"]],
];

describe.each([
	["light", LIGHT],
	["dark", DARK],
])("%s", (_name, palette) => {
	test("the measure itself: black on white is 21", () => expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5));

	test.each(TEXTS)("%s is legible", (text, grounds) => {
		for (const ground of grounds) expect(contrast(palette[text], palette[ground]), ground).toBeGreaterThanOrEqual(4.5);
	});

	test("the focus and the bars can be told from what is around them", () => {
		for (const ground of GROUNDS) {
			expect(contrast(palette.focus, palette[ground])).toBeGreaterThanOrEqual(3);
			expect(contrast(palette.muted, palette[ground])).toBeGreaterThanOrEqual(3);
		}
	});
});
