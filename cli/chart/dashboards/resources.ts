import { REGISTRY } from "../../../hooks/index.ts";
import { dashboard, type Graph, type PanelRow, type Table } from "./panels.ts";

// The users' objects, as kube-state-metrics tells them by the configuration that is beside.

const KINDS = REGISTRY.map(({ parent }) => parent.singular).join("|");
const OBJECT = ["customresource_kind", "namespace", "name"];
const SAME = `on (${OBJECT.join(", ")})`;
const SCOPE = 'namespace=~"$namespace"';

const graph = (panel: Omit<Graph, "type">): Graph => ({ type: "graph", ...panel });
const table = (panel: Omit<Table, "type">): Table => ({ type: "table", ...panel });

/** A metric of all kinds. */
const all = (metric: string, ...matchers: string[]) =>
	`{${[`__name__=~"kube_(${KINDS})_${metric}"`, 'customresource_kind=~"$kind"', SCOPE, ...matchers].join(",")}}`;
const of = (metric: string, ...matchers: string[]) => `${metric}{${[SCOPE, ...matchers].join(",")}}`;

const NOT_READY = ['type="Ready"', 'status!="True"'];

const glance: PanelRow = {
	title: "At a glance",
	height: 4,
	panels: [
		{
			type: "figure",
			title: "Objects",
			description: "Of the Prism kinds.",
			width: 6,
			queries: [{ expr: `count(${all("info")})` }],
		},
		{
			type: "figure",
			title: "Not Ready",
			description: "Objects whose condition Ready is not True.",
			width: 6,
			queries: [{ expr: `count(${all("status_condition", ...NOT_READY)}) or vector(0)` }],
			bounds: [1, 10],
		},
		{
			type: "figure",
			title: "Changes not acted upon",
			description:
				"Objects whose status tells of an older generation. More than a moment: the hooks are not called, or fail.",
			width: 6,
			queries: [
				{
					expr: `count(${all("metadata_generation")} - ${SAME} ${all("status_observed_generation")} > 0) or vector(0)`,
				},
			],
			bounds: [1, 10],
		},
		{
			type: "figure",
			title: "Being deleted",
			description: "Objects whose deletion was asked for. Shards wait until their namespaces have moved.",
			width: 6,
			queries: [{ expr: `count(${all("deletion_timestamp")}) or vector(0)` }],
			bounds: [1, 10],
		},
	],
};

const readiness: PanelRow = {
	title: "Readiness",
	height: 8,
	panels: [
		graph({
			title: "Objects by kind",
			description: "All there are.",
			width: 8,
			stacked: true,
			queries: [{ expr: `count by (customresource_kind) (${all("info")})`, legend: "{{customresource_kind}}" }],
		}),
		graph({
			title: "Ready, by kind",
			description: "Share of the objects whose condition Ready is True.",
			width: 8,
			unit: "percentunit",
			queries: [
				{
					expr: `avg by (customresource_kind) (${all("status_condition", 'type="Ready"')})`,
					legend: "{{customresource_kind}}",
				},
			],
		}),
		graph({
			title: "Not Ready, by kind and reason",
			description: "docs/reference/reasons.md says when each is given.",
			width: 8,
			stacked: true,
			queries: [
				{
					expr: `count by (customresource_kind, reason) (${all("status_condition", ...NOT_READY)})`,
					legend: "{{customresource_kind}} {{reason}}",
				},
			],
		}),
		table({
			title: "Not Ready, and since when",
			description: "kubectl describe shows the message.",
			width: 12,
			unit: "s",
			columns: [...OBJECT, "reason"],
			value: "for",
			queries: [
				{
					expr: `sum by (${[...OBJECT, "reason"].join(", ")}) ((time() - ${all("status_condition_last_transition_time", ...NOT_READY)}) * ${SAME} group_left (reason) (${all("status_condition", ...NOT_READY)} + 1))`,
				},
			],
		}),
		table({
			title: "Being deleted, and since when",
			description: "What holds it: its finalizers, and the condition Ready.",
			width: 12,
			unit: "s",
			columns: OBJECT,
			value: "for",
			queries: [{ expr: `sum by (${OBJECT.join(", ")}) (time() - ${all("deletion_timestamp")})` }],
		}),
	],
};

