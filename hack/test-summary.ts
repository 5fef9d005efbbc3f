import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { isRecord } from "../kube/object.ts";

// Prints the summary of a test run: the duration of each part, the slowest files, and what was skipped and why.

/** The fields that we read from vitest's JSON report. */
export interface TestReport {
	readonly testResults: readonly {
		readonly name: string;
		readonly startTime: number;
		readonly endTime: number;
		readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
	}[];
}

/** `timings`: lines of seconds, a tab and the part's name, written by .ci/timed. */
export const summaryOf = (report: TestReport, timings: string, root: string): string[] => {
	const files = report.testResults.map(({ name, startTime, endTime }) => ({
		file: relative(root, name),
		seconds: (endTime - startTime) / 1000,
	}));
	const parts = timings
		.split("\n")
		.filter(Boolean)
		.map((line) => line.split("\t"))
		.map(([seconds = "", part = ""]) => row(Number(seconds), part));
	const slowest = files.toSorted((one, other) => other.seconds - one.seconds).slice(0, 10);
	return [
		...section("how long each part took", parts),
		...section(
			"the slowest test files",
			slowest.map(({ file, seconds }) => row(seconds, file)),
		),
		...section("skipped", skippedIn(report, root)),
	];
};

const section = (title: string, lines: readonly string[]): string[] =>
	lines.length === 0 ? [] : ["", `${title}:`, ...lines.map((line) => `  ${line}`)];

const row = (seconds: number, what: string): string => {
	const whole = Math.round(seconds);
	return `${String(Math.floor(whole / 60)).padStart(3)} min ${String(whole % 60).padStart(2)} s  ${what}`;
};

/** Skipped tests by the program that they need, from their titles (test/needs.ts). Tests without a reason are listed by name. */
const skippedIn = (report: TestReport, root: string): string[] => {
	const skipped = report.testResults.flatMap(({ name, assertionResults }) =>
		assertionResults
			.filter(({ status }) => status === "skipped" || status === "pending" || status === "todo")
			.map(({ fullName }) => ({ file: relative(root, name), reason: reasonIn(fullName) })),
	);
	return [...Map.groupBy(skipped, ({ reason }) => reason)].flatMap(([reason, tests]) => [
		`${tests.length} ${reason}`,
		...new Set(tests.map(({ file }) => `  ${file}`)),
	]);
};

const reasonIn = (fullName: string): string => {
	const need = /\[needs (.+?)\]/.exec(fullName)?.[1];
	return need === undefined ? `for no reason that is given: ${fullName}` : `need ${need}`;
};

const isReport = (value: unknown): value is TestReport => isRecord(value) && Array.isArray(value["testResults"]);

/** A run that fails before its tests has no report: the summary then shows only the parts. */
const readReport = (path: string): TestReport => {
	const text = readFileSync(path, "utf8");
	const value: unknown = text === "" ? undefined : JSON.parse(text);
	return isReport(value) ? value : { testResults: [] };
};

if (import.meta.main) {
	const [report = "", timings = ""] = process.argv.slice(2);
	for (const line of summaryOf(readReport(report), readFileSync(timings, "utf8"), process.cwd())) console.log(line);
}
