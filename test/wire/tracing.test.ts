import { afterEach, describe, expect, it } from "vitest";
import { createFleet } from "../../devcluster/proxy/fleet.ts";
import { REGISTRY } from "../../hooks/index.ts";
import { timestampOf } from "../../kube/time.ts";
import type { DecoratorResponse } from "../../schemas/metacontroller.ts";
import type { RunningServer } from "../../server/server.ts";
import { systemTime } from "../../server/time.ts";
import { NamespaceWorld, roster } from "../hooks/namespace-world.ts";
import { startProxy } from "../server/admin/fake-proxy.ts";
import { secretVolume, send, start, until } from "../server/started.ts";
import { type ReceivedSpan, startCollector } from "../server/tracing/collector.ts";

// Traces from Metacontroller's call to the proxies, over real sockets: hooks over HTTP, proxies over gRPC, spans over OTLP.

const SHARD = "prism-playback";
const SPEC = { backend: "postgres", pattern: "keyvalue" };
const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const step of undo.splice(0).toReversed()) await step();
});

const fleetOf = async (replicas: number) => {
	const fleet = createFleet({ clock: systemTime });
	undo.push(() => fleet.close());
	for (let index = 0; index < replicas; index += 1) {
		const name = `${SHARD}-${index}`;
		const addresses = [`${name}.${SHARD}-headless.team.svc:8981`];
		await fleet.start({ name, namespace: "team", kind: "proxy", addresses });
	}
	return fleet;
};

/** A namespace whose place is written already: its next sync calls the proxies. */
const placed = (replicas: number, spec: unknown = SPEC): NamespaceWorld => {
	const world = new NamespaceWorld(spec, { creationTimestamp: timestampOf(Date.now()), generation: 3 });
	world.related = [roster({ name: SHARD, replicas })];
	world.now = timestampOf(Date.now());
	const request = world.request();
	world.conclude(request, { answers: [], results: [] });
	return world;
};

const sync = async (server: RunningServer, world: NamespaceWorld, headers: Record<string, string> = {}) => {
	const { status, text } = await send(server, "/prismnamespace/sync", {
		body: JSON.stringify(world.request()),
		headers,
	});
	expect(status).toBe(200);
	return JSON.parse(text) as DecoratorResponse;
};

const named = (spans: readonly ReceivedSpan[], name: string) => spans.filter((span) => span.name === name);
const CREATES = "prism.ControlPlane/AssignNamespace";
const LISTS = "prism.admin.v1.AdminService/ListNamespaces";

