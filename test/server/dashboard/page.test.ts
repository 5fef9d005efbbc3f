import { describe, expect, test } from "vitest";
import { STYLE } from "../../../server/dashboard/page.ts";

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

/** The style sheet's colours: first the light ones, then those of a dark scheme. */
const [LIGHT, DARK] = [...STYLE.matchAll(/:root \{([^}]*)\}/g)].map(
	([, declarations = ""]) =>
		new Map(
			[...declarations.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = "", colour = ""]) => [name, colour]),
		),
);

const GROUNDS = ["ground", "surface", "sunken"];
const TEXTS: readonly (readonly [string, readonly string[]])[] = [
	["text", [...GROUNDS, "good-surface"]],
	["muted", GROUNDS],
	["link", GROUNDS],
	["good", [...GROUNDS, "good-surface"]],
	["waiting", [...GROUNDS, "waiting-surface"]],
	["bad", [...GROUNDS, "bad-surface"]],
];

describe.each([
	["light", LIGHT],
	["dark", DARK],
])("%s", (_name, palette) => {
	const ratio = (one: string, other: string) => contrast(palette?.get(one) ?? "", palette?.get(other) ?? "");

	test("the measure itself: black on white is 21", () => expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5));

	test.each(TEXTS)("%s is legible", (text, grounds) => {
		for (const ground of grounds) expect(ratio(text, ground), ground).toBeGreaterThanOrEqual(4.5);
	});

	test("the focus and the bars can be told from what is around them", () => {
		for (const ground of GROUNDS) {
			expect(ratio("focus", ground)).toBeGreaterThanOrEqual(3);
			expect(ratio("muted", ground)).toBeGreaterThanOrEqual(3);
		}
	});

	test("has every colour that the other has", () =>
		expect([...(palette?.keys() ?? [])]).toEqual([...(LIGHT?.keys() ?? [])]));
});
