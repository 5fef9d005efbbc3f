import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { freePort } from "../../devcluster/free-port.ts";
import { describeWith, MEMORY_CGROUP, MEMORY_CGROUPS } from "../needs.ts";
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
	const group = join(MEMORY_CGROUPS, `prism-operator-${process.pid}`);
	let server: ChildProcess;
	let origin: string;

	beforeEach(async () => {
		mkdirSync(group);
		writeFileSync(join(group, "memory.limit_in_bytes"), String(LIMIT));
		const port = await freePort();
		origin = `http://127.0.0.1:${port}`;
		server = spawn(
			"sh",
			["-c", `echo $$ > ${group}/cgroup.procs && exec "$@"`, "sh", process.execPath, join(ROOT, "server/main.ts")],
			{ env: { PORT: String(port), HOST: "127.0.0.1", LOG_LEVEL: "error" }, stdio: ["ignore", "ignore", "inherit"] },
		);
		await expect.poll(() => status("/readyz"), { timeout: 30_000 }).toBe(200);
	}, 60_000);

	afterEach(async () => {
		const ended = server.exitCode === null && server.signalCode === null && once(server, "exit");
		server.kill("SIGKILL");
		await ended;
		// The kernel needs a moment to count it out.
		for (let tries = 0; tries < 50; tries += 1) {
			try {
				return rmdirSync(group);
			} catch {
				await sleep(100);
			}
		}
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
		expect(Number(readFileSync(join(group, "memory.max_usage_in_bytes"), "utf8"))).toBeLessThan(LIMIT);
	}, 120_000);
});
