import { type Static, Type } from "@sinclair/typebox";
import { ShardAutoscaling } from "./autoscaling.ts";
import {
	Choice,
	Conditions,
	DelayedChildren,
	type Described,
	ExternalAddress,
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
	Word,
} from "./common.ts";
import { containerFields } from "./containers.ts";
import { DOUBTS } from "./findings/prismshard.ts";
import { NetworkPolicySpec } from "./networkpolicy.ts";
import { ShardPlugin } from "./pluginrollout.ts";
import { Image, ImagePullSecrets, LaterProbe, PodSecurity, ServingGracePeriod } from "./pods.ts";
import { Resources, RunnerSpec } from "./scheduling.ts";
import { Capacity, Exposure, Plugin, Storage } from "./shardparts.ts";
import { AllowedNamespaces } from "./tenancy.ts";
import { GROUP, VERSION } from "./vocabulary.ts";

// ── Spec ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const LABEL_PATTERN = "^[a-zA-Z0-9]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?$";
const LabelText = (description: string) =>
	Type.String({ description, minLength: 1, maxLength: 63, pattern: LABEL_PATTERN });

export const DEFAULT_ADMIN_PORT = 8981;

const Spec = Type.Object(
	{
		product: Type.Optional(LabelText("Product that the shard serves. PrismNamespaces select shards by product.")),
		feature: Type.Optional(LabelText("Feature of the product. PrismNamespaces select shards by feature.")),
		slaTier: Type.Optional(
			LabelText(
				"Service level, such as p99_10ms. PrismNamespaces select shards by service level. The operator does not measure the service level.",
			),
		),
		backends: Type.Array(LabelText("Name of a backend."), {
			description:
				"Backends that the shard serves. A PrismNamespace is assigned only to a shard that serves its backend.",
			maxItems: 100,
			default: [],
			"x-kubernetes-list-type": "set",
		}),
		replicas: Type.Integer({
			description: "Number of pods. No effect while autoscaling is enabled.",
			minimum: 0,
			maximum: 1000,
			default: 1,
			format: "int32",
		}),
		autoscaling: Type.Optional(ShardAutoscaling),
		image: Type.Optional(Image("Image of the proxy. Default: the installation's prism-proxy.")),
		imagePullPolicy: Type.Optional(
			Choice(["Always", "IfNotPresent", "Never"], { description: "When the kubelet pulls the image." }),
		),
		imagePullSecrets: Type.Optional(ImagePullSecrets),
		resources: Type.Optional(Resources("CPU and memory of each proxy. runnerSpec.resources overrides it.")),
		runnerSpec: Type.Optional(RunnerSpec("Scheduling and resources of the pods.")),
		podSecurity: PodSecurity,
		...containerFields,
		probe: LaterProbe,
		terminationGracePeriodSeconds: ServingGracePeriod,
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
		networkPolicy: Type.Optional(NetworkPolicySpec),
		weight: Type.Integer({
			description: "Share of new namespaces, relative to other matching shards.",
			minimum: 0,
			maximum: 1_000_000,
			default: 100,
			format: "int32",
		}),
		accepting: Type.Boolean({
			description: "Whether new namespaces may be assigned to the shard. If false, existing namespaces stay.",
			default: true,
		}),
		draining: Type.Boolean({
			description: "Whether the namespaces of the shard move to other shards.",
			default: false,
		}),
		capacity: Capacity,
	},
	{
		description: "The desired shard.",
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
		totalRPS: Type.Number({ description: "Requests per second of all instances.", minimum: 0 }),
		avgP99Latency: Type.Optional(
			Type.String({ description: "Average of the instances' 99th percentile of latency, such as 9ms.", maxLength: 32 }),
		),
	},
	{ description: "Metrics that the instances report, in two significant digits." },
);

const Status = Type.Object(
	{
		observedGeneration: Type.Optional(ObservedGeneration),
		phase: Type.Optional(
			Type.String({ description: "Pending, Running, Degraded, Failed or Terminating.", maxLength: 32 }),
		),
		replicas: Type.Optional(Count("Observed pods.")),
		readyReplicas: Type.Optional(Count("Pods that pass their readiness probe.")),
		updatedReplicas: Type.Optional(Count("Pods that run the current specification.")),
		summary: Type.Optional(Type.String({ description: "Ready and desired pods, such as 4/5.", maxLength: 32 })),
		selector: Type.Optional(
			Type.String({ description: "Label selector of the pods, for the scale subresource.", maxLength: 1024 }),
		),
		namespaces: Type.Optional(Count("Namespaces on all instances together; absent while no instance reports them.")),
		aggregateMetrics: Type.Optional(AggregateMetrics),
		metricsUpdatedAt: Type.Optional(
			Timestamp({
				description: "When namespaces and aggregateMetrics last changed: at most once per minute.",
			}),
		),
		full: Type.Optional(
			Type.Boolean({
				description: "Whether capacity.maxNamespaces is reached. The shard then accepts no new namespaces.",
			}),
		),
		doubtfulSince: Type.Optional(
			Timestamp({
				description:
					"Since when some ready instances do not answer, or have different namespaces. Ready stays True for 30 s.",
			}),
		),
		doubtfulInstances: Type.Optional(
			ListBy(
				Type.Object(
					{
						name: Type.String({ description: "Name of the pod.", maxLength: 253 }),
						cause: Word(DOUBTS, "Problem of the instance."),
					},
					{ description: "One instance with a problem." },
				),
				["name"],
				{
					description: "Instances that make Ready False because they do not answer or lack namespaces. At most 16.",
					maxItems: 16,
				},
			),
		),
		endpoint: Type.Optional(Type.String({ description: "Address of the Service inside the cluster.", maxLength: 512 })),
		plugins: Type.Optional(ListBy(ShardPlugin, ["name"], { description: "Observed plugins.", maxItems: 16 })),
		operator: Type.Optional(OperatorStamp),
		missing: Type.Optional(MissingChildren),
		delayed: Type.Optional(DelayedChildren),
		externalAddress: Type.Optional(ExternalAddress),
		conditions: Type.Optional(Conditions),
	},
	{ description: "Observed state of the shard." },
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
		"PrismShard is a group of proxies with their own storage. It serves the namespaces that are assigned to it.",
	spec: Spec,
	status: Status,
	rules: [
		NAME_RULE,
		{
			// Only for new objects, which have no status: existing objects keep their names.
			rule: "has(self.status) || !self.metadata.name.matches('(^|-)(proxy|admin|headless)$')",
			message:
				"A shard's name can't be, or end in, proxy, admin or headless: its objects might get names that others use, such as prism-proxy",
		},
	],
	printerColumns: [
		{ name: "Replicas", type: "string", jsonPath: ".status.summary", description: "Pods, ready/desired." },
		{
			name: "Namespaces",
			type: "integer",
			jsonPath: ".status.namespaces",
			description: "Number of namespaces.",
		},
		{
			name: "RPS",
			type: "number",
			jsonPath: ".status.aggregateMetrics.totalRPS",
			description: "Requests per second of all instances.",
		},
		{
			name: "P99",
			type: "string",
			jsonPath: ".status.aggregateMetrics.avgP99Latency",
			description: "Average of the instances' 99th percentile of latency.",
		},
		...readyColumns("Whether all pods are ready, answer, and have the same namespaces."),
	],
	scale: {
		specReplicasPath: ".spec.replicas",
		statusReplicasPath: ".status.replicas",
		labelSelectorPath: ".status.selector",
	},
} as const satisfies KindDescriptor;
export type PrismShard = Described<typeof PrismShard>;
