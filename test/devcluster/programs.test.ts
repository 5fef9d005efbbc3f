import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { cachePath, exitCodeOf, isExecutable, ProgramError, run } from "../../devcluster/programs.ts";

const dir = () => {
	const made = mkdtempSync(join(tmpdir(), "prism-programs-"));
	undo.push(() => rmSync(made, { recursive: true, force: true }));
	return made;
};
const undo: (() => void)[] = [];
afterEach(() => {
	for (const step of undo.splice(0)) step();
	vi.restoreAllMocks();
});

test.each([
	[{ XDG_CACHE_HOME: "/cache", HOME: "/home" }, "/cache/prism-operator/a/b"],
	[{ XDG_CACHE_HOME: "", HOME: "/home" }, "/home/.cache/prism-operator/a/b"],
	[{ HOME: "" }, join(homedir(), ".cache/prism-operator/a/b")],
])("with %o, the cache is at %s", (environment, path) => {
	expect(cachePath(environment, "a", "b")).toBe(path);
});

test.each([
	[0o755, true],
	[0o644, false],
])("a file of mode %o can be executed: %s", async (mode, expected) => {
	const file = join(dir(), "program");
	writeFileSync(file, "#!/bin/sh\n", { mode });
	expect(await isExecutable(file)).toBe(expected);
});

test("a file that is not there can't be executed", async () => {
	expect(await isExecutable("/nowhere/program")).toBe(false);
});

test.each([
	["echo out; echo err >&2", 0, "out\nerr\n"],
	["exit 3", 3, ""],
	["kill -9 $$", 1, ""],
	["cat", 0, ""],
])("%o ends with %d, and what it wrote", async (script, code, output) => {
	const result = await run("sh", ["-c", script], tmpdir(), { PATH: process.env["PATH"] });
	expect(result.code).toBe(code);
	expect(result.output.split("\n").toSorted()).toEqual(output.split("\n").toSorted());
});

test("a program runs in its folder with its environment only; one that is not there is 127", async () => {
	const folder = dir();
	const { output } = await run("/bin/sh", ["-c", 'echo "$PWD $MINE $HOME"'], folder, { MINE: "yes" });
	expect(output).toBe(`${folder} yes \n`);
	expect(await run("/nowhere/program", [], folder, {})).toMatchObject({ code: 127 });
});

test.each([
	["works", async () => {}, 0, []],
	["can't be done", () => Promise.reject(new ProgramError("get Go")), 1, ["error: get Go"]],
	["fails", () => Promise.reject(new TypeError("a bug")), 1, [new TypeError("a bug")]],
])("a command that %s ends with its code; only a bug has a stack", async (_, work, code, printed) => {
	const lines: unknown[] = [];
	vi.spyOn(console, "error").mockImplementation((line: unknown) => void lines.push(line));
	expect(await exitCodeOf(work)).toBe(code);
	expect(lines).toEqual(printed);
});
