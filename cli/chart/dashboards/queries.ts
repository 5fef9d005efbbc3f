import type { Graph } from "./panels.ts";

// What the queries about the hooks have in common.

export const OURS = 'namespace="$namespace"';

export const graph = (panel: Omit<Graph, "type">): Graph => ({ type: "graph", ...panel });

export const rate = (metric: string, matchers = "") =>
	`rate(${metric}{${[OURS, matchers].filter(Boolean).join(",")}}[$__rate_interval])`;

/** A quantile of a histogram, for each value of these labels. */
export const quantile = (share: number, metric: string, labels: readonly string[] = [], matchers = "") =>
	`histogram_quantile(${share}, sum by (${["le", ...labels].join(", ")}) (${rate(`${metric}_bucket`, matchers)}))`;

export const quantiles = (metric: string, matchers = "") =>
	[0.5, 0.9, 0.99].map((share) => ({ expr: quantile(share, metric, [], matchers), legend: `p${share * 100}` }));

/** The kinds that are chosen above. */
export const KIND = 'kind=~"$kind"';
export const CALLS = "prism_operator_hook_calls_total";
