import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { controllerObject } from "../../kube/controllers.ts";
import { type Cluster, startCluster } from "../../local/cluster.ts";
import { type Controller, startController } from "../../local/controller.ts";
import { readConfig } from "../../server/config.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { eventually, installKinds } from "./installed.ts";

// A stack whose Redis goes away and comes back, with a real Redis, our real probe program, and the whole line between.

const MAIN = join(import.meta.dirname, "../../cli/main.ts");
const installed = spawnSync("redis-server", ["--version"]).status === 0;
const required = process.env["CI"] === "true";

describe.skipIf(!installed && !required)(
	"a stack whose Redis goes away (skipped: redis-server is not installed)",
	() => {
		let cluster: Cluster;
		let server: RunningServer;
		let controller: Controller;
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
			cluster = await startCluster({ name: "memory", environment: {}, log: () => {}, confirm: async () => false });
			await installKinds(cluster.store);
			await cluster.startStandIns({ probeCommand: [process.execPath, MAIN] });
			server = await startServer({ ...readConfig({}), port: 0 }, REGISTRY, { log: pino({ level: "silent" }) });
			const controllers = REGISTRY.map((row) => controllerObject(row, { origin: server.url, features: {} }));
			controller = await startController({ cluster, controllers, environment: {}, log: () => {} });
		}, 60_000);

		afterAll(async () => {
			redis?.kill("SIGKILL");
			await controller?.stop();
			await server?.close();
			await cluster?.stop();
		});

		const ready = async () => {
			const stacks = await cluster.store.resourceOf("prism.io/v1alpha1", "PrismStack");
			const stack = await cluster.store.get(stacks, "default", "cached");
			const condition = stack && conditionOf(stack, "Ready");
			return `${condition?.status} ${condition?.reason}: ${condition?.message}`;
		};

		it("says so, both times", { timeout: 90_000 }, async () => {
			const healthCheck = { enabled: true, interval: "1s", timeout: "500ms" };
			await cluster.store.apply(
				{
					apiVersion: "prism.io/v1alpha1",
					kind: "PrismStack",
					metadata: { name: "cached", namespace: "default" },
					spec: {
						patterns: [{ name: "cache", type: "keyvalue", backend: "redis" }],
						backends: [{ name: "redis", type: "cache", connectionString: `redis://127.0.0.1:${port}`, healthCheck }],
					},
				},
				{ fieldManager: "test" },
			);
			await eventually(async () => expect(await ready()).toMatch(/^True StackReady/), 30);
			await stopRedis();
			await eventually(async () => expect(await ready()).toMatch(/^False BackendNotReady: .*BackendUnhealthy/), 30);
			startRedis();
			await eventually(async () => expect(await ready()).toMatch(/^True StackReady/), 30);
		});
	},
);

const freePort = () =>
	new Promise<number>((resolve) => {
		const listener = createServer();
		listener.listen(0, "127.0.0.1", () => {
			const address = listener.address();
			listener.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
		});
	});
