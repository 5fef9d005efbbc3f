import type { PanelRow } from "./panels.ts";
import { graph, OURS, quantile, quantiles, rate } from "./queries.ts";

// What the operator does to proxies, what becomes of namespaces and plugins, and what its processes need.

export const proxies: PanelRow = {
	title: "Calls of proxies' admin APIs",
	height: 8,
	panels: [
		graph({
			title: "Calls by method",
			description: "One listing of a proxy answers for all its namespaces for a while.",
			width: 8,
			unit: "reqps",
			stacked: true,
			queries: [{ expr: `sum by (method) (${rate("prism_operator_admin_calls_total")})`, legend: "{{method}}" }],
		}),
		graph({
			title: "Calls that did not succeed, by method and code",
			description: "Refused is a no of the proxy. CircuitOpen was not made: the proxy is left alone for a while.",
			width: 8,
			unit: "reqps",
			queries: [
				{
					expr: `sum by (method, code) (${rate("prism_operator_admin_calls_total", 'code!="OK"')})`,
					legend: "{{code}} {{method}}",
				},
			],
		}),
		graph({
			title: "Calls that did not succeed, by shard",
			description: "The ten worst.",
			width: 8,
			unit: "reqps",
			queries: [
				{
					expr: `topk(10, sum by (shard) (${rate("prism_operator_admin_calls_total", 'code!="OK"')}))`,
					legend: "{{shard}}",
				},
			],
		}),
		graph({
			title: "Slowest of a hundred calls, by method",
			description: "What lasts longer than a hook may take goes on, and the next hook hears of it.",
			width: 8,
			unit: "s",
			queries: [
				{ expr: quantile(0.99, "prism_operator_admin_call_duration_seconds", ["method"]), legend: "{{method}}" },
			],
		}),
		graph({
			title: "Listings",
			description: "Of all namespaces of a proxy.",
			width: 4,
			unit: "reqps",
			queries: [{ expr: `sum by (outcome) (${rate("prism_operator_admin_listings_total")})`, legend: "{{outcome}}" }],
		}),
		graph({
			title: "Calls under way",
			description: "At most 512 for each replica.",
			width: 4,
			queries: [{ expr: `sum by (pod) (prism_operator_admin_calls_in_flight{${OURS}})`, legend: "{{pod}}" }],
		}),
		graph({
			title: "Proxies left alone",
			description: "Open breakers, as each replica sees it.",
			width: 4,
			queries: [{ expr: `sum by (pod) (prism_operator_admin_breakers_open{${OURS}})`, legend: "{{pod}}" }],
		}),
		graph({
			title: "Channels",
			description: "Open connections to proxies.",
			width: 4,
			queries: [{ expr: `sum by (pod) (prism_operator_admin_channels{${OURS}})`, legend: "{{pod}}" }],
		}),
	],
};

export const outcomes: PanelRow = {
	title: "What becomes of namespaces and plugins",
	height: 8,
	panels: [
		graph({
			title: "PrismNamespaces by phase",
			description: "As one replica has seen them in the last 15 minutes; each sees all of them in time.",
			width: 8,
			stacked: true,
			queries: [{ expr: `max by (phase) (prism_operator_namespaces{${OURS}})`, legend: "{{phase}}" }],
		}),
		graph({
			title: "Time until a namespace is there",
			description: "From its creation until all instances had it for the first time.",
			width: 8,
			unit: "s",
			queries: quantiles("prism_operator_namespace_ready_seconds"),
		}),
		graph({
			title: "Repairs",
			description:
				"Calls that brought an instance back to what was wanted all along. Many, again and again: somebody else writes too, or a proxy forgets.",
			width: 8,
			unit: "reqps",
			queries: [{ expr: `sum(${rate("prism_operator_namespace_repairs_total")})`, legend: "repairs" }],
		}),
		graph({
			title: "Rollouts of plugins that ended",
			description: "By outcome; RolledBack went back to the last good version by itself.",
			width: 12,
			queries: [
				{
					expr: `sum by (outcome) (increase(prism_operator_plugin_rollouts_total{${OURS}}[$__rate_interval]))`,
					legend: "{{outcome}}",
				},
			],
		}),
		graph({
			title: "Time until a shard is ready at a plugin's version",
			description: "From its being told.",
			width: 12,
			unit: "s",
			queries: quantiles("prism_operator_plugin_shard_seconds"),
		}),
	],
};

export const processes: PanelRow = {
	title: "Processes",
	height: 8,
	panels: [
		graph({
			title: "Processor",
			description: "Cores.",
			width: 6,
			queries: [
				{ expr: `sum by (pod) (${rate("process_cpu_seconds_total", 'job=~".*prism-operator.*"')})`, legend: "{{pod}}" },
			],
		}),
		graph({
			title: "Memory",
			description: "Of the process, and the heap's used part.",
			width: 6,
			unit: "bytes",
			queries: [
				{ expr: `process_resident_memory_bytes{${OURS},job=~".*prism-operator.*"}`, legend: "{{pod}}" },
				{ expr: `nodejs_heap_size_used_bytes{${OURS},job=~".*prism-operator.*"}`, legend: "{{pod}} heap" },
			],
		}),
		graph({
			title: "Lag of the event loop, 99th percentile",
			description: "Above PRISM_MAX_EVENT_LOOP_DELAY_MS, a second by default, calls are told to come back.",
			width: 6,
			unit: "s",
			queries: [{ expr: `nodejs_eventloop_lag_p99_seconds{${OURS},job=~".*prism-operator.*"}`, legend: "{{pod}}" }],
		}),
		graph({
			title: "Garbage collection",
			description: "Share of the time.",
			width: 6,
			unit: "percentunit",
			queries: [
				{
					expr: `sum by (kind) (${rate("nodejs_gc_duration_seconds_sum", 'job=~".*prism-operator.*"')})`,
					legend: "{{kind}}",
				},
			],
		}),
		graph({
			title: "Connections",
			description: "To the hooks; Metacontroller needs a few dozen.",
			width: 6,
			queries: [{ expr: `sum by (pod) (prism_operator_connections{${OURS}})`, legend: "{{pod}}" }],
		}),
		graph({
			title: "Connections dropped",
			description: "Closed at once, being more than PRISM_MAX_CONNECTIONS.",
			width: 6,
			unit: "reqps",
			queries: [{ expr: `sum by (pod) (${rate("prism_operator_connections_dropped_total")})`, legend: "{{pod}}" }],
		}),
		graph({
			title: "Files read again",
			description: "Tokens and certificates that were changed, and whether they were taken.",
			width: 6,
			queries: [
				{
					expr: `sum by (what, result) (increase(prism_operator_reloads_total{${OURS}}[$__rate_interval]))`,
					legend: "{{what}} {{result}}",
				},
			],
		}),
		graph({
			title: "Spans of traces",
			description: "Sent to the collector, or lost because it did not take them.",
			width: 6,
			unit: "reqps",
			queries: [{ expr: `sum by (outcome) (${rate("prism_operator_spans_total")})`, legend: "{{outcome}}" }],
		}),
	],
};