describe("a trace", () => {
	it("goes from the call of a hook through its stages to the calls of the proxies", async () => {
		const collector = await startCollector();
		const fleet = await fleetOf(2);
		const { server } = await start(
			{ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: "50" },
			REGISTRY,
			{ resolve: (address) => fleet.resolve(address) },
		);
		const answer = await sync(server, placed(2), { traceparent: PARENT, tracestate: "vendor=1" });
		await server.close();

		const spans = collector.spans();
		const [hook, ...others] = named(spans, "sync PrismNamespace");
		expect(others).toEqual([]);
		expect(hook).toMatchObject({
			traceId: "0af7651916cd43dd8448eb211c80319c",
			parentSpanId: "b7ad6b7169203331",
			traceState: "vendor=1",
			kind: 2,
			status: 0,
			attributes: {
				"http.request.method": "POST",
				"http.route": "/prismnamespace/sync",
				"http.response.status_code": 200,
				"prism.hook": "sync",
				"prism.object.kind": "PrismNamespace",
				"prism.object.namespace": "team",
				"prism.object.name": "profiles",
				"prism.object.generation": 3,
				"prism.outcome": "answered",
				"prism.phase": answer.status?.["phase"],
			},
		});
		expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([hook?.traceId]));

		const stages = ["ask", "execute", "conclude"].map((name) => named(spans, name));
		expect(stages.map((found) => found.map(({ parentSpanId }) => parentSpanId))).toEqual([
			[hook?.spanId],
			[hook?.spanId],
			[hook?.spanId],
		]);
		const [ask, execute] = stages.map(([stage]) => stage?.spanId);
		const assigns = named(spans, CREATES);
		expect(assigns.map(({ parentSpanId }) => parentSpanId)).toEqual([execute, execute]);
		expect(new Set(assigns.map(({ attributes }) => attributes["server.address"]))).toEqual(
			new Set([0, 1].map((index) => `${SHARD}-${index}.${SHARD}-headless.team.svc`)),
		);
		for (const call of assigns) {
			expect(call).toMatchObject({
				kind: 3,
				status: 0,
				attributes: { "rpc.system.name": "grpc", "server.port": 8981, "prism.admin.code": "OK" },
			});
		}
		const listings = (stage: string | undefined) => named(spans, LISTS).filter((span) => span.parentSpanId === stage);
		// One of each proxy before it is called, and one read-back of each after.
		expect([listings(ask).length, listings(execute).length, named(spans, LISTS).length]).toEqual([2, 2, 4]);
		for (const span of spans) expect(span.ended).toBeGreaterThanOrEqual(span.began);
	});

	it("goes on in the proxies, and tells nobody what is secret", async () => {
		const collector = await startCollector();
		const proxy = await startProxy();
		const tokens = secretVolume({ team: "CANARY-token-of-the-admin-api" });
		const spec = { ...SPEC, backendConfig: { connection_string: "postgres://bob:CANARY@db/x" } };
		const { server, captured } = await start(
			{
				OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
				OTEL_EXPORTER_OTLP_HEADERS: "x-canary=CANARY-header",
				PRISM_ADMIN_TOKENS_DIR: tokens.path("."),
				PRISM_INLINE_CREDENTIALS: "true",
			},
			REGISTRY,
			{ resolve: () => `127.0.0.1:${proxy.port}` },
		);
		const world = placed(1);
		world.object = { ...world.object, spec };
		await sync(server, world);
		await sync(server, world);
		await server.close();

		const spans = collector.spans();
		const calls = spans.filter(({ kind }) => kind === 3);
		expect(calls.length).toBeGreaterThan(0);
		expect(proxy.metadata.length).toBe(calls.length);
		expect(proxy.metadata.map((entry) => entry["x-admin-token"])).toEqual(
			calls.map(() => "CANARY-token-of-the-admin-api"),
		);
		// Each call carries its own span: what a proxy makes of it is its child.
		expect(new Set(proxy.metadata.map((entry) => entry["traceparent"]))).toEqual(
			new Set(calls.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`)),
		);
		for (const { bytes } of collector.deliveries) expect(bytes.toString("latin1")).not.toContain("CANARY");
		expect(captured.text()).not.toContain("CANARY");
	});

	it("tells which call failed, and with which word", async () => {
		const collector = await startCollector();
		const { server } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, REGISTRY, {
			resolve: () => "127.0.0.1:9",
		});
		await sync(server, placed(1));
		await until(async () => (await send(server, "/metrics")).text.includes("prism_operator_admin_calls_in_flight 0"));
		await server.close();
		const [listing] = named(collector.spans(), LISTS);
		expect(listing).toMatchObject({
			status: 2,
			attributes: { "prism.admin.code": "Unreachable", "error.type": "Unreachable" },
		});
		expect(named(collector.spans(), "sync PrismNamespace")).toMatchObject([{ status: 0 }]);
	});

	it("does not mix calls that are under way at the same time", async () => {
		const collector = await startCollector();
		const fleet = await fleetOf(1);
		const { server } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, REGISTRY, {
			resolve: (address) => fleet.resolve(address),
		});
		const worlds = Array.from({ length: 20 }, (_, index) => {
			const world = placed(1);
			world.object = { ...world.object, metadata: { ...world.object.metadata, name: `n${index}`, uid: `u${index}` } };
			return world;
		});
		await Promise.all(worlds.map((world) => sync(server, world)));
		await server.close();
		const spans = collector.spans();
		const hooks = named(spans, "sync PrismNamespace");
		expect(new Set(hooks.map(({ traceId }) => traceId)).size).toBe(20);
		expect(new Set(hooks.map(({ attributes }) => attributes["prism.object.name"])).size).toBe(20);
		for (const name of ["ask", "conclude"]) {
			expect(
				named(spans, name)
					.map(({ parentSpanId }) => parentSpanId)
					.toSorted(),
			).toEqual(hooks.map(({ spanId }) => spanId).toSorted());
		}
	});
});
