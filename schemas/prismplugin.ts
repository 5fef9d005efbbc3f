import { type Static, Type } from "@sinclair/typebox";
import {
	Choice,
	Conditions,
	DelayedChildren,
	type Described,
	Duration,
	GRPC_SERVICE_PATTERN,
	type KindDescriptor,
	ListBy,
	MissingChildren,
	NAME_RULE,
	ObjectName,
	ObservedGeneration,
	OperatorStamp,
	onDurations,
	Port,
	readyColumns,
	rules,
} from "./common.ts";
import { containerFields } from "./containers.ts";
import { ImageText, PastRollout, PluginRollout, RolloutPart, VersionText } from "./pluginrollout.ts";
import { ImagePullSecrets, PodSecurity } from "./pods.ts";
import { Resources } from "./scheduling.ts";
import { GROUP, VERSION } from "./vocabulary.ts";

// ── Spec ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const Source = Type.Object(
	{
		registry: Type.Optional(
			Type.String({
				description:
					"Registry and path of the image, without a trailing slash. Default: plugins, in the registry of the installation.",
				minLength: 1,
				maxLength: 200,
				pattern: "^[a-zA-Z0-9]([-.a-zA-Z0-9]*[a-zA-Z0-9])?(:[0-9]+)?(/[a-z0-9]([-._a-z0-9]*[a-z0-9])?)*$",
			}),
		),
		image: Type.Optional(
			Type.String({
				description: "Name of the image, optionally with a tag. Default tag: version. Default name: <name>-plugin.",
				minLength: 1,
				maxLength: 180,
				pattern: "^[a-z0-9]([-._/a-z0-9]*[a-z0-9])?(:[a-zA-Z0-9_][-.a-zA-Z0-9_]{0,127})?(@sha256:[a-f0-9]+)?$",
			}),
		),
		pullPolicy: Type.Optional(
			Choice(["Always", "IfNotPresent", "Never"], { description: "When the kubelet pulls the image." }),
		),
		pullSecrets: Type.Optional(ImagePullSecrets),
	},
	{ description: "Image of the plugin.", default: {} },
);

const Deployment = Type.Object(
	{
		type: Choice(["sidecar", "in-process", "remote"], {
			description:
				"sidecar: a container in each pod of a shard. in-process: a library that a shard's pods load. remote: a separate Deployment and Service.",
			default: "sidecar",
		}),
		resources: Type.Optional(Resources("CPU and memory of each container of the plugin.")),
		replicas: Type.Optional(
			Type.Integer({
				description: "Number of pods, for type remote. Default: 2.",
				minimum: 0,
				maximum: 1000,
				format: "int32",
			}),
		),
		...containerFields,
		podSecurity: Type.Optional(
			Type.Object(PodSecurity.properties, {
				description: "Relaxes the hardened pod defaults, for type remote.",
			}),
		),
	},
	{
		description: "How shards run the plugin, unless a shard has its own setting.",
		default: {},
		...rules(
			{
				rule: "self.type == 'remote' || !has(self.replicas) && !has(self.podSecurity)",
				message:
					"replicas and podSecurity are for type remote only: a plugin of another type runs in the pods of the shards",
			},
			{
				rule: "self.type != 'in-process' || !has(self.args) && !has(self.env) && !has(self.volumes) && !has(self.volumeMounts)",
				message:
					"args, env, volumes and volumeMounts are for types sidecar and remote: a plugin in-process has no process of its own; set them on the shards",
			},
		),
	},
);

const HealthCheck = Type.Object(
	{
		grpc: Type.Object(
			{
				port: Port({
					description: "Port of the plugin, which also serves its gRPC health service.",
					default: 50100,
				}),
				service: Type.Optional(
					Type.String({
						description: "Service name for the gRPC health check. Default: the whole server.",
						minLength: 1,
						maxLength: 253,
						pattern: GRPC_SERVICE_PATTERN,
					}),
				),
			},
			{ description: "The gRPC health service to check.", default: {} },
		),
		interval: Duration({ description: "Time between two checks, in whole seconds, such as 30s.", default: "30s" }),
		timeout: Duration({ description: "Time after which a check has failed, such as 5s.", default: "5s" }),
	},
	{
		description: "Health check of the plugin by the kubelet.",
		default: {},
		...rules(
			{
				rule: onDurations("duration(self.interval) >= duration('1s') && duration(self.interval) <= duration('1h')"),
				message: "interval must be between 1s and 1h",
				fieldPath: ".interval",
			},
			{
				rule: onDurations(
					"duration(self.timeout) > duration('0s') && duration(self.timeout) <= duration(self.interval)",
				),
				message: "timeout must be above 0s and at most interval: raise interval or lower timeout",
				fieldPath: ".timeout",
			},
		),
	},
);

const Seconds = (description: string, minimum: number, byDefault: number) =>
	Type.Integer({ description, minimum, maximum: 86_400, default: byDefault, format: "int32" });

