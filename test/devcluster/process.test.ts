import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startProcess } from "../../devcluster/process.ts";

let dir: string;
beforeEach(async () => {
	dir = await mkdtemp(join(tmpdir(), "prism-test-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const script = async (path: string, text: string) => {
	await writeFile(path, `#!/bin/sh\n${text}\n`);
	await chmod(path, 0o755);
	return path;
};
const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

describe("a process of ours", () => {
	const isRunning = (pid: number) => {
		try {
			process.kill(pid, 0);
			return true;
		} catch {
			return false;
		}
	};

	test("ends also when it ignores the request to", async () => {
		const stubborn = await script(
			join(dir, "stubborn"),
			`trap "" TERM\necho $$ > ${dir}/pid\nwhile :; do sleep 0.1; done`,
		);
		const running = startProcess("stubborn", stubborn, [], join(dir, "log"));
		while (!(await readFile(join(dir, "pid"), "utf8").catch(() => ""))) await pause(20);
		const pid = Number(await readFile(join(dir, "pid"), "utf8"));
		expect(isRunning(pid)).toBe(true);
		await running.stop();
		expect(isRunning(pid)).toBe(false);
		expect(await running.ended).toMatch(/^stubborn ended with code/);
	});

	test("a command that is not there is told", async () => {
		const running = startProcess("nothing", join(dir, "nothing"), [], join(dir, "log"));
		expect(await running.ended).toBe("nothing ended with code 127");
	});

	test("one that ends by itself tells its code, and both of its streams are kept", async () => {
		const short = await script(join(dir, "short"), "echo out; echo err >&2; exit 3");
		const running = startProcess("short", short, [], join(dir, "log"));
		expect(await running.ended).toBe("short ended with code 3");
		expect((await running.lastLines()).split("\n").toSorted()).toEqual(["err", "out"]);
	});

	test("of what it wrote, the last 15 lines are shown, also of an earlier one in the same file", async () => {
		const many = await script(join(dir, "many"), 'for n in 1 2 3 4 5 6 7 8 9 10; do echo "$1 $n"; done');
		for (const name of ["a", "b"]) await startProcess("many", many, [name], join(dir, "log")).ended;
		const running = startProcess("nothing", "true", [], join(dir, "log"));
		await running.ended;
		const last = (await running.lastLines()).split("\n");
		expect([last.length, last[0], last.at(-1)]).toEqual([15, "a 6", "b 10"]);
	});
});
