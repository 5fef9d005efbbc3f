import { describe, expect, test } from "vitest";
import { adversarial, type FoundPattern, patternsIn, patternsOf } from "./patterns.ts";

// No text makes a regular expression of ours slow: whatever a tenant, a proxy or a backend writes is looked at in a time that
// grows with its length alone.

const MOST_MS = 50;

/** The longest of all texts takes so long; of several goes the fastest counts, for other programs run beside. */
const slowest = (pattern: FoundPattern): number => {
	const expression = new RegExp(pattern.source, pattern.flags);
	let most = 0;
	for (const text of adversarial(pattern)) {
		let least = Number.POSITIVE_INFINITY;
		for (let go = 0; go < 5 && least > MOST_MS && (go === 0 || least < 1000); go += 1) {
			const from = performance.now();
			if (expression.global) text.replace(expression, "");
			else expression.test(text);
			least = Math.min(least, performance.now() - from);
		}
		most = Math.max(most, least);
		if (most > MOST_MS) return most;
	}
	return most;
};

const PATTERNS = [
	...new Map(
		patternsIn(["schemas", "kube", "hooks", "server", "probe", "plugin", "codegen", "common", "devcluster", "cli"]).map(
			(found) => [`/${found.source}/${found.flags}`, found],
		),
	),
];

describe("the patterns of the tree", () => {
	test("are found", () => {
		expect(PATTERNS.length).toBeGreaterThan(150);
		const text =
			'const A = "x"; const B = /y+/; const C_PATTERN = "^z$"; new RegExp(`$' +
			"{A}$" +
			'{B.source}`, "g"); f({ pattern: "q" });';
		expect(patternsOf("a.ts", text).map(({ source, flags }) => [source, flags])).toEqual([
			["y+", ""],
			["^z$", ""],
			["xy+", "g"],
			["q", ""],
		]);
		expect(() => patternsOf("a.ts", "new RegExp(f())")).toThrow("a.ts:1");
	});

	test.each(["\\s+$", "[a-z]+:\\/\\/", "x.*y", "(\\w+)=", "-+$"])("that are slow, as /%s/, are told", (source) =>
		expect(slowest({ file: "", source, flags: "g" })).toBeGreaterThan(MOST_MS),
	);

	test.each(PATTERNS)("%s", (_name, pattern) => expect(slowest(pattern), pattern.file).toBeLessThan(MOST_MS));
});
