import type { ServerResponse } from "node:http";
import { collectDefaultMetrics, Registry } from "prom-client";
import { type HookName, hookPath, hooksOf, type Row } from "../kube/hook.ts";
import { createAdminMetrics } from "./admin/metrics.ts";
import { OVERLOADS, type Overload } from "./load.ts";
import { CALL_SECONDS, metersOf } from "./meters.ts";
import { createOutcomeMetrics } from "./status-metrics.ts";

// Prometheus metrics of the server. Labels are the kinds and hooks of the registry, short fixed lists, and a few hundred names of
// shards: nothing that a caller chooses. docs/metrics.md lists every metric, and a test compares it with /metrics.

/** Outcome of a webhook call. `aborted`: the caller disconnected, or was too slow. */
export type Outcome = "answered" | "refused" | "unauthenticated" | "overloaded" | "failed" | "aborted";

export interface HookLabels {
	readonly kind: string;
	readonly hook: HookName;
}

/** ask: read from proxies; execute: call proxies; conclude: compute the response. */
export type StageName = "ask" | "execute" | "conclude";

/** Files that are reloaded while the server runs. */
const RELOADABLE = ["tokens", "certificates", "admin-tokens", "admin-certificates"] as const;
export type Reloadable = (typeof RELOADABLE)[number];

/** Interval of event loop lag samples, in milliseconds: each sample wakes an idle process. */
const LAG_MS = 100;

const BYTES = [1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216];

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics(rows: readonly Row[]) {
	const registry = new Registry();
	const { counter, gauge, histogram } = metersOf(registry);
	const hooks = new Map(
		rows.flatMap((row) => hooksOf(row).map((hook) => [hookPath(row, hook), { kind: row.parent.kind, hook }] as const)),
	);
	const calls = counter(
		"prism_operator_hook_calls_total",
		"Webhook calls, by outcome: answered, refused, unauthenticated, overloaded, failed or aborted.",
		["kind", "hook", "outcome"],
	);
	const seconds = histogram(
		"prism_operator_hook_duration_seconds",
		"Duration of answered and failed webhook calls, from the request headers to the end of the response, in seconds.",
		CALL_SECONDS,
		["kind", "hook"],
	);
	const stages = histogram(
		"prism_operator_hook_stage_duration_seconds",
		"Duration of a stage of a webhook call, in seconds: ask (read the state of proxies), execute (call proxies), conclude (compute the response).",
		CALL_SECONDS,
		["kind", "stage"],
	);
	const bytes = histogram("prism_operator_hook_request_bytes", "Size of request bodies, in bytes.", BYTES, [
		"kind",
		"hook",
	]);
	const refusals = counter(
		"prism_operator_requests_refused_total",
		"Rejected requests, by HTTP status, on all paths; including requests that were not HTTP.",
		["status"],
	);
	const overloads = counter(
		"prism_operator_overload_total",
		"Webhook calls that were rejected with status 429, by the exceeded limit: requests, bytes or event-loop.",
		["cause"],
	);
	const dropped = counter(
		"prism_operator_connections_dropped_total",
		"Connections that were closed because PRISM_MAX_CONNECTIONS was reached.",
	);
	const reloads = counter(
		"prism_operator_reloads_total",
		"Reloads of mounted files, by what (tokens, certificates, admin-tokens or admin-certificates) and result: taken, or refused because a file is invalid.",
		["what", "result"],
	);
	// Initialized at startup: a counter that first appears with value 1 never increases, so no alert would fire.
	for (const what of RELOADABLE) for (const result of ["taken", "refused"]) reloads.inc({ what, result }, 0);
	for (const cause of OVERLOADS) overloads.inc({ cause }, 0);
	const expiry = gauge(
		"prism_operator_certificate_expiry_timestamp_seconds",
		"Expiry of the server's certificate, in seconds since 1970. 0 without TLS.",
	);
	const inFlight = gauge(
		"prism_operator_hook_calls_in_flight",
		"Webhook calls in flight, including those whose body is still arriving.",
	);
	const connections = gauge("prism_operator_connections", "Open connections.");
	const spans = counter(
		"prism_operator_spans_total",
		"Trace spans, by outcome: sent to the collector, or lost because the collector did not accept them in time.",
		["outcome"],
	);
	return {
		contentType: registry.contentType,
		text: () => registry.metrics(),
		/** Labels of the hook at a path. */
		hookAt: (path: string | undefined): HookLabels | undefined => hooks.get(path ?? ""),
		called: (labels: HookLabels, outcome: Outcome, duration: number) => {
			calls.inc({ ...labels, outcome });
			if (outcome === "answered" || outcome === "failed") seconds.observe({ ...labels }, duration);
		},
		staged: (kind: string, stage: StageName, duration: number) => stages.observe({ kind, stage }, duration),
		received: (labels: HookLabels, bodyBytes: number) => bytes.observe({ ...labels }, bodyBytes),
		refused: (status: number) => refusals.inc({ status }),
		overloaded: (cause: Overload) => overloads.inc({ cause }),
		/** Changes the number of calls in flight. */
		underWay: (change: 1 | -1) => inFlight.inc(change),
		connections: (change: 1 | -1) => connections.inc(change),
		connectionDropped: () => dropped.inc(),
		reloaded: (what: Reloadable, result: "taken" | "refused") => reloads.inc({ what, result }),
		certificateExpires: (milliseconds: number) => expiry.set(milliseconds / 1000),
		/** Metrics of admin API calls. */
		admin: createAdminMetrics(registry),
		/** Metrics of custom resources. */
		concluded: createOutcomeMetrics(registry),
		spans: (outcome: "sent" | "lost", number: number) => spans.inc({ outcome }, number),
		/** Adds process metrics; once per process, because it registers observers. */
		measureProcess: () => collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_MS }),
	};
}

export function outcomeOf({ statusCode, writableFinished }: ServerResponse): Outcome {
	if (!writableFinished) return "aborted";
	if (statusCode === 401 || statusCode === 403) return "unauthenticated";
	if (statusCode === 429) return "overloaded";
	if (statusCode >= 500) return "failed";
	return statusCode >= 400 ? "refused" : "answered";
}
