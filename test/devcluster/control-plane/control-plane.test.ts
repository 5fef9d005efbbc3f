import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startControlPlane } from "../../../devcluster/control-plane/control-plane.ts";

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
