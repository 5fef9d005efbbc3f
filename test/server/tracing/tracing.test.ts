import { ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../../server/config.ts";
import { ConfigError } from "../../../server/settings.ts";
import { careful } from "../../../server/tracing/exporter.ts";
import { createAuthority } from "../authority.ts";
import { call, secretVolume, send, start, until } from "../started.ts";
import { answer, captureLog, syncBody, toyRow } from "../toy.ts";
import { startCollector } from "./collector.ts";

// Which traces are made, how they reach the collector, and that nothing suffers when they don't.

const TOKEN = "a-token-of-some-length";

const traceparent = (flags: "00" | "01") => `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-${flags}`;

describe("which traces are made", () => {
	const spansOf = async (env: Record<string, string>, calls: Record<string, string>[] = [{}]) => {
		const collector = await startCollector();
		const { server } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env });
		for (const headers of calls) {
			const { status } = await send(server, "/toy/sync", { body: JSON.stringify(syncBody()), headers });
			expect(status).toBe(200);
		}
		await server.close();
		return collector.spans().filter(({ name }) => name === "sync Toy");
	};

	test("one for each call of a hook, and none for anything else", async () => {
		const collector = await startCollector();
		const { server } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
		await call(server);
		await send(server, "/toy/finalize", { body: JSON.stringify(syncBody()) });
		await send(server, "/toy/customize", { body: JSON.stringify(syncBody()) });
		for (const path of ["/healthz", "/readyz", "/metrics", "/elsewhere"]) await send(server, path);
		await server.close();
		const roots = collector.spans().filter(({ parentSpanId }) => parentSpanId === "");
		expect(roots.map(({ name }) => name).toSorted()).toEqual(["customize Toy", "finalize Toy", "sync Toy"]);
		const byName = (name: string) => roots.find((span) => span.name === name)?.attributes;
		expect(byName("sync Toy")).toMatchObject({
			"prism.children": 1,
			"prism.phase": "Progressing",
			"prism.ready": "False",
			"prism.reason": "WheelMissing",
		});
		expect(byName("finalize Toy")).toMatchObject({ "prism.children": 0, "prism.finalized": true });
		expect(byName("customize Toy")).toMatchObject({ "prism.rules": 1 });
	});

	test.each<[env: Record<string, string>, flags: string[], made: number]>([
		[{}, ["", "01", "00"], 2],
		[{ OTEL_TRACES_SAMPLER: "parentbased_always_on" }, ["", "01", "00"], 2],
		[{ OTEL_TRACES_SAMPLER: "parentbased_always_off" }, ["", "01", "00"], 1],
		[{ OTEL_TRACES_SAMPLER: "always_on" }, ["", "01", "00"], 3],
		[{ OTEL_TRACES_SAMPLER: "always_off" }, ["", "01", "00"], 0],
		[{ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" }, ["", "01"], 0],
		[{ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "1" }, ["", "00"], 2],
		[{ OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" }, ["", "01"], 1],
	])("%j, called with %j: %i", async (env, flags, made) => {
		const calls = flags.map((flag) => (flag === "" ? {} : { traceparent: traceparent(flag as "00" | "01") }));
		expect(await spansOf(env, calls)).toHaveLength(made);
	});

	test("a share of them", async () => {
		const env = { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.5" };
		const made = await spansOf(
			env,
			Array.from({ length: 100 }, () => ({})),
		);
		// 50 ± 6 standard deviations.
		expect(made.length).toBeGreaterThan(20);
		expect(made.length).toBeLessThan(80);
	});

	test.each([
		"",
		"00-zz-b7ad6b7169203331-01",
		"00-00000000000000000000000000000000-b7ad6b7169203331-01",
		"x".repeat(5000),
	])("a new one for a call with a traceparent that is none: %s", async (header) => {
		const [span] = await spansOf({}, [{ traceparent: header }]);
		expect(span).toMatchObject({ parentSpanId: "" });
		expect(span?.traceId).toMatch(/^[0-9a-f]{32}$/);
	});

	test("none of strangers, who could have any number made", async () => {
		const collector = await startCollector();
		const { path } = secretVolume({ tokens: TOKEN });
		const { server } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, PRISM_TOKEN_FILE: path("tokens") });
		expect((await call(server, "not-the-token-that-counts")).status).toBe(401);
		expect((await call(server, TOKEN)).status).toBe(200);
		await server.close();
		expect(collector.spans().filter(({ name }) => name === "sync Toy")).toHaveLength(1);
	});

	test("calls that fail, or are refused, tell how they ended", async () => {
		const failing = toyRow(() => {
			throw new Error("CANARY");
		});
		const collector = await startCollector();
		const { server, captured } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, [failing.row]);
		await call(server);
		await send(server, "/toy/sync", { body: "{" });
		await server.close();
		const [failed, refused] = collector.spans().filter(({ name }) => name === "sync Toy");
		const [line] = captured.lines("hook failed");
		expect(failed).toMatchObject({
			status: 2,
			attributes: {
				"prism.outcome": "failed",
				"error.type": "failed",
				"http.response.status_code": 500,
				"prism.error_id": line?.["errorId"],
			},
		});
		expect(refused).toMatchObject({
			status: 0,
			attributes: { "prism.outcome": "refused", "http.response.status_code": 400 },
		});
		for (const { bytes } of collector.deliveries) expect(bytes.toString("latin1")).not.toContain("CANARY");
	});
});

describe("how they reach the collector", () => {
	test("by POST of protobuf, with headers, attributes of the process, and where they are told to go", async () => {
		const collector = await startCollector();
		const { server } = await start({
			OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
			OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/some/where`,
			OTEL_EXPORTER_OTLP_HEADERS: "authorization=Basic%20Ym9i,x-tenant=one,",
			OTEL_EXPORTER_OTLP_TRACES_HEADERS: "x-tenant=two%2Cthree",
			OTEL_SERVICE_NAME: "prism operator of eu",
			OTEL_RESOURCE_ATTRIBUTES: "k8s.cluster.name=eu%2F1,service.name=loses",
			OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
		});
		await call(server);
		await server.close();
		const [delivery] = collector.deliveries;
		expect(delivery?.path).toBe("/some/where");
		expect(delivery?.headers).toMatchObject({
			authorization: "Basic Ym9i",
			"x-tenant": "two,three",
			"content-type": "application/x-protobuf",
			"content-encoding": "gzip",
		});
		expect(delivery?.resource).toMatchObject({
			"service.name": "prism operator of eu",
			"k8s.cluster.name": "eu/1",
			"process.pid": process.pid,
		});
		expect(delivery?.resource["service.version"]).toMatch(/^\d+\.\d+\.\d+/);
		expect(delivery?.resource["service.instance.id"]).toMatch(/^[0-9a-f-]{36}$/);
	});

	test("below the base URL, over TLS with an authority of one's own", async () => {
		const authority = createAuthority("collectors");
		const { cert, key } = authority.sign("collector");
		const collector = await startCollector({ tls: { cert, key } });
		const { path } = secretVolume({ ca: authority.cert });
		const { server } = await start({
			OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/otlp/`,
			OTEL_EXPORTER_OTLP_CERTIFICATE: path("ca"),
		});
		await call(server);
		await server.close();
		expect(collector.deliveries.map((delivery) => delivery.path)).toEqual(["/otlp/v1/traces"]);
	});

	test("while the server runs, too, and counted", async () => {
		const collector = await startCollector();
		const { server } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: "20" });
		await call(server);
		await until(() => collector.spans().length === 2);
		await until(async () =>
			(await send(server, "/metrics")).text.includes('prism_operator_spans_total{outcome="sent"} 2'),
		);
	});
});

