import { expect, test } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { timestampOf } from "../../kube/time.ts";
import { readConfig } from "../../server/config.ts";
import { createLog } from "../../server/log.ts";
import { startServer } from "../../server/server.ts";
import { NamespaceWorld, roster } from "../hooks/namespace-world.ts";
import { startProxy } from "./admin/fake-proxy.ts";
import { secretVolume, send } from "./started.ts";

// What is written at which LOG_LEVEL, and that nothing secret is, at any.

const TOKEN = "CANARY-token-of-callers";
const REFUSED = "request refused";
const ANSWERED = "hook answered";
const CALLED = "proxy called";

/** The lines of a server to which good and bad things happen. */
async function linesAt(level: string): Promise<Record<string, unknown>[]> {
	const written: string[] = [];
	const proxy = await startProxy();
	const files = secretVolume({ tokens: TOKEN });
	const adminTokens = secretVolume({ team: "CANARY-token-of-the-admin-api" });
	const config = readConfig({
		PORT: "0",
		LOG_LEVEL: level,
		PRISM_MAX_EVENT_LOOP_DELAY_MS: "60000",
		PRISM_TOKEN_FILE: files.path("tokens"),
		PRISM_ADMIN_TOKENS_DIR: adminTokens.path("."),
		PRISM_INLINE_CREDENTIALS: "true",
	});
	const log = createLog(config, () => ({}), { write: (line) => void written.push(line) });
	const server = await startServer(config, REGISTRY, { log, resolve: () => `127.0.0.1:${proxy.port}` });
	const post = (path: string, body: string, token: string) =>
		send(server, path, { body, headers: { authorization: `Bearer ${token}` } });
	const world = new NamespaceWorld({ backend: "postgres" }, { creationTimestamp: timestampOf(Date.now()) });
	world.related = [roster({ name: "prism-a", replicas: 1 })];
	world.now = timestampOf(Date.now());
	world.conclude(world.request(), { answers: [], results: [] });
	world.object = {
		...world.object,
		spec: { backend: "postgres", backendConfig: { connection_string: "postgres://bob:CANARY@db/x" } },
	};
	expect((await post("/prismnamespace/sync", JSON.stringify(world.request()), TOKEN)).status).toBe(200);
	await post("/prismnamespace/sync", '{"CANARY":', TOKEN);
	await post("/prismnamespace/sync?CANARY", "{}", "CANARY-of-a-stranger");
	await server.close();
	expect(proxy.calls.length).toBeGreaterThan(0);
	expect(written.join("")).not.toContain("CANARY");
	return written.map((line): Record<string, unknown> => JSON.parse(line));
}

test.each<[level: string, messages: string[], least: number]>([
	["trace", [CALLED, ANSWERED, REFUSED], 20],
	["debug", [CALLED, ANSWERED, REFUSED], 20],
	["info", [ANSWERED, REFUSED], 30],
	["warn", [REFUSED], 40],
	["error", [], 50],
	["fatal", [], 60],
	["silent", [], 100],
])("%s", async (level, messages, least) => {
	const lines = await linesAt(level);
	const written = new Set(lines.map(({ msg }) => String(msg)));
	expect([CALLED, ANSWERED, REFUSED].filter((message) => written.has(message))).toEqual(messages);
	for (const line of lines) {
		expect(line["level"]).toBeGreaterThanOrEqual(least);
		expect(line["time"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
	}
});

test("a call of a proxy tells whom, what, how it ended and how long it took", async () => {
	const [line] = (await linesAt("debug")).filter(({ msg }) => msg === CALLED);
	expect(line).toMatchObject({ level: 20, proxy: "prism-a-0.prism-a-headless.team.svc:8981", code: "OK" });
	expect(["ListNamespaces", "AssignNamespace"]).toContain(line?.["method"]);
	expect(typeof line?.["ms"]).toBe("number");
});
