import { type Static, Type } from "@sinclair/typebox";
import {
	Choice,
	Conditions,
	type Described,
	FreeForm,
	type KindDescriptor,
	ListBy,
	MapOf,
	MissingChildren,
	NAME_RULE,
	ObservedGeneration,
	OperatorStamp,
	Port,
	readyColumns,
	rules,
	Timestamp,
} from "./common.ts";
import { Resources, RunnerSpec } from "./placement.ts";
import { ShardPlugin } from "./pluginrollout.ts";
import { Image, ImagePullSecrets, PodSecurity } from "./pods.ts";
import { Autoscaling, Capacity, Exposure, Plugin, Storage } from "./shardparts.ts";
import { AllowedNamespaces } from "./tenancy.ts";
import { GROUP, VERSION } from "./vocabulary.ts";

// ── Spec ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const LABEL_PATTERN = "^[a-zA-Z0-9]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?$";
const LabelText = (description: string) =>
	Type.String({ description, minLength: 1, maxLength: 63, pattern: LABEL_PATTERN });

export const DEFAULT_ADMIN_PORT = 8981;

const Spec = Type.Object(
	{
		product: Type.Optional(LabelText("Product that the shard serves; PrismNamespaces select shards by it.")),
		feature: Type.Optional(LabelText("Feature of the product; PrismNamespaces select shards by it.")),
		slaTier: Type.Optional(
			LabelText("Service level, such as p99_10ms; a name to select by, of which nothing is measured."),
		),
		backends: Type.Array(LabelText("Name of a backend."), {
			description: "Backends that the shard serves; a PrismNamespace is assigned only to one that serves its backend.",
			maxItems: 100,
			default: [],
			"x-kubernetes-list-type": "set",
		}),
		replicas: Type.Integer({
			description: "Number of pods. Without effect while autoscaling is on.",
			minimum: 0,
			maximum: 1000,
			default: 1,
			format: "int32",
		}),
		autoscaling: Type.Optional(Autoscaling),
		image: Type.Optional(Image("Image of the proxy. Default: the installation's prism-proxy.")),
		imagePullPolicy: Type.Optional(
			Choice(["Always", "IfNotPresent", "Never"], { description: "When the kubelet pulls the image." }),
		),
		imagePullSecrets: Type.Optional(ImagePullSecrets),
		resources: Type.Optional(Resources("CPU and memory of each proxy; runnerSpec.resources wins over it.")),
		runnerSpec: Type.Optional(RunnerSpec("Where and with which resources the pods are placed.")),
		podSecurity: PodSecurity,
		terminationGracePeriodSeconds: Type.Integer({
			description: "Seconds that a pod gets to finish its work when it is told to stop.",
			minimum: 0,
			maximum: 3600,
			default: 30,
			format: "int64",
		}),
		port: Port({ description: "Port on which each proxy serves clients (gRPC).", default: 8980 }),
		adminPort: Port({
			description: "Port on which each proxy serves its own admin API (gRPC).",
			default: DEFAULT_ADMIN_PORT,
		}),
		metricsPort: Port({ description: "Port on which each proxy serves Prometheus metrics.", default: 9090 }),
		plugins: Type.Optional(
			ListBy(Plugin, ["name"], { description: "Plugins that the proxies use to reach backends.", maxItems: 16 }),
		),
		config: Type.Optional(
			MapOf(FreeForm({ description: "Any JSON value." }), {
				description: "The proxies' own settings. They are in the file /etc/prism/config/config.json, under settings.",
				maxProperties: 128,
			}),
		),
		storage: Storage,
		exposure: Exposure,
		allowedNamespaces: AllowedNamespaces,
		weight: Type.Integer({
			description: "The shard's share of namespaces, relative to the shards that match as well as it does.",
			minimum: 0,
			maximum: 1_000_000,
			default: 100,
			format: "int32",
		}),
		accepting: Type.Boolean({
			description: "Whether new namespaces may be assigned to the shard. Off: those that it has stay.",
			default: true,
		}),
		draining: Type.Boolean({
			description: "Whether the namespaces that it has are to move to other shards.",
			default: false,
		}),
		capacity: Capacity,
	},
	{
		description: "The shard that is wanted.",
		...rules({
			rule: "self.port != self.adminPort && self.port != self.metricsPort && self.adminPort != self.metricsPort",
			message: "port, adminPort and metricsPort must differ: a proxy serves all three at once",
			fieldPath: ".port",
		}),
	},
);
export type PrismShardSpec = Static<typeof Spec>;

