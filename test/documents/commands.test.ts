import { execFile, execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

// commands.txt has every command line of MEMO-036 and ADR-037, one a line, as they stand there (a continued line is one).

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/commands.md"), "utf8");
const COMMANDS = readFileSync(join(import.meta.dirname, "commands.txt"), "utf8")
	.trim()
	.split("\n");

const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);

interface Row {
	readonly commands: readonly string[];
	readonly here: string;
}
const ROWS: Row[] = PAGE.split("\n")
	.filter((line) => line.startsWith("| `"))
	.map((line) => {
		// A bar within a cell is escaped.
		const [, commands = "", here = ""] = line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
		return { commands: quoted(commands), here };
	});

describe("the page of the documents' commands", () => {
	it("has each of them, once, and no other", () => {
		const listed = ROWS.flatMap(({ commands }) => commands);
		expect(listed.toSorted()).toEqual(COMMANDS.toSorted());
		expect(COMMANDS.length).toBeGreaterThan(80);
	});

	it("says of each that it works, or what to do instead, and why", () => {
		for (const { commands, here } of ROWS) expect(here, commands.join()).toMatch(/^works\b|^instead: \S+/);
	});

	it("names no target that make does not have", async () => {
		const named = [...new Set(quoted(PAGE).flatMap((code) => targetsIn(code)))];
		expect(named.length).toBeGreaterThan(18);
		for (const target of named) {
			const { stdout } = await promisify(execFile)("make", ["--dry-run", target], { cwd: ROOT });
			expect(stdout, target).not.toBe("");
		}
	}, 180_000);

	it("names no file of ours that is not there", () => {
		const files = quoted(PAGE).flatMap((code) =>
			[...code.matchAll(/(?:^|[ =])((?:config|samples|crds|charts|local|hooks|schemas)\/[\w./-]*)/g)].map(
				([, path = ""]) => path,
			),
		);
		expect(files.length).toBeGreaterThan(5);
		for (const path of files.filter((name) => !name.startsWith("config/manager")))
			expect(existsSync(join(ROOT, path)), path).toBe(true);
	});
});

/** Targets of `make A B X=1`. */
function targetsIn(code: string): string[] {
	const [program, ...words] = code.split(/\s+/);
	return program === "make" ? words.filter((word) => /^[a-z0-9-]+$/.test(word)) : [];
}

describe("make", () => {
	it("lists every target with what it does, within a line", () => {
		const help = execFileSync("make", ["help"], { cwd: ROOT, encoding: "utf8" });
		const makefiles = ["Makefile", "devcluster/cluster.mk"]
			.map((name) => readFileSync(join(ROOT, name), "utf8"))
			.join("\n");
		const phony = [...makefiles.matchAll(/^\.PHONY: (\S+)$/gm)].map(([, name = ""]) => name);
		expect(phony.length).toBeGreaterThan(30);
		for (const target of phony) expect(help).toContain(target.padEnd(18));
	});
});
