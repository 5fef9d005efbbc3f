import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { codeBlocksOf, pageText, ROOT, sectionsOf } from "./pages.ts";

// What the quick start does without a cluster, done as it is written, with the output that it shows. UPDATE=1 writes that.

const PAGE = "docs/quickstart.md";
const folder = mkdtempSync(join(tmpdir(), "prism-quickstart-"));
afterAll(() => rmSync(folder, { recursive: true }));

// npx finds the program of the package that it stands in. The walk is in a folder of its own.
mkdirSync(join(folder, "bin"));
writeFileSync(
	join(folder, "bin/npx"),
	`#!/bin/bash\n[ "$1 $2" = "--no-install prism-operator" ] || exit 9\nexec ${process.execPath} ${ROOT}/cli/main.ts "\${@:3}"\n`,
);
chmodSync(join(folder, "bin/npx"), 0o755);

/** What both streams print, as a terminal shows them. */
const run = (script: string): string =>
	spawnSync("bash", ["-c", `exec 2>&1\n${script}`], {
		cwd: folder,
		encoding: "utf8",
		env: { ...process.env, PATH: `${folder}/bin:${process.env["PATH"]}` },
	}).stdout;

/** Blocks of the second step: commands, and what they print. */
const [start, end] = ["## 2.", "## 3."].map((heading) =>
	pageText(PAGE)
		.split("\n")
		.findIndex((line) => line.startsWith(heading)),
);
const blocks = codeBlocksOf(PAGE).filter(({ line }) => line > (start ?? 0) && line < (end ?? 0));

describe("the quick start", () => {
	it("prints what it says, without a cluster", () => {
		const walk = blocks
			.map((block, index) => ({ ...block, shown: blocks[index + 1] }))
			.filter(({ language }) => language === "sh");
		const checked = walk.filter(({ shown }) => shown?.language === "console");
		expect(checked).toHaveLength(2);
		for (const { text, shown } of walk) {
			const printed = run(text);
			if (shown?.language !== "console") continue;
			if (process.env["UPDATE"] === "1")
				writeFileSync(
					join(ROOT, PAGE),
					pageText(PAGE).replace(shown.text, () => printed),
				);
			expect(pageText(PAGE)).toContain(`\`\`\`console\n${printed}\`\`\``);
		}
	}, 120_000);

	it("names only make targets and samples that are there", () => {
		const named = [...pageText(PAGE).matchAll(/make ([a-z-]+)/g)].map(([, target = ""]) => target);
		expect(named).toContain("run");
		for (const target of new Set(named))
			expect(() => execFileSync("make", ["--dry-run", target], { cwd: ROOT, stdio: "ignore" }), target).not.toThrow();
		expect(sectionsOf(pageText(PAGE)).length).toBeGreaterThan(5);
	}, 120_000);
});
