import { describe, expect, it } from "vitest";
import type { Mutant } from "./instrumented.ts";
import { planner } from "./planner.ts";
import type { Coverage } from "./protocol.ts";

const mutant = (id: string, file = "kube/a.ts"): Mutant => ({
	id,
	file,
	line: 1,
	column: 1,
	mutator: "StringLiteral",
	original: '"a"',
	replacement: '""',
});

const COVERAGE: Coverage = {
	whileLoading: { static: 1 },
	whileDeclaring: { "test/b.test.ts": { declared: 2 } },
	byTest: { "test/a.test.ts > slow": { both: 1, declared: 7 }, "test/a.test.ts > fast": { both: 3 } },
	durations: { "test/a.test.ts > slow": 100, "test/a.test.ts > fast": 1, "test/b.test.ts > other": 1 },
};
const MUTANTS = ["static", "declared", "both", "unmet"].map((id) => mutant(id));

describe("the tests that a mutant is put to", () => {
	const plan = planner(COVERAGE, MUTANTS, 1000);

	it("are those that meet it, the cheapest first", () => {
		expect(plan.trial(mutant("both"))).toEqual({
			mutant: "both",
			loaded: ["test/a.test.ts > fast", "test/a.test.ts > slow"],
			reloaded: [],
			hitLimit: 1300,
			milliseconds: 9_010,
		});
	});

	it("are loaded anew where the file meets it while it declares them", () => {
		expect(plan.trial(mutant("declared"))).toMatchObject({
			loaded: ["test/a.test.ts > slow"],
			reloaded: ["test/b.test.ts > other"],
			hitLimit: 1700,
		});
	});

	it("are all, loaded anew, for one in what is worked out once", () => {
		const trial = plan.trial(mutant("static"));
		expect(trial?.loaded).toEqual([]);
		expect(trial?.reloaded.toSorted()).toEqual(Object.keys(COVERAGE.durations).toSorted());
	});

	it("are none where nothing meets it", () => {
		expect(plan.trial(mutant("unmet"))).toBeUndefined();
	});

	it("begin with the one that found others of the same file", () => {
		const learning = planner(COVERAGE, MUTANTS, 1000);
		for (let kill = 0; kill < 20; kill += 1) learning.learn(mutant("declared"), "test/a.test.ts > slow");
		expect(learning.trial(mutant("both"))?.loaded[0]).toBe("test/a.test.ts > slow");
	});

	it("are no more than fit into its time", () => {
		expect(planner(COVERAGE, MUTANTS, 50).trial(mutant("both"))?.loaded).toEqual(["test/a.test.ts > fast"]);
	});
});
