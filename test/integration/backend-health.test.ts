import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../../devcluster/free-port.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { suiteWith } from "../probe/installed.ts";
import { eventually } from "./installed.ts";
import { type Line, startLine } from "./line.ts";

// A stack whose Redis goes away and comes back, with a real Redis, our real probe program, and the whole line between.

const PROBE = join(import.meta.dirname, "../../probe/start.ts");

suiteWith("a stack whose Redis goes away", ["redis-server"], (pathOf) => {
	let line: Line;
	let redis: ChildProcess | undefined;
	let port = 0;

	const startRedis = () => {
		redis = spawn(pathOf("redis-server"), ["--port", String(port), "--bind", "127.0.0.1", "--save", ""], {
			stdio: "ignore",
		});
	};
	const stopRedis = async () => {
		const ended = new Promise((resolve) => redis?.once("exit", resolve));
		redis?.kill("SIGTERM");
		await ended;
	};

	beforeAll(async () => {
		port = await freePort();
		startRedis();
		line = await startLine({ name: "memory", metacontroller: "", probeCommand: [process.execPath, PROBE] });
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
});
