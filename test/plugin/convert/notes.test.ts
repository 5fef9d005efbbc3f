import { expect, it } from "vitest";
import { changed, dropped, fieldName } from "../../../plugin/convert/notes.ts";

it.each([
	[[], ""],
	[["spec"], "spec"],
	[["spec", "patterns", 0, "image"], "spec.patterns[0].image"],
	[[0, "a"], "[0].a"],
])("the path %j is %j", (path, name) => expect(fieldName(path)).toBe(name));

it.each([
	["text", '"text"'],
	[{ a: [1] }, '{"a":[1]}'],
	[undefined, "absent"],
	["two\nlines\u2028", '"two\\nlines\\u2028"'],
])("%j is shown in one line", (value, shown) => {
	expect(dropped(["a"], value, "Why", "Instead")).toEqual({ at: ["a"], text: `a was ${shown}. Why. Instead.` });
	expect(changed(["a"], value, "why")).toEqual({ at: ["a"], text: `a is ${shown}: why.` });
});

it("cuts a long value", () => expect(changed(["a"], "x".repeat(500), "why").text.length).toBeLessThan(250));
