import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { status } from "@grpc/grpc-js";
import { load } from "js-yaml";
import { REGISTRY } from "../../hooks/index.ts";
import { isRecord } from "../../kube/object.ts";
import { timestampOf } from "../../kube/time.ts";
import { NamespaceWorld, roster } from "../hooks/namespace-world.ts";
import { fails, refuses, startProxy } from "../server/admin/fake-proxy.ts";
import { secretVolume, send, start, until } from "../server/started.ts";
import { startCollector } from "../server/tracing/collector.ts";
import { at, CHART_FOLDER, list } from "./helm.ts";
import type { Served } from "./promql.ts";

// Metrics and their labels: of the hooks, as a server tells them to which everything happens that it counts; of
// kube-state-metrics, as the chart's configuration says.

const TOKEN = "the-token-that-counts";
const OTHER = "a-token-that-comes-next";

/** Metric → labels, and label → values, of Prometheus' text format. */
export function readMetrics(text: string): { served: Map<string, Set<string>>; values: Map<string, Set<string>> } {
	const served = new Map<string, Set<string>>();
	const values = new Map<string, Set<string>>();
	for (const line of text.split("\n")) {
		const [, name, labels = ""] = /^([a-z_]\w*)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
		if (name === undefined) continue;
		const own = served.get(name) ?? new Set<string>();
		served.set(name, own);
		for (const [, label = "", value = ""] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
			own.add(label);
			const key = `${name.replace(/_(bucket|sum|count)$/, "")} ${label}`;
			values.set(key, (values.get(key) ?? new Set()).add(value));
		}
	}
	return { served, values };
}

/** A server's metrics after calls of every sort, to which proxies answered in every way. */
export async function servedByHooks(): Promise<ReturnType<typeof readMetrics>> {
	const collector = await startCollector();
	const proxy = await startProxy();
	const tokens = secretVolume({ tokens: TOKEN });
	const { server } = await start(
		{
			OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
			OTEL_BSP_SCHEDULE_DELAY: "20",
			PRISM_TOKEN_FILE: tokens.path("tokens"),
			PRISM_MAX_REQUESTS: "1",
		},
		REGISTRY,
		{ resolve: () => `127.0.0.1:${proxy.port}` },
	);
	const post = (path: string, body: unknown, token = TOKEN) =>
		send(server, path, { body: JSON.stringify(body), headers: { authorization: `Bearer ${token}` } });
	const metrics = async () => (await send(server, "/metrics")).text;

	const world = new NamespaceWorld({ backend: "postgres" }, { creationTimestamp: timestampOf(Date.now()) });
	world.related = [roster({ name: "prism-a", replicas: 1 })];
	world.now = timestampOf(Date.now());
	world.conclude(world.request(), { answers: [], results: [] });
	proxy.does.assign = refuses("no");
	await post("/prismnamespace/sync", world.request());
	proxy.does.assign = (_request, reply) => reply(fails(status.UNAUTHENTICATED));
	await post("/prismnamespace/sync", world.request());
	await post("/prismnamespace/customize", { parent: world.object });
	await post("/prismnamespace/sync", {});
	await post("/prismnamespace/sync", world.request(), OTHER);
	await send(server, "/elsewhere");

	const held = connect(server.port, server.address);
	held.write(
		`POST /prismstack/sync HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n`,
	);
	await until(async () => (await metrics()).includes("prism_operator_hook_calls_in_flight 1"));
	await post("/prismnamespace/sync", world.request());
	held.destroy();
	tokens.swap({ tokens: `${TOKEN}\n${OTHER}` });
	await until(async () => (await metrics()).includes('what="tokens",result="taken"} 1'));
	await until(async () => /prism_operator_spans_total\{outcome="sent"\} [1-9]/.test(await metrics()));
	// The process' own metric of collections appears with the first one, which a short run may never see.
	collectGarbage();
	await until(async () => (await metrics()).includes("nodejs_gc_duration_seconds_sum"));
	return readMetrics(await metrics());
}

function collectGarbage(): void {
	setFlagsFromString("--expose-gc");
	runInNewContext("gc")();
}

const CONFIGURATION = join(CHART_FOLDER, "files/kube-state-metrics.yaml");
export const resources = () => list(at(load(readFileSync(CONFIGURATION, "utf8")), "spec", "resources"));

/** Labels that a metric of kube-state-metrics has on every sample, and those that are there if their field is. */
export function servedByKubeStateMetrics(): Served {
	const served = new Map<string, Set<string>>();
	for (const resource of resources()) {
		const common = ["group", "version", "kind"].map((part) => `customresource_${part}`);
		const named = keys(resource["labelsFromPath"]);
		for (const metric of list(resource["metrics"])) {
			const each = at(metric, "each");
			const own = keys(at(each, String(at(each, "type")).toLowerCase(), "labelsFromPath"));
			served.set(
				`${String(resource["metricNamePrefix"])}_${String(metric["name"])}`,
				new Set([...common, ...named, ...own]),
			);
		}
	}
	return served;
}

const keys = (value: unknown): string[] => (isRecord(value) ? Object.keys(value) : []);
