import type { PanelRow } from "./panels.ts";
import { CALLS, graph, KIND, OURS, quantile, quantiles, rate } from "./queries.ts";

// How the operator is, and what is asked of its hooks.

export const glance: PanelRow = {
	title: "At a glance",
	height: 4,
	panels: [
		{
			type: "figure",
			title: "Replicas scraped",
			description: "Pods of the hooks that Prometheus reaches. One is enough to go on, two outlive the loss of a node.",
			width: 4,
			queries: [{ expr: `count(prism_operator_connections{${OURS}})` }],
			bounds: [2, 1],
			higherIsBetter: true,
		},
		{
			type: "figure",
			title: "Syncs per second",
			description: "Calls that Metacontroller makes because of changes, and every 5 minutes for each object.",
			width: 4,
			unit: "reqps",
			queries: [{ expr: `sum(${rate(CALLS, 'hook="sync",outcome="answered"')})` }],
		},
		{
			type: "figure",
			title: "Calls not answered",
			description: "Share of calls that failed, were refused or were told to come back.",
			width: 4,
			unit: "percentunit",
			queries: [{ expr: `sum(${rate(CALLS, 'outcome!="answered"')}) / sum(${rate(CALLS)})` }],
			bounds: [0.001, 0.01],
		},
		{
			type: "figure",
			title: "Slowest of a hundred calls",
			description: "Metacontroller gives a call up after 10 seconds; hooks that ask proxies take 2 at most.",
			width: 4,
			unit: "s",
			queries: [{ expr: quantile(0.99, "prism_operator_hook_duration_seconds") }],
			bounds: [2.5, 5],
		},
		{
			type: "figure",
			title: "Proxies left alone",
			description: "Proxies whose admin API failed several times in a row, as the replica sees it that sees most.",
			width: 4,
			queries: [{ expr: `max(prism_operator_admin_breakers_open{${OURS}})` }],
			bounds: [1, 3],
		},
		{
			type: "figure",
			title: "Certificate expires in",
			description: "The first of the replicas' certificates. Without TLS there is none.",
			width: 4,
			unit: "s",
			queries: [{ expr: `min(prism_operator_certificate_expiry_timestamp_seconds{${OURS}} > 0) - time()` }],
			bounds: [1_209_600, 259_200],
			higherIsBetter: true,
		},
	],
};

export const hooks: PanelRow = {
	title: "Hooks",
	height: 8,
	panels: [
		graph({
			title: "Calls by kind and hook",
			description: "What Metacontroller asks.",
			width: 12,
			unit: "reqps",
			stacked: true,
			queries: [{ expr: `sum by (kind, hook) (${rate(CALLS, KIND)})`, legend: "{{hook}} {{kind}}" }],
		}),
		graph({
			title: "Calls not answered, by kind and outcome",
			description:
				"failed: a bug of the hook. refused: not a request of Metacontroller's. unauthenticated: no token that counts. overloaded: told to come back. aborted: the caller went away.",
			width: 12,
			unit: "reqps",
			queries: [
				{
					expr: `sum by (kind, outcome) (${rate(CALLS, `${KIND},outcome!="answered"`)})`,
					legend: "{{outcome}} {{kind}}",
				},
			],
		}),
		graph({
			title: "Time of a call",
			description: "From its headers to the end of its answer.",
			width: 8,
			unit: "s",
			queries: quantiles("prism_operator_hook_duration_seconds", KIND),
		}),
		graph({
			title: "Slowest of a hundred, by kind and hook",
			description: "Hooks of PrismNamespaces, stacks and shards ask proxies; the others only compute.",
			width: 8,
			unit: "s",
			queries: [
				{
					expr: quantile(0.99, "prism_operator_hook_duration_seconds", ["kind", "hook"], KIND),
					legend: "{{hook}} {{kind}}",
				},
			],
		}),
		graph({
			title: "Time by stage, on average",
			description: "ask: what proxies have is asked. execute: proxies are called. conclude: the answer is computed.",
			width: 8,
			unit: "s",
			queries: [
				{
					expr: `sum by (stage) (${rate("prism_operator_hook_stage_duration_seconds_sum", KIND)}) / sum by (stage) (${rate("prism_operator_hook_stage_duration_seconds_count", KIND)})`,
					legend: "{{stage}}",
				},
			],
		}),
		graph({
			title: "Calls under way",
			description: "The limit of each replica is PRISM_MAX_REQUESTS, 128 by default.",
			width: 6,
			queries: [{ expr: `sum by (pod) (prism_operator_hook_calls_in_flight{${OURS}})`, legend: "{{pod}}" }],
		}),
		graph({
			title: "Told to come back, by cause",
			description: "Calls answered with 429.",
			width: 6,
			unit: "reqps",
			queries: [{ expr: `sum by (cause) (${rate("prism_operator_overload_total")})`, legend: "{{cause}}" }],
		}),
		graph({
			title: "Requests refused, by HTTP status",
			description: "On any path, and what was not HTTP at all.",
			width: 6,
			unit: "reqps",
			queries: [{ expr: `sum by (status) (${rate("prism_operator_requests_refused_total")})`, legend: "{{status}}" }],
		}),
		graph({
			title: "Largest of a hundred requests, by kind",
			description: "The body of a call: the object with all its children and related objects.",
			width: 6,
			unit: "bytes",
			queries: [{ expr: quantile(0.99, "prism_operator_hook_request_bytes", ["kind"], KIND), legend: "{{kind}}" }],
		}),
	],
};
