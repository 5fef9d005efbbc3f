import { glance, hooks } from "./operator-hooks.ts";
import { outcomes, processes, proxies } from "./operator-outside.ts";
import { dashboard } from "./panels.ts";
import { CALLS } from "./queries.ts";

// The hooks themselves: what docs/metrics.md lists, as seen by who is on call.

export const operatorDashboard = dashboard({
	uid: "prism-operator",
	title: "Prism Operator",
	description: "The hooks: what they are asked, how long they take, what they do to proxies, and what they need.",
	variables: [
		{ name: "namespace", label: "Namespace", query: "label_values(prism_operator_connections, namespace)" },
		{ name: "kind", label: "Kind", query: `label_values(${CALLS}{namespace="$namespace"}, kind)`, all: true },
	],
	rows: [glance, hooks, proxies, outcomes, processes],
});