const tenants: PanelRow = {
	title: "Namespaces and shards",
	height: 8,
	panels: [
		graph({
			title: "Namespaces by place",
			description: "PrismNamespaces assigned to each shard, or stack's proxies.",
			width: 8,
			stacked: true,
			queries: [{ expr: `count by (shard) (${of("kube_prismnamespace_info", 'shard!=""')})`, legend: "{{shard}}" }],
		}),
		graph({
			title: "Namespaces by phase",
			description: "Pending, Provisioning and Updating are for moments.",
			width: 8,
			stacked: true,
			queries: [{ expr: `count by (phase) (${of("kube_prismnamespace_info")})`, legend: "{{phase}}" }],
		}),
		graph({
			title: "Places that are not settled, by state",
			description: "Places of PrismNamespaces, by what is done there.",
			width: 8,
			queries: [
				{
					expr: `count by (roster, state) (${of("kube_prismnamespace_status_placement_info")})`,
					legend: "{{roster}} {{state}}",
				},
			],
		}),
		graph({
			title: "Shards: proxies that are missing",
			description: "Proxies that there are and that are not ready.",
			width: 8,
			queries: [
				{
					expr: `${of("kube_prismshard_status_replicas")} - on (namespace, name) ${of("kube_prismshard_status_replicas_ready")}`,
					legend: "{{namespace}}/{{name}}",
				},
			],
		}),
		graph({
			title: "Shards: requests per second",
			description: "As their proxies tell it.",
			width: 8,
			unit: "reqps",
			queries: [{ expr: of("kube_prismshard_status_requests_per_second"), legend: "{{namespace}}/{{name}}" }],
		}),
		table({
			title: "Shards",
			description: "Namespaces that the proxies of each hold, and of what product they are.",
			width: 8,
			columns: ["namespace", "name", "product", "feature", "sla_tier", "phase"],
			value: "namespaces",
			queries: [
				{
					expr: `sum by (namespace, name, product, feature, sla_tier, phase) (${of("kube_prismshard_info")} * on (namespace, name) group_left () ${of("kube_prismshard_status_namespaces")})`,
				},
			],
		}),
		graph({
			title: "Largest namespaces",
			description: "By their keys; the ten largest.",
			width: 12,
			queries: [{ expr: `topk(10, ${of("kube_prismnamespace_status_keys")})`, legend: "{{namespace}}/{{name}}" }],
		}),
		graph({
			title: "Busiest namespaces",
			description: "By their requests per second; the ten busiest.",
			width: 12,
			unit: "reqps",
			queries: [
				{ expr: `topk(10, ${of("kube_prismnamespace_status_requests_per_second")})`, legend: "{{namespace}}/{{name}}" },
			],
		}),
	],
};

const workloads: PanelRow = {
	title: "Stacks, runners, backends and plugins",
	height: 8,
	panels: [
		graph({
			title: "Stacks: proxies and admins that are missing",
			description: "Wanted and not ready.",
			width: 8,
			queries: [
				{
					expr: `${of("kube_prismstack_status_proxy_replicas_desired")} - on (namespace, name) ${of("kube_prismstack_status_proxy_replicas_ready")}`,
					legend: "{{namespace}}/{{name}} proxies",
				},
				{
					expr: `${of("kube_prismstack_status_admin_replicas_desired")} - on (namespace, name) ${of("kube_prismstack_status_admin_replicas_ready")}`,
					legend: "{{namespace}}/{{name}} admins",
				},
			],
		}),
		graph({
			title: "Runners: replicas that are missing",
			description: "There, and not available.",
			width: 8,
			queries: [
				{
					expr: `${of("kube_patternrunner_status_replicas")} - on (namespace, name) ${of("kube_patternrunner_status_replicas_available")}`,
					legend: "{{namespace}}/{{name}}",
				},
			],
		}),
		graph({
			title: "Backends that do not answer",
			description: "Their probe's last verdict was no; 1 for each.",
			width: 8,
			queries: [{ expr: `1 - ${of("kube_backendconfig_status_healthy")}`, legend: "{{namespace}}/{{name}}" }],
		}),
		table({
			title: "Plugins",
			description: "The version that is wanted, the last good one, and how far the rollout is.",
			width: 12,
			columns: ["namespace", "name", "version", "last_good_version", "rollout", "phase"],
			value: "namespaces using it",
			queries: [
				{
					expr: `sum by (namespace, name, version, last_good_version, rollout, phase) (${of("kube_prismplugin_info")} * on (namespace, name) group_left () ${of("kube_prismplugin_status_namespaces")})`,
				},
			],
		}),
		graph({
			title: "Shards by plugin and state of its rollout",
			description: "Updated and Pending are calm; Failed and RollingBack are not.",
			width: 12,
			stacked: true,
			queries: [
				{
					expr: `count by (name, state) (${of("kube_prismplugin_status_shard_info")})`,
					legend: "{{name}} {{state}}",
				},
			],
		}),
	],
};

export const resourcesDashboard = dashboard({
	uid: "prism-resources",
	title: "Prism resources",
	description: "Prism objects by kind, readiness and place. Needs kube-state-metrics with the chart's configuration.",
	variables: [
		{
			name: "namespace",
			label: "Namespace",
			query: `label_values({__name__=~"kube_(${KINDS})_info"}, namespace)`,
			all: true,
		},
		{
			name: "kind",
			label: "Kind",
			query: `label_values({__name__=~"kube_(${KINDS})_info"}, customresource_kind)`,
			all: true,
		},
	],
	rows: [glance, readiness, tenants, workloads],
});
