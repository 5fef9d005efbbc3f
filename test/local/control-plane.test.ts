import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startControlPlane } from "../../local/control-plane.ts";
import { buildControlPlane, findControlPlane } from "../../local/control-plane-binaries.ts";
import { startProcess } from "../../local/process.ts";

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
const TOOLS = ["etcd", "kube-apiserver", "kubectl"];

describe("the control plane", () => {
	test("says why it does not start, with the last lines of the log, and leaves nothing behind", async () => {
		const etcd = await script(join(dir, "bin", "etcd"), "sleep 60");
		const kubeApiserver = await script(join(dir, "bin", "kube-apiserver"), "echo the flag is wrong >&2; exit 3");
		const home = join(dir, "home");
		const start = startControlPlane({ dir: home, binaries: { etcd, kubeApiserver, kubectl: "" }, log: () => {} });
		await expect(start).rejects.toThrow(
			/^cannot start the control plane: kube-apiserver ended with code 3\n.*the flag is wrong$/s,
		);
		expect(await readdir(dir)).toEqual(["bin"]);
	});
});

describe("the control plane's programs", () => {
	test.for([
		["KUBEBUILDER_ASSETS", "assets", (folder: string) => ({ KUBEBUILDER_ASSETS: folder })],
		["PATH", "path", (folder: string) => ({ PATH: `/nowhere:${folder}` })],
	] as const)("are found in %s", async ([, name, environment]) => {
		const folder = join(dir, name);
		for (const tool of TOOLS) await script(join(folder, tool), "");
		expect(await findControlPlane({ XDG_CACHE_HOME: dir, ...environment(folder) })).toEqual({
			etcd: join(folder, "etcd"),
			kubeApiserver: join(folder, "kube-apiserver"),
			kubectl: join(folder, "kubectl"),
		});
	});

	test("are not found when one is missing", async () => {
		await script(join(dir, "path", "etcd"), "");
		expect(await findControlPlane({ XDG_CACHE_HOME: dir, PATH: join(dir, "path") })).toBeUndefined();
	});

	test("are built into the cache, once, and are whole or not there", async () => {
		// Stands for Go: writes down how it was called, and fails for kubectl.
		const go = `[ "$1" = env ] && { echo go1.99.0; exit; }
out=""; while [ $# -gt 0 ]; do [ "$1" = -o ] && out="$2"; last="$1"; shift; done
echo "$last $CGO_ENABLED" >> ${dir}/calls
echo half > "$out"; chmod +x "$out"
case "$last" in */kubectl) echo it broke >&2; exit 1;; esac`;
		await script(join(dir, "bin", "go"), go);
		const environment = { PATH: `${join(dir, "bin")}:/usr/bin:/bin`, XDG_CACHE_HOME: join(dir, "cache") };
		const log: string[] = [];
		const build = () => buildControlPlane(environment, (line) => void log.push(line));
		await expect(build()).rejects.toThrow(/^cannot build kubectl v[\d.]+: it broke$/);
		const [version = ""] = await readdir(join(dir, "cache", "prism-operator", "control-plane"));
		expect(version).toMatch(/^v\d+\.\d+\.\d+-\d+\.\d+\.\d+$/);
		const folder = join(dir, "cache", "prism-operator", "control-plane", version);
		expect((await readdir(folder)).toSorted()).toEqual(["etcd", "kube-apiserver"]);
		await expect(build()).rejects.toThrow("it broke");
		expect((await readFile(join(dir, "calls"), "utf8")).trim().split("\n")).toEqual([
			"go.etcd.io/etcd/server/v3 0",
			"k8s.io/kubernetes/cmd/kube-apiserver 0",
			"k8s.io/kubernetes/cmd/kubectl 0",
			"k8s.io/kubernetes/cmd/kubectl 0",
		]);
		expect(log[0]).toMatch(/^1\/3 building etcd v[\d.]+ from source$/);
	});

	test.for([
		["missing", "exit 127", /there is no Go .*install Go \d+\.\d+\.\d+ or newer/s],
		["too old", "echo go1.20.4", /Go 1\.20\.4 is too old; install Go/],
	] as const)("a Go that is %s is told", async ([, go, message]) => {
		const path = join(dir, "bin");
		await script(join(path, "go"), go);
		await expect(buildControlPlane({ PATH: path, XDG_CACHE_HOME: dir }, () => {})).rejects.toThrow(message);
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