describe("a collector that does not take them", () => {
	test.each(["refuses connections", "never answers"])("that %s slows no hook, and the end by little", async (how) => {
		const collector = await startCollector({ reply: () => {} });
		if (how === "refuses connections") await collector.close();
		const { server, captured } = await start({
			OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
			OTEL_BSP_SCHEDULE_DELAY: "1",
			OTEL_EXPORTER_OTLP_TIMEOUT: "300",
			SHUTDOWN_GRACE_SECONDS: "2",
		});
		const began = performance.now();
		for (let count = 0; count < 50; count += 1) expect((await call(server)).status).toBe(200);
		expect(performance.now() - began).toBeLessThan(5000);
		await until(() => captured.lines("cannot send traces: the collector does not take them").length > 0);
		for (let count = 0; count < 10; count += 1) await call(server);
		const closing = performance.now();
		await server.close();
		expect(performance.now() - closing).toBeLessThan(4000);
		expect(captured.lines("cannot send traces: the collector does not take them")).toHaveLength(1);
	});

	test("has only so many spans wait for it, and the others are counted as lost", async () => {
		const collector = await startCollector({ reply: () => {} });
		const { server } = await start({
			OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
			OTEL_BSP_SCHEDULE_DELAY: "1",
			OTEL_BSP_MAX_QUEUE_SIZE: "10",
			SHUTDOWN_GRACE_SECONDS: "0",
		});
		for (let count = 0; count < 15; count += 1) await call(server);
		const lost = async () =>
			Number(/spans_total\{outcome="lost"\} (\d+)/.exec((await send(server, "/metrics")).text)?.[1]);
		await until(async () => (await lost()) === 20);
	});

	test("costs spans, which are counted, and the log a line a minute that quotes nothing", () => {
		const captured = captureLog();
		const counts: [string, number][] = [];
		let now = 0;
		let result: Parameters<Parameters<SpanExporter["export"]>[1]>[0] = { code: ExportResultCode.SUCCESS };
		const inner: SpanExporter = { export: (_spans, done) => done(result), shutdown: async () => {} };
		const exporter = careful(inner, {
			log: captured.log,
			counted: (outcome, spans) => counts.push([outcome, spans]),
			now: () => now,
		});
		const codes: number[] = [];
		const spans = [1, 2, 3, 4].map((count) => Array.from({ length: count }, () => ({}) as ReadableSpan));
		const exports = (count: number) => exporter.export(spans[count - 1] ?? [], ({ code }) => codes.push(code));
		exports(1);
		result = {
			code: ExportResultCode.FAILED,
			error: Object.assign(new Error("CANARY"), { code: 401, data: "CANARY" }),
		};
		exports(2);
		now = 59_000;
		exports(3);
		now = 61_000;
		exports(4);
		expect(counts).toEqual([
			["sent", 1],
			["lost", 2],
			["lost", 3],
			["lost", 4],
		]);
		expect(captured.lines("cannot send traces: the collector does not take them")).toMatchObject([
			{ level: 40, cause: "401", lost: 2 },
			{ level: 40, cause: "401", lost: 7 },
		]);
		expect(captured.text()).not.toContain("CANARY");
		// The library would tell it again, by a logger of its own.
		expect(codes).toEqual([0, 0, 0, 0]);
	});
});

