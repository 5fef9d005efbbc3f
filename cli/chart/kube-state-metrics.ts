import type { Row } from "../../kube/hook.ts";
import type { KindDescriptor } from "../../schemas/common.ts";

// What kube-state-metrics makes of Prism objects: its CustomResourceStateMetrics. Metrics are named by kind, such as
// kube_prismshard_status_condition, because a metric's name belongs to one kind in OpenMetrics.
//
// A gauge's path leads to a number, not to the object around it: of an object, kube-state-metrics makes a sample for each
// of its fields in which it finds something of that name.

type Path = readonly string[];

/** A field that is a number, true or false, or a time. */
interface Figure {
	readonly name: string;
	readonly help: string;
	readonly path: Path;
}

/** A list whose entries are told by words. */
interface Entries {
	/** Ends with _info. */
	readonly name: string;
	readonly help: string;
	readonly path: Path;
	readonly labels: Readonly<Record<string, Path>>;
}

interface Told {
	/** Of its info metric, beside uid and phase. */
	readonly labels: Readonly<Record<string, Path>>;
	readonly figures: readonly Figure[];
	readonly entries?: readonly Entries[];
}

const status = (field: string, name: string, help: string): Figure => ({ name, help, path: ["status", field] });

/** By kind. A kind that is not here is told by what all have. */
export const TOLD: Readonly<Record<string, Told>> = {
	PrismStack: {
		labels: {},
		figures: [
			{
				name: "status_proxy_replicas_desired",
				help: "Proxies that the spec wants.",
				path: ["status", "proxy", "desired"],
			},
			{ name: "status_proxy_replicas_ready", help: "Proxies that are ready.", path: ["status", "proxy", "ready"] },
			{
				name: "status_admin_replicas_desired",
				help: "Pods of the admin control plane that the spec wants.",
				path: ["status", "admin", "desired"],
			},
			{
				name: "status_admin_replicas_ready",
				help: "Pods of the admin control plane that are ready.",
				path: ["status", "admin", "ready"],
			},
		],
	},
	PatternRunner: {
		labels: { pattern: ["spec", "pattern"], backend: ["spec", "backend"] },
		figures: [
			{
				name: "spec_replicas",
				help: "Replicas that the spec wants; of autoscaled ones, none.",
				path: ["spec", "replicas"],
			},
			status("replicas", "status_replicas", "Replicas that there are."),
			status("updatedReplicas", "status_replicas_updated", "Replicas that are up to date."),
			status("readyReplicas", "status_replicas_ready", "Replicas that are ready."),
			status("availableReplicas", "status_replicas_available", "Replicas that have been ready for a while."),
		],
	},
	BackendConfig: {
		labels: { type: ["spec", "type"], provider: ["status", "binding", "provider"] },
		figures: [
			status("healthy", "status_healthy", "Whether the backend answered the last check; of unchecked ones, none."),
			status("lastChecked", "status_last_checked_time", "When the verdict was told last, in seconds since 1970."),
		],
	},
	PrismNamespace: {
		labels: {
			backend: ["spec", "backend"],
			shard: ["status", "shard"],
			namespace_id: ["status", "namespaceId"],
		},
		figures: [
			status("provisionedAt", "status_provisioned_time", "When all instances had it first, in seconds since 1970."),
			status("expiresAt", "status_expiry_time", "When it expires, in seconds since 1970; without a ttl, none."),
			{ name: "status_keys", help: "Keys that it holds.", path: ["status", "metrics", "currentKeys"] },
			{ name: "status_connections", help: "Connections to it.", path: ["status", "metrics", "currentConnections"] },
			{ name: "status_requests_per_second", help: "Requests per second.", path: ["status", "metrics", "requestRate"] },
		],
		entries: [
			{
				name: "status_placement_info",
				help: "Places that it has or leaves: the shard or proxies, and what is done there.",
				path: ["status", "placements"],
				labels: { roster: ["roster"], roster_namespace: ["namespace"], state: ["state"] },
			},
		],
	},
	PrismShard: {
		labels: { product: ["spec", "product"], feature: ["spec", "feature"], sla_tier: ["spec", "slaTier"] },
		figures: [
			{
				name: "spec_replicas",
				help: "Proxies that the spec wants; of autoscaled shards, none.",
				path: ["spec", "replicas"],
			},
			{ name: "spec_accepting", help: "Whether it takes new namespaces.", path: ["spec", "accepting"] },
			{ name: "spec_draining", help: "Whether its namespaces are to move away.", path: ["spec", "draining"] },
			status("replicas", "status_replicas", "Proxies that there are."),
			status("readyReplicas", "status_replicas_ready", "Proxies that are ready."),
			status("updatedReplicas", "status_replicas_updated", "Proxies that are up to date."),
			status("namespaces", "status_namespaces", "Namespaces that its proxies hold."),
			status("full", "status_full", "Whether it has no room for further namespaces."),
			{
				name: "status_requests_per_second",
				help: "Requests per second of all its proxies.",
				path: ["status", "aggregateMetrics", "totalRPS"],
			},
		],
		entries: [
			{
				name: "status_plugin_info",
				help: "Plugins that it runs, and in which version.",
				path: ["status", "plugins"],
				labels: { plugin: ["name"], version: ["version"], pinned: ["pinned"] },
			},
		],
	},
	PrismPlugin: {
		labels: {
			version: ["spec", "version"],
			last_good_version: ["status", "lastGoodVersion"],
			deployment: ["spec", "deployment", "type"],
			rollout: ["status", "rollout", "phase"],
		},
		figures: [
			status("namespacesUsing", "status_namespaces", "Namespaces that use it."),
			{
				name: "status_rollout_started_time",
				help: "When the last rollout began, in seconds since 1970.",
				path: ["status", "rollout", "startedAt"],
			},
		],
		entries: [
			{
				name: "status_shard_info",
				help: "Shards that run it: in which version, and how far the rollout is there.",
				path: ["status", "shardStates"],
				labels: { shard: ["name"], version: ["version"], state: ["state"] },
			},
		],
	},
};