// ── Status ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const Count = (description: string) => Type.Integer({ description, minimum: 0, format: "int32" });

const AggregateMetrics = Type.Object(
	{
		totalRPS: Type.Number({ description: "Requests per second of all instances together.", minimum: 0 }),
		avgP99Latency: Type.Optional(
			Type.String({ description: "Average of the instances' 99th percentile of latency, such as 9ms.", maxLength: 32 }),
		),
	},
	{ description: "What the instances tell of themselves, in two significant digits." },
);

const Status = Type.Object(
	{
		observedGeneration: Type.Optional(ObservedGeneration),
		phase: Type.Optional(
			Type.String({ description: "Pending, Running, Degraded, Failed or Terminating.", maxLength: 32 }),
		),
		replicas: Type.Optional(Count("Pods that were observed.")),
		readyReplicas: Type.Optional(Count("Pods that pass their readiness probe.")),
		updatedReplicas: Type.Optional(Count("Pods that run the current specification.")),
		summary: Type.Optional(
			Type.String({ description: "Pods that are ready, of those that there should be: 4/5.", maxLength: 32 }),
		),
		selector: Type.Optional(
			Type.String({ description: "Label selector of the pods, for the scale subresource.", maxLength: 1024 }),
		),
		namespaces: Type.Optional(Count("Namespaces that the instances hold together; absent while none of them tells.")),
		aggregateMetrics: Type.Optional(AggregateMetrics),
		metricsUpdatedAt: Type.Optional(
			Timestamp({
				description: "When namespaces and aggregateMetrics last changed here; they do at most once a minute.",
			}),
		),
		full: Type.Optional(
			Type.Boolean({ description: "Whether capacity.maxNamespaces was reached, so that no new ones are taken." }),
		),
		doubtfulSince: Type.Optional(
			Timestamp({
				description:
					"Since when instances that are ready don't all answer, or don't all hold the same namespaces. Ready stays True for its first 30 s.",
			}),
		),
		endpoint: Type.Optional(Type.String({ description: "Address of the Service inside the cluster.", maxLength: 512 })),
		plugins: Type.Optional(
			ListBy(ShardPlugin, ["name"], { description: "The plugins, as they were observed.", maxItems: 16 }),
		),
		operator: Type.Optional(OperatorStamp),
		missing: Type.Optional(MissingChildren),
		conditions: Type.Optional(Conditions),
	},
	{ description: "What was observed of the shard." },
);
export type PrismShardStatus = Static<typeof Status>;

// ── Kind ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export const PrismShard = {
	group: GROUP,
	version: VERSION,
	kind: "PrismShard",
	plural: "prismshards",
	singular: "prismshard",
	shortNames: ["pshard"],
	categories: ["prism"],
	description:
		"PrismShard is a group of proxies with storage of their own, which serves the namespaces that are assigned to it.",
	spec: Spec,
	status: Status,
	rules: [
		NAME_RULE,
		{
			// Only of a new one, which has no status: one that is there keeps its name.
			rule: "has(self.status) || !self.metadata.name.matches('(^|-)(proxy|admin|headless)$')",
			message:
				"a shard can't be named proxy, admin or headless, nor end in one of these: its objects are named prism-<shard>, and might meet those of a PrismStack, such as prism-proxy, or of another shard",
		},
	],
	printerColumns: [
		{ name: "Replicas", type: "string", jsonPath: ".status.summary", description: "Pods, ready/desired." },
		{
			name: "Namespaces",
			type: "integer",
			jsonPath: ".status.namespaces",
			description: "Namespaces that the instances hold.",
		},
		{
			name: "RPS",
			type: "number",
			jsonPath: ".status.aggregateMetrics.totalRPS",
			description: "Requests per second of all instances together.",
		},
		{
			name: "P99",
			type: "string",
			jsonPath: ".status.aggregateMetrics.avgP99Latency",
			description: "Average of the instances' 99th percentile of latency.",
		},
		...readyColumns("Whether all pods are ready, answer, and hold the same namespaces."),
	],
	scale: {
		specReplicasPath: ".spec.replicas",
		statusReplicasPath: ".status.replicas",
		labelSelectorPath: ".status.selector",
	},
} as const satisfies KindDescriptor;
export type PrismShard = Described<typeof PrismShard>;