const Rollout = Type.Object(
	{
		maxUnavailableShards: Type.Integer({
			description: "Maximum number of shards that roll out at the same time, after the first shard has succeeded.",
			minimum: 1,
			maximum: 1000,
			default: 1,
			format: "int32",
		}),
		canary: Type.Optional(
			ObjectName({
				description: "Shard that rolls out first, alone. Default: the first by name that follows the plugin.",
			}),
		),
		bakeSeconds: Seconds(
			"Seconds for which a shard must stay ready at the new version before the next shard starts.",
			0,
			60,
		),
		deadlineSeconds: Seconds("Seconds within which a shard must become ready at its desired version.", 1, 600),
		graceSeconds: Seconds(
			"Seconds for which a shard may be unready during bakeSeconds before it counts as failed.",
			0,
			30,
		),
	},
	{ description: "How a new version or image rolls out over the shards.", default: {} },
);

const Spec = Type.Object(
	{
		version: Type.String({
			description: "Desired version. Shards with a fixed version keep that version.",
			minLength: 1,
			maxLength: 128,
			pattern: "^[a-zA-Z0-9_][-.a-zA-Z0-9_]*$",
		}),
		source: Source,
		deployment: Deployment,
		healthCheck: HealthCheck,
		rollout: Rollout,
	},
	{ description: "The desired plugin." },
);
export type PrismPluginSpec = Static<typeof Spec>;

// ── Status ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The most shards of one namespace that a plugin can have. */
export const MOST_SHARDS = 1000;
export const KEPT_ROLLOUTS = 3;

const ShardNames = (description: string) =>
	Type.Array(Type.String({ maxLength: 253 }), { description, maxItems: MOST_SHARDS });

const Status = Type.Object(
	{
		observedGeneration: Type.Optional(ObservedGeneration),
		phase: Type.Optional(
			Type.String({
				description: "Idle, Pending, RollingOut, Running, Degraded, RollingBack, RolledBack, Failed or Deleting.",
				maxLength: 32,
			}),
		),
		installed: Type.Optional(
			Type.Boolean({
				description: "Whether every shard that follows the plugin runs a version of the plugin and is ready.",
			}),
		),
		version: Type.Optional(
			VersionText("Version that all shards that follow the plugin run. Absent while their versions differ."),
		),
		lastGoodVersion: Type.Optional(
			VersionText("Version of the last complete rollout. The operator rolls failed shards back to this version."),
		),
		lastGoodImage: Type.Optional(ImageText("Image of that version.")),
		shards: Type.Optional(ShardNames("Names of the shards that follow the plugin.")),
		pinnedShards: Type.Optional(ShardNames("Names of the shards with a fixed version. Rollouts skip these shards.")),
		updatedShards: Type.Optional(
			Type.String({
				description: "Ready shards at spec.version, of all shards that follow the plugin, such as 2/3.",
				maxLength: 16,
			}),
		),
		namespacesUsing: Type.Optional(
			Type.Integer({
				description: "Number of namespaces on the shards that use the plugin. Absent while a shard has not reported.",
				minimum: 0,
				format: "int32",
			}),
		),
		rollout: Type.Optional(PluginRollout),
		shardStates: Type.Optional(
			ListBy(RolloutPart, ["name"], {
				description: "Desired version of each shard that follows the plugin. A shard reads only its own entry.",
				maxItems: MOST_SHARDS,
			}),
		),
		remote: Type.Optional(
			Type.Object(RolloutPart.properties, {
				description: "For type remote: desired version and state of the Deployment, with the fields of shardStates.",
			}),
		),
		history: Type.Optional(
			Type.Array(PastRollout, { description: "Finished rollouts, newest first.", maxItems: KEPT_ROLLOUTS }),
		),
		operator: Type.Optional(OperatorStamp),
		missing: Type.Optional(MissingChildren),
		delayed: Type.Optional(DelayedChildren),
		conditions: Type.Optional(Conditions),
	},
	{ description: "Observed state of the plugin and of its rollout." },
);
export type PrismPluginStatus = Static<typeof Status>;

// ── Kind ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export const PrismPlugin = {
	group: GROUP,
	version: VERSION,
	kind: "PrismPlugin",
	plural: "prismplugins",
	singular: "prismplugin",
	shortNames: ["pplug"],
	categories: ["prism"],
	description:
		"PrismPlugin is a backend plugin that PrismShards run. The operator rolls out a new version shard by shard, and rolls back a shard that fails.",
	spec: Spec,
	status: Status,
	rules: [NAME_RULE],
	printerColumns: [
		{ name: "Version", type: "string", jsonPath: ".spec.version", description: "The desired version." },
		{ name: "Type", type: "string", jsonPath: ".spec.deployment.type", description: "How shards run the plugin." },
		{
			name: "Shards",
			type: "string",
			jsonPath: ".status.updatedShards",
			description: "Shards that follow the plugin: ready/all.",
		},
		{
			name: "Last good",
			type: "string",
			jsonPath: ".status.lastGoodVersion",
			description: "Version of the last complete rollout.",
		},
		...readyColumns("Whether every shard that follows the plugin runs the desired version and is ready."),
	],
} as const satisfies KindDescriptor;
export type PrismPlugin = Described<typeof PrismPlugin>;
