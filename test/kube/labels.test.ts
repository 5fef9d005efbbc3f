import { describe, expect, it } from "vitest";
import { labelValue } from "../../kube/labels.ts";

describe("a label's value", () => {
	it.each([
		["redis", "redis", "what is one stays as it is"],
		["My.backend_1", "My.backend_1", "with what may stand in the middle"],
		["x".repeat(64), "x".repeat(63), "no longer than it may be"],
		[`${"x".repeat(62)}--`, "x".repeat(62), "and ends as it must"],
		["!9", "9", "a BackendConfig's type is in its user's own words"],
		["in our own words", "in-our-own-words", "with spaces"],
		["größe", "gr-e", "and other letters"],
		["!!!", "", "of which nothing may be left: an empty value is one"],
	])("of %j is %j: %s", (text, expected, _reason) => {
		expect(labelValue(text)).toBe(expected);
		expect(expected).toMatch(/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/);
	});
});
