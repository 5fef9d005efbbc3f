import { expect, onTestFinished, test } from "vitest";
import type { Pod } from "../../../devcluster/controllers/workloads/shapes.ts";
import { createProbePods } from "../../../devcluster/kubelet/probe-pods.ts";
import { createMemoryStore } from "../../../devcluster/memory/memory.ts";
import { systemTime } from "../../../server/time.ts";

/** A probe that is ready if its environment says so, and prints a file of its TLS folder. */
const PROBE = `
const { createServer } = require("node:http");
const { PRISM_PROBE_PORT: port, READY: ready, PRISM_BACKEND_TLS_DIR: dir } = process.env;
if (dir) console.log(require("node:fs").readFileSync(dir + "/ca.crt", "utf8"));
createServer((request, response) => response.writeHead(request.url === "/readyz" && ready === "yes" ? 200 : 503).end())
	.listen(Number(port), "127.0.0.1", () => console.log("listening"));
`;

const pod = (container: object, volumes: Pod["spec"]["volumes"] = []): Pod => ({
	apiVersion: "v1",
	kind: "Pod",
	metadata: { name: "demo", namespace: "default", uid: "u" },
	spec: { containers: [{ name: "probe", ...container }], volumes },
});
const env = (variables: Record<string, string>) => Object.entries(variables).map(([name, value]) => ({ name, value }));

const run = async (made: Pod, command: readonly string[] = [process.execPath, "-e", PROBE]) => {
	const store = createMemoryStore({ clock: systemTime, kinds: [] });
	await store.create({
		apiVersion: "v1",
		kind: "Secret",
		metadata: { name: "tls", namespace: "default" },
		data: { "ca.crt": Buffer.from("an authority").toString("base64") },
	});
	const [log, lines, changes]: [string[], string[], boolean[]] = [[], [], []];
	const pods = createProbePods({ store, clock: systemTime, command, log: (line) => void log.push(line) });
	const running = pods.run(
		made,
		() => void changes.push(running?.isReady() ?? false),
		(line) => void lines.push(line),
	);
	onTestFinished(() => running?.stop());
	return { running, log, lines, changes };
};

test.each([
	[{ args: ["probe"] }, true],
	[{ args: ["proxy"] }, false],
	[{ args: "probe" }, false],
	[{}, false],
])("a pod whose container is %o is a probe: %s", async (container, isProbe) => {
	expect((await run(pod(container))).running !== undefined).toBe(isProbe);
});

test("its readiness is that of its program, until it is stopped", async () => {
	const { running, lines, changes } = await run(pod({ args: ["probe"], env: env({ READY: "yes" }) }));
	expect(running?.isReady()).toBe(false);
	await expect.poll(() => changes, { timeout: 15_000 }).toEqual([true]);
	expect(lines).toEqual(["listening"]);
	running?.stop();
});

test("its volume is a folder of files", async () => {
	const volumes = [{ name: "tls", secret: { secretName: "tls" } }];
	const container = {
		args: ["probe"],
		env: env({ PRISM_BACKEND_TLS_DIR: "/tls" }),
		volumeMounts: [{ name: "tls", mountPath: "/tls" }],
	};
	const { lines, changes } = await run(pod(container, volumes));
	await expect.poll(() => lines, { timeout: 15_000 }).toEqual(["an authority", "listening"]);
	expect(changes).toEqual([]);
});

test("what is missing is its last line", async () => {
	const from = { secretKeyRef: { name: "none", key: "a" } };
	const { lines, log } = await run(pod({ args: ["probe"], env: [{ name: "A", valueFrom: from }] }));
	await expect.poll(() => lines).toEqual([expect.stringContaining('secret "none" not found')]);
	expect(log).toEqual([expect.stringContaining("default/demo")]);
});
