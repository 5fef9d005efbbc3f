import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { freePort } from "../../devcluster/free-port.ts";
import { type MemoryCgroup, makeMemoryCgroup } from "../memory-cgroup.ts";
import { describeWith, MEMORY_CGROUP } from "../needs.ts";
import { MIB } from "../server/toy.ts";

// The program as it runs in a pod with the chart's limit of memory: the kernel kills it where it takes more.

const ROOT = join(import.meta.dirname, "../..");
const LIMIT = 512 * MIB;

const runner = (config: unknown) => ({
	apiVersion: "prism.io/v1alpha1",
	kind: "PatternRunner",
	metadata: { name: "large", namespace: "team", uid: "00000000-0000-4000-8000-000000000001", generation: 1 },
	spec: { pattern: "keyvalue", backend: "main", config },
});

const request = (config: unknown) => ({
	controller: {},
	parent: runner(config),
	children: {},
	related: {},
	finalizing: false,
});

describeWith(MEMORY_CGROUP, "within 512 MiB", () => {
	let group: MemoryCgroup;
	let server: ChildProcess;
	let origin: string;

	beforeEach(async () => {
		group = makeMemoryCgroup(`prism-operator-${process.pid}`, LIMIT);
		const port = await freePort();
		origin = `http://127.0.0.1:${port}`;
		const [shell, ...words] = group.launcher;
		server = spawn(shell, [...words, process.execPath, join(ROOT, "server/main.ts")], {
			env: { PORT: String(port), HOST: "127.0.0.1", LOG_LEVEL: "error", REQUEST_TIMEOUT_SECONDS: "120" },
			stdio: ["ignore", "ignore", "inherit"],
		});
		await expect.poll(() => status("/readyz"), { timeout: 30_000 }).toBe(200);
	}, 60_000);

	afterEach(async () => {
		const ended = server.exitCode === null && server.signalCode === null && once(server, "exit");
		server.kill("SIGKILL");
		await ended;
		await group.remove();
	});

	const status = async (path: string): Promise<number | undefined> => {
		try {
			return (await fetch(`${origin}${path}`)).status;
		} catch {
			return undefined;
		}
	};

	const sync = async (body: string): Promise<number | undefined> => {
		try {
			const headers = { "content-type": "application/json" };
			return (await fetch(`${origin}/patternrunner/sync`, { method: "POST", headers, body })).status;
		} catch {
			return undefined;
		}
	};

	it("takes four bodies of 15 MiB at once, with a character that makes two bytes of each", async () => {
		const body = JSON.stringify(request({ text: `€${"x".repeat(15 * MIB)}` }));
		for (let round = 0; round < 3; round += 1) {
			const statuses = await Promise.all([1, 2, 3, 4].map(() => sync(body)));
			expect(statuses.every((each) => each === undefined || [200, 413, 429].includes(each))).toBe(true);
			expect(statuses).toContain(200);
			expect(await status("/healthz")).toBe(200);
		}
		expect([server.exitCode, server.signalCode]).toEqual([null, null]);
		expect(group.peakBytes()).toBeLessThan(LIMIT);
	}, 120_000);
});
