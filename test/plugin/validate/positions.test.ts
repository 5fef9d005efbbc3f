import { describe, expect, it } from "vitest";
import { locate } from "../../../plugin/validate/positions.ts";

const OBJECT = `kind: PrismStack
metadata:
  annotations:
    prism.io/paused: "true"
spec:
  proxy: { port: 1, args: [a, "b"] }
  patterns:
    - name: one
      image: x
    - &second
      name: two
  more: *second
`;

describe("the position of a field", () => {
	it.each([
		["kind", 1, 1],
		["spec", 5, 1],
		["spec.proxy", 6, 3],
		["spec.proxy.port", 6, 12],
		["spec.proxy.args[1]", 6, 31],
		["spec.patterns[0].image", 9, 7],
		["spec.patterns[1].name", 11, 7],
		["metadata.annotations.prism.io/paused", 4, 5],
		["spec.more", 12, 3],
	])("%s is line %d, column %d", (path, line, column) => {
		expect(locate(OBJECT)[0]?.at(path)).toEqual({ line, column });
	});

	it.each([
		["spec.proxy.image", "spec.proxy"],
		["spec.patterns[7].name", "spec.patterns"],
		["spec.pat", "spec"],
		["spec.patterns[0].name.deeper", "spec.patterns[0].name"],
		["status.phase", ""],
	])("that does not exist, %s, is that of its nearest parent", (path, parent) => {
		const [located] = locate(OBJECT);
		expect(located?.at(path)).toEqual(located?.at(parent));
	});
});

it.each<[string, string, readonly number[]]>([
	["one document", "a: 1\n", [1]],
	["several, without empty ones", "---\na: 1\n---\n---\nnull\n---\nb: 2\n", [2, 7]],
	["the items of a List", "kind: List\nitems:\n  - kind: A\n  - kind: B\n", [3, 4]],
	["a List without items", "kind: List\n", [1]],
	["JSON", '{"kind":\n"A"}', [1]],
	["a text, which is no object", "hello\n", [1]],
	["nothing", "# only a comment\n", []],
])("finds the objects of %s", (_, text, lines) => {
	expect(locate(text).map(({ position }) => position.line)).toEqual(lines);
});
