import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { freePort } from "../../devcluster/free-port.ts";
import type { ProbeReport } from "../../probe/app.ts";
import { echoServer, type Listening, silentServer } from "./sockets.ts";

// The program as a Deployment runs it: what it prints, and how it ends.

const children: ChildProcess[] = [];
const servers: Listening[] = [];
afterEach(async () => {
	for (const child of children.splice(0)) child.kill("SIGKILL");
	await Promise.all(servers.splice(0).map((server) => server.close()));
});

function start(env: Record<string, string>) {
	const child = spawn(process.execPath, ["probe/start.ts"], {
		cwd: new URL("../..", import.meta.url),
		env: { PATH: process.env["PATH"], LOG_LEVEL: "trace", ...env },
		stdio: ["ignore", "pipe", "pipe"],
	});
	children.push(child);
	let output = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream.on("data", (chunk) => {
			output += String(chunk);
		});
	}
	const ended = once(child, "close");
	return {
		output: () => output,
		kill: (signal: NodeJS.Signals) => child.kill(signal),
		exitCode: async () => {
			await ended;
			return child.exitCode;
		},
	};
}

/** Waits until a check has ended, and answers what /readyz says then. */
async function checked(port: number): Promise<{ status: number; report: ProbeReport }> {
	for (let tries = 0; tries < 400; tries++) {
		const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
		if (answer !== undefined) {
			const report = (await answer.json()) as ProbeReport;
			if (report.reason !== "NotChecked") return { status: answer.status, report };
		}
		await sleep(50);
	}
	throw new Error("no check has ended");
}

const times = { PRISM_PROBE_INTERVAL: "500ms", PRISM_PROBE_TIMEOUT: "500ms" };

describe("the process", { timeout: 90_000 }, () => {
	test("memstore is healthy, one line says so, and SIGTERM ends it with 0", async () => {
		const port = await freePort();
		const probe = start({ ...times, PRISM_BACKEND_PROVIDER: "memstore", PRISM_PROBE_PORT: String(port) });
		const { status, report } = await checked(port);
		expect(status).toBe(200);
		expect(report).toMatchObject({ healthy: true, message: "memstore answers" });
		await sleep(1200);
		probe.kill("SIGTERM");
		expect(await probe.exitCode()).toBe(0);
		expect(probe.output().match(/"msg":"verdict"/g)).toHaveLength(1);
		expect(probe.output()).toContain('"msg":"stopped"');
	});

	test.each(["redis", "nats", "postgres", "kafka"])(
		"%s: a server that sends back what it is sent makes it print no password",
		async (provider) => {
			const port = await freePort();
			const server = await echoServer();
			servers.push(server);
			const probe = start({
				...times,
				PRISM_BACKEND_PROVIDER: provider,
				PRISM_BACKEND_URL: `${provider}://CANARY-user:CANARY-url@127.0.0.1:${server.port}`,
				PRISM_BACKEND_PASSWORD: "CANARY-variable",
				PRISM_PROBE_PORT: String(port),
				NODE_DEBUG: "",
			});
			const { status, report } = await checked(port);
			expect(status).toBe(503);
			expect(report.healthy).toBe(false);
			await sleep(1200);
			probe.kill("SIGTERM");
			expect(await probe.exitCode()).toBe(0);
			expect(probe.output()).toContain('"msg":"verdict"');
			expect(probe.output() + JSON.stringify(report)).not.toContain("CANARY");
		},
	);

	test("it ends at once while a check hangs", async () => {
		const port = await freePort();
		const server = await silentServer();
		servers.push(server);
		const probe = start({
			PRISM_PROBE_INTERVAL: "1m",
			PRISM_PROBE_TIMEOUT: "1m",
			PRISM_BACKEND_PROVIDER: "postgres",
			PRISM_BACKEND_URL: `postgres://127.0.0.1:${server.port}`,
			PRISM_PROBE_PORT: String(port),
		});
		while (!probe.output().includes("probing")) await sleep(25);
		await sleep(300);
		const began = performance.now();
		probe.kill("SIGTERM");
		expect(await probe.exitCode()).toBe(0);
		expect(performance.now() - began).toBeLessThan(3000);
	});

	test("a configuration that can't be read ends it with 1 and every problem, no value among them", async () => {
		const probe = start({
			PRISM_BACKEND_PROVIDER: "redis",
			PRISM_BACKEND_URL: "redis://u:CANARY/x@y",
			PRISM_PROBE_INTERVAL: "CANARY",
		});
		expect(await probe.exitCode()).toBe(1);
		expect(probe.output()).toMatch(
			/^error: cannot read the configuration: PRISM_PROBE_INTERVAL: .+; PRISM_BACKEND_URL: /,
		);
		expect(probe.output()).not.toContain("CANARY");
	});

	test("a port that is taken ends it with 1", async () => {
		const server = createServer();
		await once(server.listen(0), "listening");
		const address = server.address();
		const port = typeof address === "object" && address !== null ? address.port : 0;
		const probe = start({ PRISM_BACKEND_PROVIDER: "memstore", PRISM_PROBE_PORT: String(port) });
		expect(await probe.exitCode()).toBe(1);
		expect(probe.output()).toContain("EADDRINUSE");
		server.close();
	});
});
