import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";

const OUT = mkdtempSync(join(tmpdir(), "mutants-"));
const MAIN = join(import.meta.dirname, "main.ts");

const mutants = (...options: readonly string[]) =>
	promisify(execFile)(process.execPath, ["--no-warnings", MAIN, "--out", OUT, ...options]).then(
		({ stdout }) => ({ code: 0, stdout }),
		(error: { code: number; stdout: string }) => error,
	);

// A small run over one file, with the tests that are about it.

afterAll(() => rmSync(OUT, { recursive: true }));

describe("make mutants", { timeout: 240_000 }, () => {
	it("finds the mutants of a file that is well tested, and prints the score", async () => {
		const { code, stdout } = await mutants("--tests", "test/kube/time.test.ts", "kube/time.ts");
		const row = /^kube\/time\.ts +(\d+) +(\d+) +\d+ +(\d+) +\d+ +([\d.]+) %$/m.exec(stdout);
		expect(stdout).toMatch(/^\d+ mutants of 1 files$/m);
		expect(Number(row?.[1])).toBeGreaterThan(20);
		expect(Number(row?.[4])).toBeGreaterThanOrEqual(90);
		expect(code).toBe(0);
	});

	it("fails, and says what is alive, where the tests are about something else", async () => {
		const { code, stdout } = await mutants("--tests", "test/kube/names.test.ts", "--sample", "5", "kube/time.ts");
		expect(stdout).toMatch(/^kube\/time\.ts:\d+:\d+ \w+, not covered$/m);
		expect(stdout).toMatch(/^all +5 +0 +0 +5 +0 +0\.0 %$/m);
		expect(code).toBe(1);
	});
});