// ── Configuration ───────────────────────────────────────────────────────────────────────────────────────────────────

describe("variables", () => {
	const on = { OTEL_EXPORTER_OTLP_ENDPOINT: "https://bob:CANARY@collector:4318" };

	test("are those of the specification, with its defaults", () => {
		expect(readConfig({}).tracing).toBeUndefined();
		expect(readConfig(on).tracing).toEqual({
			url: "https://bob:CANARY@collector:4318/v1/traces",
			headers: {},
			compression: "none",
			timeoutMs: 10_000,
			delayMs: 5000,
			waiting: 2048,
			tls: { ca: undefined, cert: undefined, key: undefined },
			resource: { "service.name": "prism-operator" },
			sampler: "parentbased_always_on",
			ratio: 1,
		});
	});

	test.each([
		{ env: {}, name: "prism-operator" },
		{ env: { OTEL_RESOURCE_ATTRIBUTES: "service.name=a" }, name: "a" },
		{ env: { OTEL_SERVICE_NAME: "b" }, name: "b" },
		{ env: { OTEL_RESOURCE_ATTRIBUTES: "service.name=a", OTEL_SERVICE_NAME: "b" }, name: "b" },
	])("$env name the service $name", ({ env, name }) => {
		expect(readConfig({ ...on, ...env }).tracing?.resource["service.name"]).toBe(name);
	});

	test.each<[env: Record<string, string>, problem: string]>([
		[{ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4317" }, "OTEL_EXPORTER_OTLP_ENDPOINT: has the wrong form"],
		[{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://CANARY:CANARY" }, "OTEL_EXPORTER_OTLP_ENDPOINT: is not a URL"],
		[{ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, "OTEL_EXPORTER_OTLP_PROTOCOL: must be equal to one"],
		[{ OTEL_EXPORTER_OTLP_HEADERS: "CANARY" }, "OTEL_EXPORTER_OTLP_HEADERS: has the wrong form"],
		[{ OTEL_EXPORTER_OTLP_HEADERS: "a b=CANARY" }, "OTEL_EXPORTER_OTLP_HEADERS: has a name or a value"],
		[{ OTEL_EXPORTER_OTLP_TRACES_HEADERS: "a=%0ACANARY" }, "OTEL_EXPORTER_OTLP_TRACES_HEADERS: has a name or a value"],
		[{ OTEL_RESOURCE_ATTRIBUTES: "a=%" }, "OTEL_RESOURCE_ATTRIBUTES: has a value that is not percent-encoded"],
		[{ OTEL_TRACES_SAMPLER: "jaeger_remote" }, "OTEL_TRACES_SAMPLER: must be equal to one"],
		[{ OTEL_TRACES_SAMPLER_ARG: "1.5" }, "OTEL_TRACES_SAMPLER_ARG: must be <= 1"],
		[{ OTEL_EXPORTER_OTLP_CLIENT_KEY: "/k" }, "OTEL_EXPORTER_OTLP_CLIENT_KEY: needs"],
		[{ OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: "/c" }, "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: needs"],
	])("%j: %s", (env, problem) => {
		const problems = (() => {
			try {
				readConfig({ ...on, ...env });
				return "none";
			} catch (error) {
				return error instanceof ConfigError ? error.message : "another error";
			}
		})();
		expect(problems).toContain(problem);
		expect(problems).not.toContain("CANARY");
	});

	test("a file that can't be read, or is no certificate, ends the start", async () => {
		const { path } = secretVolume({ ca: "CANARY" });
		const opened = (file: string) => start({ ...on, OTEL_EXPORTER_OTLP_CERTIFICATE: file });
		await expect(opened("/CANARY")).rejects.toThrow(/_CLIENT_KEY: a file can't be read \(ENOENT\)$/);
		await expect(opened(path("ca"))).rejects.toThrow(/_CLIENT_KEY: the authorities' file has no certificate$/);
	});

	test("an answer of a hook is the same, traced or not", async () => {
		const collector = await startCollector();
		const bodies = [];
		for (const env of [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }]) {
			const { server } = await start(env);
			bodies.push((await call(server)).text);
		}
		expect(bodies).toEqual([JSON.stringify(answer), JSON.stringify(answer)]);
	});
});
