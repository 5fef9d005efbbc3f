import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startControlPlane } from "../../../devcluster/control-plane/control-plane.ts";
import { startProcess } from "../../../devcluster/process.ts";

let dir: string;
beforeEach(async () => {
	dir = await mkdtemp(join(tmpdir(), "prism-test-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const script = async (path: string, text: string) => {
	await mkdir(join(path, ".."), { recursive: true });
	await writeFile(path, `#!/bin/sh\n${text}\n`);
	await chmod(path, 0o755);
	return path;
};

describe("the control plane", () => {
	test("says why it does not start, with the last lines of the log, and leaves nothing behind", async () => {
		const etcd = await script(join(dir, "bin", "etcd"), "sleep 60");
		const kubeApiserver = await script(join(dir, "bin", "kube-apiserver"), "echo the flag is wrong >&2; exit 3");
		const home = join(dir, "home");
		const binaries = { etcd, kubeApiserver, kubeControllerManager: "", kubeScheduler: "", kubectl: "" };
		const start = startControlPlane({ dir: home, binaries, log: () => {} });
		await expect(start).rejects.toThrow(
			/^cannot start the control plane: kube-apiserver ended with code 3\n.*the flag is wrong$/s,
		);
		expect(await readdir(dir)).toEqual(["bin"]);
	});
});

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
});

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));
