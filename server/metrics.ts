import type { ServerResponse } from "node:http";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { type HookName, hookPath, hooksOf, type Row } from "../kube/hook.ts";
import { type AdminMetrics, createAdminMetrics } from "./admin/metrics.ts";
import { OVERLOADS, type Overload } from "./load.ts";
import { createOutcomeMetrics, type ObserveOutcome } from "./outcomes.ts";

// What the server counts of itself, for Prometheus. Labels are the registry's kinds and hooks, lists of a few words, and
// some hundred names of shards: nothing that a caller chooses. docs/metrics.md lists every metric, and a test compares it with what is served.

/** How a call of a hook ended. `aborted`: the caller went away, or was too slow. */
export type Outcome = "answered" | "refused" | "unauthenticated" | "overloaded" | "failed" | "aborted";

export interface HookLabels {
	readonly kind: string;
	readonly hook: HookName;
}

/** ask: proxies are asked; execute: they are called; conclude: the answer is computed. */
export type StageName = "ask" | "execute" | "conclude";

export interface Metrics {
	readonly contentType: string;
	readonly text: () => Promise<string>;
	/** Labels of the hook at a path. */
	readonly hookAt: (path: string | undefined) => HookLabels | undefined;
	readonly called: (labels: HookLabels, outcome: Outcome, seconds: number) => void;
	readonly staged: (kind: string, stage: StageName, seconds: number) => void;
	readonly received: (labels: HookLabels, bodyBytes: number) => void;
	readonly refused: (status: number) => void;
	readonly overloaded: (cause: Overload) => void;
	/** Calls that are under way become one more or less. */
	readonly underWay: (change: 1 | -1) => void;
	readonly connections: (change: 1 | -1) => void;
	readonly connectionDropped: () => void;
	readonly reloaded: (what: Reloadable, result: "taken" | "refused") => void;
	readonly certificateExpires: (milliseconds: number) => void;
	/** Of the calls of proxies' admin APIs. */
	readonly admin: AdminMetrics;
	/** What has become of the users' objects. */
	readonly concluded: ObserveOutcome;
	readonly spans: (outcome: "sent" | "lost", number: number) => void;
	/** Adds memory, processor time, event loop and the like; once in a process, for it leaves observers behind. */
	readonly measureProcess: () => void;
}

/** What is read again while the server runs. */
const RELOADABLE = ["tokens", "certificates", "admin-tokens", "admin-certificates"] as const;
export type Reloadable = (typeof RELOADABLE)[number];

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const BYTES = [1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216];

export function createMetrics(rows: readonly Row[]): Metrics {
	const registry = new Registry();
	const registers = [registry];
	const hooks = new Map(
		rows.flatMap((row) => hooksOf(row).map((hook) => [hookPath(row, hook), { kind: row.parent.kind, hook }] as const)),
	);
	const calls = new Counter({
		name: "prism_operator_hook_calls_total",
		help: "Calls of a hook, by how they ended: answered, refused, unauthenticated, overloaded, failed or aborted.",
		labelNames: ["kind", "hook", "outcome"],
		registers,
	});
	const seconds = new Histogram({
		name: "prism_operator_hook_duration_seconds",
		help: "Time of an answered or failed call, from its headers to the end of its answer, in seconds.",
		labelNames: ["kind", "hook"],
		buckets: SECONDS,
		registers,
	});
	const stages = new Histogram({
		name: "prism_operator_hook_stage_duration_seconds",
		help: "Time of a stage of a call, in seconds: ask (what proxies have is asked), execute (proxies are called), conclude (the answer is computed).",
		labelNames: ["kind", "stage"],
		buckets: SECONDS,
		registers,
	});
	const bytes = new Histogram({
		name: "prism_operator_hook_request_bytes",
		help: "Size of the body of a call, in bytes.",
		labelNames: ["kind", "hook"],
		buckets: BYTES,
		registers,
	});
	const refusals = new Counter({
		name: "prism_operator_requests_refused_total",
		help: "Requests that were refused, by HTTP status; on any path, and ones that were not HTTP.",
		labelNames: ["status"],
		registers,
	});
	const overloads = new Counter({
		name: "prism_operator_overload_total",
		help: "Calls that were told to come back (429), by what there was too much of: requests, bytes or event-loop.",
		labelNames: ["cause"],
		registers,
	});
	const dropped = new Counter({
		name: "prism_operator_connections_dropped_total",
		help: "Connections that were closed at once, being more than PRISM_MAX_CONNECTIONS.",
		registers,
	});
	const reloads = new Counter({
		name: "prism_operator_reloads_total",
		help: "Changes of files with tokens, certificates, admin-tokens or admin-certificates, by whether they were taken.",
		labelNames: ["what", "result"],
		registers,
	});
	// Known from the start: a counter that comes to be with its first event never rises, and no alert hears of it.
	for (const what of RELOADABLE) for (const result of ["taken", "refused"]) reloads.inc({ what, result }, 0);
	for (const cause of OVERLOADS) overloads.inc({ cause }, 0);
	const expiry = new Gauge({
		name: "prism_operator_certificate_expiry_timestamp_seconds",
		help: "When the server's certificate expires, in seconds since 1970; 0 without TLS.",
		registers,
	});
	const inFlight = new Gauge({
		name: "prism_operator_hook_calls_in_flight",
		help: "Calls of hooks that are under way, the arrival of their bodies included.",
		registers,
	});
	const connections = new Gauge({
		name: "prism_operator_connections",
		help: "Connections that are open.",
		registers,
	});
	const spans = new Counter({
		name: "prism_operator_spans_total",
		help: "Spans of traces that were sent to the collector, or lost because it did not take them: sent or lost.",
		labelNames: ["outcome"],
		registers,
	});
	return {
		contentType: registry.contentType,
		text: () => registry.metrics(),
		hookAt: (path) => hooks.get(path ?? ""),
		called: (labels, outcome, duration) => {
			calls.inc({ ...labels, outcome });
			if (outcome === "answered" || outcome === "failed") seconds.observe({ ...labels }, duration);
		},
		staged: (kind, stage, duration) => stages.observe({ kind, stage }, duration),
		received: (labels, bodyBytes) => bytes.observe({ ...labels }, bodyBytes),
		refused: (status) => refusals.inc({ status }),
		overloaded: (cause) => overloads.inc({ cause }),
		underWay: (change) => inFlight.inc(change),
		connections: (change) => connections.inc(change),
		connectionDropped: () => dropped.inc(),
		reloaded: (what, result) => reloads.inc({ what, result }),
		certificateExpires: (milliseconds) => expiry.set(milliseconds / 1000),
		admin: createAdminMetrics(registry),
		concluded: createOutcomeMetrics(registry),
		spans: (outcome, number) => spans.inc({ outcome }, number),
		measureProcess: () => collectDefaultMetrics({ register: registry }),
	};
}

export function outcomeOf({ statusCode, writableFinished }: ServerResponse): Outcome {
	if (!writableFinished) return "aborted";
	if (statusCode === 401 || statusCode === 403) return "unauthenticated";
	if (statusCode === 429) return "overloaded";
	if (statusCode >= 500) return "failed";
	return statusCode >= 400 ? "refused" : "answered";
}
