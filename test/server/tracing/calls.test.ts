import { expect, test } from "vitest";
import { answerSummary, type HookAnswer } from "../../../server/sync-log.ts";
import { answerFacts, subjectFacts } from "../../../server/tracing/calls.ts";
import { call, secretVolume, send, start } from "../started.ts";
import { answer, syncBody, toy, toyRow } from "../toy.ts";
import { startCollector } from "./collector.ts";

const TOKEN = "a-token-of-some-length";

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

test.each([
	[toy.metadata, { "prism.object.namespace": "nursery", "prism.object.name": "car", "prism.object.generation": 7 }],
	[{ name: "car" }, { "prism.object.name": "car" }],
])("an object with the metadata %o is told of as %o", (metadata, facts) => {
	expect(subjectFacts({ hook: "/toy/sync", parent: { ...toy, metadata } })).toEqual(facts);
});

test.each<[string, HookAnswer, object]>([
	["a customize answer", { relatedResources: [] }, { "prism.rules": 0 }],
	[
		"a sync answer",
		answer,
		{ "prism.children": 1, "prism.phase": "Progressing", "prism.ready": "False", "prism.reason": "WheelMissing" },
	],
	["a decorator's answer", { attachments: [toy, toy] }, { "prism.children": 2 }],
	[
		"a finalize answer",
		{ status: {}, children: [], finalized: false },
		{ "prism.children": 0, "prism.finalized": false },
	],
])("the facts of %s", (_, response, facts) => {
	expect(answerFacts(answerSummary(response))).toEqual(facts);
});
