import { expect, test } from "vitest";
import { call, send, start, until } from "../started.ts";
import { syncBody } from "../toy.ts";
import { startCollector } from "./collector.ts";

const traceparent = (flags: "00" | "01") => `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-${flags}`;

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