const COMMON: readonly Figure[] = [
	{ name: "created", help: "When it was created, in seconds since 1970.", path: ["metadata", "creationTimestamp"] },
	{
		name: "deletion_timestamp",
		help: "When its deletion was asked for, in seconds since 1970.",
		path: ["metadata", "deletionTimestamp"],
	},
	{
		name: "metadata_generation",
		help: "How often its spec was changed, its creation included.",
		path: ["metadata", "generation"],
	},
	{
		name: "status_observed_generation",
		help: "The generation of which its status tells; smaller than the other while a change is not acted upon.",
		path: ["status", "observedGeneration"],
	},
];

const gauge = ({ name, help, path }: Figure) => ({ name, help, each: { type: "Gauge", gauge: { path } } });

const info = ({ name, help, path, labels }: Entries) => ({
	name,
	help,
	each: { type: "Info", info: { ...(path.length > 0 && { path }), labelsFromPath: labels } },
});

const conditions = [
	{
		name: "status_condition",
		help: "Its conditions: 1 if True, otherwise 0; status and reason are labels.",
		each: {
			type: "Gauge",
			gauge: {
				path: ["status", "conditions"],
				labelsFromPath: { type: ["type"], status: ["status"], reason: ["reason"] },
				valueFrom: ["status"],
			},
		},
	},
	{
		name: "status_condition_last_transition_time",
		help: "When the status of a condition changed last, in seconds since 1970.",
		each: {
			type: "Gauge",
			gauge: {
				path: ["status", "conditions"],
				labelsFromPath: { type: ["type"], status: ["status"] },
				valueFrom: ["lastTransitionTime"],
			},
		},
	},
];

const resourceOf = ({ group, version, kind, plural, singular }: KindDescriptor) => {
	const told = TOLD[kind];
	return {
		groupVersionKind: { group, version, kind },
		resourcePlural: plural,
		metricNamePrefix: `kube_${singular}`,
		labelsFromPath: { namespace: ["metadata", "namespace"], name: ["metadata", "name"] },
		// What is not there yet is no error: without this, each object without a status is a line in its log at every change.
		errorLogV: 5,
		metrics: [
			info({
				name: "info",
				help: `${kind}: what it is, and its phase.`,
				path: [],
				labels: { uid: ["metadata", "uid"], phase: ["status", "phase"], ...told?.labels },
			}),
			...COMMON.map(gauge),
			...conditions,
			...(told?.figures ?? []).map(gauge),
			...(told?.entries ?? []).map(info),
		],
	};
};

export const customResourceStateMetrics = (rows: readonly Row[]) => ({
	kind: "CustomResourceStateMetrics",
	spec: { resources: rows.map(({ parent }) => resourceOf(parent)) },
});
