import type { Row } from "../../kube/hook.ts";
import type { KindDescriptor } from "../../schemas/common.ts";

// What kube-state-metrics makes of Prism objects: its CustomResourceStateMetrics. Metrics are named by kind, such as
// kube_prismshard_status_condition, because a metric's name belongs to one kind in OpenMetrics.
//
// A gauge's path leads to a number, not to the object around it: of an object, kube-state-metrics makes a sample for each
// of its fields in which it finds something of that name.

/** Names of fields, with dots between them. */
type Path = string;

/** Fields that are a number, true or false, or a time, by the metric's name. */
type Figures = Readonly<Record<string, readonly [path: Path, help: string]>>;

/** A list whose entries are words. */
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
	readonly figures: Figures;
	readonly entries?: readonly Entries[];
}

/** By kind. A kind that is not here has only what all have. */
export const TOLD: Readonly<Record<string, Told>> = {
	PrismStack: {
		labels: {},
		figures: {
			status_proxy_replicas_desired: ["status.proxy.desired", "Proxies that the spec wants."],
			status_proxy_replicas_ready: ["status.proxy.ready", "Proxies that are ready."],
			status_admin_replicas_desired: ["status.admin.desired", "Pods of the admin control plane that the spec wants."],
			status_admin_replicas_ready: ["status.admin.ready", "Pods of the admin control plane that are ready."],
		},
	},
	PatternRunner: {
		labels: { pattern: "spec.pattern", backend: "spec.backend" },
		figures: {
			spec_replicas: ["spec.replicas", "Replicas that the spec wants; of autoscaled ones, none."],
			status_replicas: ["status.replicas", "Replicas that there are."],
			status_replicas_updated: ["status.updatedReplicas", "Replicas that are up to date."],
			status_replicas_ready: ["status.readyReplicas", "Replicas that are ready."],
			status_replicas_available: ["status.availableReplicas", "Replicas that have been ready for minReadySeconds."],
		},
	},
	BackendConfig: {
		labels: { type: "spec.type", provider: "status.binding.provider" },
		figures: {
			status_healthy: ["status.healthy", "Whether the backend answered the last check; of unchecked ones, none."],
			status_last_checked_time: ["status.lastChecked", "When the verdict was reported last, in seconds since 1970."],
		},
	},
	PrismNamespace: {
		labels: {
			backend: "spec.backend",
			shard: "status.shard",
			namespace_id: "status.namespaceId",
		},
		figures: {
			status_provisioned_time: ["status.provisionedAt", "When all instances had it first, in seconds since 1970."],
			status_expiry_time: ["status.expiresAt", "When it expires, in seconds since 1970; without a ttl, none."],
			status_keys: ["status.metrics.currentKeys", "Keys that it holds."],
			status_connections: ["status.metrics.currentConnections", "Connections to it."],
			status_requests_per_second: ["status.metrics.requestRate", "Requests per second."],
		},
		entries: [
			{
				name: "status_placement_info",
				help: "Places that it has or leaves: the shard or proxies, and what is done there.",
				path: "status.placements",
				labels: { roster: "roster", roster_namespace: "namespace", state: "state" },
			},
		],
	},
	PrismShard: {
		labels: { product: "spec.product", feature: "spec.feature", sla_tier: "spec.slaTier" },
		figures: {
			spec_replicas: ["spec.replicas", "Proxies that the spec wants; of autoscaled shards, none."],
			spec_accepting: ["spec.accepting", "Whether it accepts new namespaces."],
			spec_draining: ["spec.draining", "Whether its namespaces are to move away."],
			status_replicas: ["status.replicas", "Proxies that there are."],
			status_replicas_ready: ["status.readyReplicas", "Proxies that are ready."],
			status_replicas_updated: ["status.updatedReplicas", "Proxies that are up to date."],
			status_namespaces: ["status.namespaces", "Namespaces that its proxies hold."],
			status_full: ["status.full", "Whether it has no room for further namespaces."],
			status_requests_per_second: ["status.aggregateMetrics.totalRPS", "Requests per second of all its proxies."],
		},
		entries: [
			{
				name: "status_plugin_info",
				help: "Plugins that it runs, and in which version.",
				path: "status.plugins",
				labels: { plugin: "name", version: "version", pinned: "pinned" },
			},
		],
	},
	PrismPlugin: {
		labels: {
			version: "spec.version",
			last_good_version: "status.lastGoodVersion",
			deployment: "spec.deployment.type",
			rollout: "status.rollout.phase",
		},
		figures: {
			status_namespaces: ["status.namespacesUsing", "Namespaces that use it."],
			status_rollout_started_time: ["status.rollout.startedAt", "When the last rollout began, in seconds since 1970."],
		},
		entries: [
			{
				name: "status_shard_info",
				help: "Shards that run it: in which version, and how far the rollout is there.",
				path: "status.shardStates",
				labels: { shard: "name", version: "version", state: "state" },
			},
		],
	},
};

const COMMON: Figures = {
	created: ["metadata.creationTimestamp", "When it was created, in seconds since 1970."],
	deletion_timestamp: ["metadata.deletionTimestamp", "When its deletion was asked for, in seconds since 1970."],
	metadata_generation: ["metadata.generation", "How often its spec was changed, its creation included."],
	status_observed_generation: [
		"status.observedGeneration",
		"The generation that its status is of; smaller than the other while a change is not reconciled.",
	],
};

const pathOf = (path: Path): string[] => (path === "" ? [] : path.split("."));
const pathsOf = (labels: Readonly<Record<string, Path>>) =>
	Object.fromEntries(Object.entries(labels).map(([label, path]) => [label, pathOf(path)]));

const gauge = (name: string, path: Path, help: string, more = {}) => ({
	name,
	help,
	each: { type: "Gauge", gauge: { path: pathOf(path), ...more } },
});

const gauges = (figures: Figures) => Object.entries(figures).map(([name, [path, help]]) => gauge(name, path, help));

const info = ({ name, help, path, labels }: Entries) => ({
	name,
	help,
	each: { type: "Info", info: { ...(path !== "" && { path: pathOf(path) }), labelsFromPath: pathsOf(labels) } },
});

const conditions = [
	gauge(
		"status_condition",
		"status.conditions",
		"Its conditions: 1 if True, otherwise 0; status and reason are labels.",
		{ labelsFromPath: pathsOf({ type: "type", status: "status", reason: "reason" }), valueFrom: ["status"] },
	),
	gauge(
		"status_condition_last_transition_time",
		"status.conditions",
		"When the status of a condition changed last, in seconds since 1970.",
		{ labelsFromPath: pathsOf({ type: "type", status: "status" }), valueFrom: ["lastTransitionTime"] },
	),
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
				path: "",
				labels: { uid: "metadata.uid", phase: "status.phase", ...told?.labels },
			}),
			...gauges(COMMON),
			...conditions,
			...gauges(told?.figures ?? {}),
			...(told?.entries ?? []).map(info),
		],
	};
};

export const customResourceStateMetrics = (rows: readonly Row[]) => ({
	kind: "CustomResourceStateMetrics",
	spec: { resources: rows.map(({ parent }) => resourceOf(parent)) },
});
