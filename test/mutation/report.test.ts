import { describe, expect, it } from "vitest";
import type { Tried } from "./pool.ts";
import type { Outcome } from "./protocol.ts";
import { alive, scoreOf, table } from "./report.ts";
import { sampled } from "./sample.ts";

const tried = (outcome: Outcome, file = "hooks/prismshard/plan.ts", line = 1): Tried => ({
	mutant: {
		id: `${file}#${line}`,
		file,
		line,
		column: 2,
		mutator: "BlockStatement",
		original: "{ a; }",
		replacement: "{}",
	},
	outcome,
	milliseconds: 1,
});

describe("the report of a run", () => {
	const results = [tried("killed"), tried("timed out"), tried("survived"), tried("not covered", "kube/time.ts", 7)];

	it("counts what no test meets as alive, and what never ends as found", () => {
		expect(scoreOf(results)).toBe(50);
		expect(scoreOf([])).toBe(100);
	});

	it("is a table that fits a terminal", () => {
		const text = table(results, [], "folder");
		expect(text.split("\n")).toEqual([
			"folder                          mutants  killed timeout   alive   excl.    score",
			"hooks/prismshard                      3       1       1       1       0   66.6 %",
			"kube                                  1       0       0       1       0    0.0 %",
			"all                                   4       1       1       2       0   50.0 %",
		]);
		for (const line of table(results, [], "file").split("\n")) expect(line.length).toBeLessThanOrEqual(80);
	});

	it("lists what is alive with the place where an editor opens it", () => {
		expect(alive(results)).toEqual([
			"hooks/prismshard/plan.ts:1:2 BlockStatement\n  - { a; }\n  + {}",
			"kube/time.ts:7:2 BlockStatement, not covered\n  - { a; }\n  + {}",
		]);
	});
});

describe("a sample", () => {
	const items = Array.from({ length: 100 }, (_, index) => ({ id: `m${index}` }));

	it("is the same for a seed, another for another, and of the size that was asked for", () => {
		expect(sampled(items, 10, 1)).toHaveLength(10);
		expect(sampled(items, 10, 1)).toEqual(sampled(items.toReversed(), 10, 1));
		expect(sampled(items, 10, 1)).not.toEqual(sampled(items, 10, 2));
		expect(sampled(items, 0, 1)).toBe(items);
	});
});
