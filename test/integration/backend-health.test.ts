import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { freePort } from "../../local/free-port.ts";
import { eventually } from "./installed.ts";
import { type Line, startLine } from "./line.ts";

// A stack whose Redis goes away and comes back, with a real Redis, our real probe program, and the whole line between.

const MAIN = join(import.meta.dirname, "../../cli/main.ts");
const installed = spawnSync("redis-server", ["--version"]).status === 0;
const required = process.env["CI"] === "true";

describe.skipIf(!installed && !required)(
	"a stack whose Redis goes away (skipped: redis-server is not installed)",
	() => {
		let line: Line;
		let redis: ChildProcess | undefined;
		let port = 0;

		const startRedis = () => {
			redis = spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", ""], { stdio: "ignore" });
		};
		const stopRedis = async () => {
			const ended = new Promise((resolve) => redis?.once("exit", resolve));
			redis?.kill("SIGTERM");
			await ended;
		};

		beforeAll(async () => {
			port = await freePort();
			startRedis();
			line = await startLine({ name: "memory", metacontroller: "", probeCommand: [process.execPath, MAIN] });
		}, 60_000);
		afterAll(async () => {
			redis?.kill("SIGKILL");
			await line?.stop();
		});

		const ready = async () => {
			const condition = conditionOf(await line.get("PrismStack", "cached"), "Ready");
			return `${condition?.status} ${condition?.reason}: ${condition?.message}`;
		};

		it("says so, both times", { timeout: 90_000 }, async () => {
			const healthCheck = { enabled: true, interval: "1s", timeout: "500ms" };
			await line.apply({
				apiVersion: "prism.io/v1alpha1",
				kind: "PrismStack",
				metadata: { name: "cached" },
				spec: {
					patterns: [{ name: "cache", type: "keyvalue", backend: "redis" }],
					backends: [{ name: "redis", type: "cache", connectionString: `redis://127.0.0.1:${port}`, healthCheck }],
				},
			});
			await eventually(async () => expect(await ready()).toMatch(/^True StackReady/), 30);
			await stopRedis();
			await eventually(async () => expect(await ready()).toMatch(/^False BackendNotReady: .*BackendUnhealthy/), 30);
			startRedis();
			await eventually(async () => expect(await ready()).toMatch(/^True StackReady/), 30);
		});
	},
);
