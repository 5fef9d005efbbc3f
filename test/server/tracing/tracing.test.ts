import { describe, expect, test } from "vitest";
import { NO_TRACING, type Span, traced } from "../../../server/tracing/tracing.ts";
import { call, send, start, until } from "../started.ts";
import { answer } from "../toy.ts";
import { startCollector } from "./collector.ts";

// That nothing suffers when spans are sent, or can't be.

test("an answer of a hook is the same, traced or not", async () => {
	const collector = await startCollector();
	const bodies = [];
	for (const env of [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }]) {
		const { server } = await start(env);
		bodies.push((await call(server)).text);
	}
	expect(bodies).toEqual([JSON.stringify(answer), JSON.stringify(answer)]);
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

describe("a span of some work", () => {
	class NotFound extends Error {
		override readonly name = "NotFound";
	}

	test.each<[string, () => Promise<unknown>, string | undefined]>([
		["works", async () => 7, undefined],
		[
			"fails",
			async () => {
				throw new NotFound("CANARY");
			},
			"NotFound",
		],
		["fails with a text", () => Promise.reject("CANARY"), "string"],
	])("that %s ends with it, once", async (_, work, failure) => {
		const ends: unknown[] = [];
		const span: Span = { ...NO_TRACING.begin(""), end: (ended) => void ends.push(ended) };
		const direct = await Promise.allSettled([work()]);
		expect(await Promise.allSettled([traced(span, work)])).toEqual(direct);
		expect(ends).toEqual([failure]);
	});
});
