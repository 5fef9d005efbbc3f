import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { summaryOf, type TestReport } from "../../hack/test-summary.ts";

const ROOT = join(import.meta.dirname, "../..");
const VITEST = join(ROOT, "node_modules/vitest/vitest.mjs");

let folder: string;
beforeEach(() => {
	// Below the repository, for what tests import.
	mkdirSync(join(ROOT, ".cache"), { recursive: true });
	folder = mkdtempSync(join(ROOT, ".cache/summary-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("the summary of a run", () => {
	it("says how long each part took, and which files took longest", () => {
		const testResults = [3, 90, 1, 2, 4, 5, 6, 7, 8, 9, 10].map((seconds, index) => ({
			name: `/here/test/${index}.test.ts`,
			startTime: 1000,
			endTime: 1000 + seconds * 1000,
			assertionResults: [],
		}));
		const lines = summaryOf({ testResults }, "14\tnpm ci\n605\ttests\n", "/here");
		expect(lines.slice(0, 7)).toEqual([
			"",
			"how long each part took:",
			"    0 min 14 s  npm ci",
			"   10 min  5 s  tests",
			"",
			"the slowest test files:",
			"    1 min 30 s  test/1.test.ts",
		]);
		expect(lines).toHaveLength(16);
	});

	it("counts what vitest skipped, by what it needs", () => {
		const report = join(folder, "report.json");
		writeFileSync(
			join(folder, "skipping.test.ts"),
			`import { expect, it } from "vitest";
import { describeWith, REAL_METACONTROLLER, recordSkipped } from "../../test/needs.ts";
const skipped = { ...REAL_METACONTROLLER, isMet: false };
describeWith(skipped, "a suite", () => { it("is", () => {}); it("is too", () => {}); });
describeWith({ ...skipped, isMet: true }, "a suite that runs", () => { it("runs", () => expect(1).toBe(1)); });
recordSkipped(skipped, "the same");
it.skip("without a word", () => {});
`,
		);
		const { stdout, stderr } = spawnSync(
			process.execPath,
			[VITEST, "run", "--reporter=default", "--reporter=json", "--outputFile", report],
			{ cwd: folder, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
		);
		const need = "[needs the real Metacontroller: METACONTROLLER=<path of the program>]";
		expect(`${stdout}${stderr}`.split("\n").filter((line) => line.startsWith("skipped: "))).toEqual([
			`skipped: a suite ${need}`,
			`skipped: the same ${need}`,
		]);
		const read = JSON.parse(readFileSync(report, "utf8")) as TestReport & { numPendingTests: number };
		expect(read.numPendingTests).toBe(4);
		expect(summaryOf(read, "", folder).slice(-5)).toEqual([
			"skipped:",
			"  3 need the real Metacontroller: METACONTROLLER=<path of the program>",
			"    skipping.test.ts",
			"  1 for no reason that is given: without a word",
			"    skipping.test.ts",
		]);
	});
});

describe(".ci/timed", () => {
	it("adds a part's seconds to TIMINGS, and ends as the command does", () => {
		const timings = join(mkdtempSync(join(tmpdir(), "prism-test-")), "timings");
		const timed = (code: number, env: Record<string, string>) => {
			try {
				execFileSync(join(ROOT, ".ci/timed"), ["a part", "sh", "-c", `exit ${code}`], {
					env: { ...process.env, ...env },
				});
				return 0;
			} catch (error) {
				return (error as { status: number }).status;
			}
		};
		expect(timed(7, { TIMINGS: timings })).toBe(7);
		expect(timed(0, { TIMINGS: timings })).toBe(0);
		expect(timed(0, { TIMINGS: "" })).toBe(0);
		expect(readFileSync(timings, "utf8")).toMatch(/^\d+\ta part\n\d+\ta part\n$/);
	});
});
