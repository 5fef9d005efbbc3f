import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { send } from "../server/started.ts";
import { syncBody } from "../server/toy.ts";
import { startCollector } from "../server/tracing/collector.ts";

// Tracing of the program as it is run: its log, its end, and that it loads nothing of it unless it is wanted.

const ROOT = new URL("../..", import.meta.url);

/** A program that starts beside others has to wait for its turn. */
const STARTED_MS = 30_000;

const children: ChildProcess[] = [];
afterEach(() => {
	for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** The program as it is run, with what it logs; ready once it answers. */
async function run(env: Record<string, string>, args: readonly string[] = []) {
	const child = spawn(process.execPath, [...args, "server/main.ts"], {
		cwd: ROOT,
		env: { PATH: process.env["PATH"] ?? "", PORT: "0", PRISM_MAX_EVENT_LOOP_DELAY_MS: "60000", ...env },
		stdio: ["ignore", "pipe", "pipe"],
	});
	children.push(child);
	const lines: Record<string, unknown>[] = [];
	const plain: string[] = [];
	for (const stream of [child.stdout, child.stderr]) {
		createInterface({ input: stream }).on("line", (line) => {
			if (line.startsWith("{")) lines.push(JSON.parse(line));
			else plain.push(line);
		});
	}
	const listening = () => lines.find(({ msg }) => String(msg).startsWith("listening on loopback"));
	const deadline = performance.now() + STARTED_MS;
	while (listening() === undefined) {
		if (performance.now() > deadline) throw new Error(`it did not start: ${plain.join("\n")}`);
		await sleep(50);
	}
	const port = listening()?.["port"];
	return { child, lines, plain, url: `http://127.0.0.1:${String(port)}` };
}

const stop = async (child: ChildProcess) => {
	const exited = once(child, "exit");
	child.kill("SIGTERM");
	await exited;
	return child.exitCode;
};

/** Writes the URL of every module of OpenTelemetry that is loaded, but of its bare interfaces: prom-client loads them. */
const SPY = `data:text/javascript,${encodeURIComponent(`
	import { registerHooks } from "node:module";
	registerHooks({ load: (url, context, next) => {
		if (/\\/@opentelemetry\\/(?!api\\/)/.test(url)) console.error("loaded " + url);
		return next(url, context);
	} });
`)}`;

const stack = (name: string) =>
	JSON.stringify({
		...syncBody(),
		parent: {
			apiVersion: "prism.io/v1alpha1",
			kind: "PrismStack",
			metadata: { name, namespace: "team", uid: name, generation: 1 },
			spec: {},
		},
	});

describe("the program", { timeout: 2 * STARTED_MS }, () => {
	test("tells the trace in every line that a call logs, and sends the last spans before it ends", async () => {
		const collector = await startCollector();
		const { child, lines, url } = await run({
			OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
			OTEL_BSP_SCHEDULE_DELAY: "600000",
		});
		await Promise.all(["a", "b", "c"].map((name) => send({ url }, "/prismstack/sync", { body: stack(name) })));
		await send({ url }, "/prismstack/sync", { body: "{" });
		await send({ url }, "/elsewhere");
		expect(collector.spans()).toEqual([]);
		expect(await stop(child)).toBe(0);
		const spans = collector.spans().filter(({ name }) => name === "sync PrismStack");
		expect(spans).toHaveLength(4);
		const answered = lines.filter(({ msg }) => msg === "hook answered");
		expect(answered).toHaveLength(3);
		for (const line of answered) {
			const span = spans.find(({ spanId }) => spanId === line["span_id"]);
			expect(span?.traceId).toBe(line["trace_id"]);
			expect(line["object"]).toContain(String(span?.attributes["prism.object.name"]));
		}
		const refused = lines.filter(({ msg }) => msg === "request refused");
		expect(refused.map((line) => spans.some(({ spanId }) => spanId === line["span_id"]))).toEqual([true, false]);
		expect(lines.filter(({ msg }) => msg === "shut down").map((line) => line["trace_id"])).toEqual([undefined]);
		expect(lines.find(({ msg }) => msg === "traces are sent")).toMatchObject({
			collector: `127.0.0.1:${collector.port}`,
			sampler: "parentbased_always_on",
		});
	});

	const collectorOf = (disabling: Record<string, string>) => async () => {
		const collector = await startCollector();
		return { collector, env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...disabling } };
	};
	test.each([
		["no endpoint is set", async () => ({ collector: await startCollector(), env: {} })],
		["the SDK is disabled", collectorOf({ OTEL_SDK_DISABLED: "true" })],
		["there is no exporter", collectorOf({ OTEL_TRACES_EXPORTER: "none" })],
	])("loads nothing of it, logs nothing of it and calls nobody when %s", async (_reason, prepare) => {
		const { collector, env } = await prepare();
		const { child, lines, plain, url } = await run(env, ["--import", SPY]);
		expect((await send({ url }, "/prismstack/sync", { body: stack("a") })).status).toBe(200);
		expect(await stop(child)).toBe(0);
		expect(plain).toEqual([]);
		expect(lines.filter((line) => "trace_id" in line || line["msg"] === "traces are sent")).toEqual([]);
		expect(collector.requests()).toBe(0);
	});

	test("loads it when it is wanted", async () => {
		const collector = await startCollector();
		const { child, plain } = await run({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, ["--import", SPY]);
		await stop(child);
		expect(plain.filter((line) => line.includes("sdk-trace")).length).toBeGreaterThan(0);
	});
});
