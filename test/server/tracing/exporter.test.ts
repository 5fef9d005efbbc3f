import { ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { expect, test } from "vitest";
import { careful } from "../../../server/tracing/exporter.ts";
import { createAuthority } from "../authority.ts";
import { call, secretVolume, start } from "../started.ts";
import { captureLog } from "../toy.ts";
import { startCollector } from "./collector.ts";

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

test("a file that can't be read, or is no certificate, ends the start", async () => {
	const { path } = secretVolume({ ca: "CANARY" });
	const opened = (file: string) =>
		start({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9", OTEL_EXPORTER_OTLP_CERTIFICATE: file });
	await expect(opened("/CANARY")).rejects.toThrow(/_CLIENT_KEY: a file can't be read \(ENOENT\)$/);
	await expect(opened(path("ca"))).rejects.toThrow(/_CLIENT_KEY: the authorities' file has no certificate$/);
});
