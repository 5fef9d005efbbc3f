import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

// The rule that messages are for people, over a line of each kind.

const ROOT = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "prism-lint-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const READ = [
	'if (instance.message === "is being told") wait();',
	'if (ready?.message !== "done") wait();',
	'ready.message.startsWith("paused");',
	'(ready?.message ?? "").includes(name);',
	"/credentials/.test(message);",
	'/spec/.exec(ready?.message ?? "");',
	'known.includes(status["message"]);',
	"TABLE[message];",
	'switch (message) { case "a": wait(); }',
	'String(event["message"]).split(" ");',
];

const PRINTED = [
	"print(ready.message);",
	'print("Cause: " + (ready?.message ?? ""));',
	"if (message !== undefined) print(message);",
	'if (message === "") print(reason);',
	"print(message.slice(0, 512));",
	'if (instance.cause === "Pending") wait();',
	'names.includes("message");',
];

/** Lines of a file at which the rule finds something. */
const foundIn = async (lines: readonly string[]): Promise<number[]> => {
	const file = join(folder, "lines.ts");
	const config = join(folder, "oxlintrc.json");
	writeFileSync(file, `${lines.join("\n")}\n`);
	writeFileSync(
		config,
		JSON.stringify({
			jsPlugins: [join(ROOT, "test/lint/messages.ts")],
			categories: { correctness: "off" },
			rules: { "prism/no-message-as-meaning": "error" },
		}),
	);
	const output = await new Promise<string>((resolve) => {
		const args = [join(ROOT, "node_modules/oxlint/bin/oxlint"), "-c", config, "--format", "json", file];
		execFile(process.execPath, args, (_error, stdout) => resolve(stdout));
	});
	const { diagnostics } = JSON.parse(output) as { diagnostics: { labels: { span: { line: number } }[] }[] };
	return [...new Set(diagnostics.flatMap(({ labels }) => labels.map(({ span }) => span.line)))].toSorted(
		(left, right) => left - right,
	);
};

describe("a message", () => {
	it("may not be compared, searched or looked up", async () => {
		expect(await foundIn(READ)).toEqual(READ.map((_, index) => index + 1));
	});

	it("may be printed, and asked whether it is there", async () => {
		expect(await foundIn(PRINTED)).toEqual([]);
	});
});
