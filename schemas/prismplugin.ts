import { type Static, Type } from "@sinclair/typebox";
import {
	Choice,
	Conditions,
	type Described,
	Duration,
	type KindDescriptor,
	ListBy,
	MissingChildren,
	NAME_RULE,
	ObjectName,
	ObservedGeneration,
	OperatorStamp,
	Port,
	readyColumns,
	rules,
} from "./common.ts";
import { Resources } from "./placement.ts";
import { ImageText, PastRollout, PluginRollout, RolloutPart, VersionText } from "./pluginrollout.ts";
import { ImagePullSecrets, PodSecurity } from "./pods.ts";
import { GROUP, VERSION } from "./vocabulary.ts";

// ── Spec ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const Source = Type.Object(
	{
		registry: Type.Optional(
			Type.String({
				description:
					"Registry and path that the image is in, without a trailing slash. Default: plugins, in the installation's registry.",
				minLength: 1,
				maxLength: 200,
				pattern: "^[a-zA-Z0-9]([-.a-zA-Z0-9]*[a-zA-Z0-9])?(:[0-9]+)?(/[a-z0-9]([-._a-z0-9]*[a-z0-9])?)*$",
			}),
		),
		image: Type.Optional(
			Type.String({
				description:
					"Name of the image, with or without a tag; without one, version is the tag. Default: <name>-plugin.",
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
	{ description: "Where the plugin's image comes from.", default: {} },
);

const Deployment = Type.Object(
	{
		type: Choice(["sidecar", "in-process", "remote"], {
			description:
				"sidecar: a container in each pod of a shard. in-process: a library that a shard's pods load. remote: a Deployment and a Service of the plugin's own.",
			default: "sidecar",
		}),
		resources: Type.Optional(Resources("CPU and memory of each of the plugin's containers.")),
		replicas: Type.Optional(
			Type.Integer({
				description: "Number of pods of the remote form. Default: 2.",
				minimum: 0,
				maximum: 1000,
				format: "int32",
			}),
		),
		podSecurity: Type.Optional(
			Type.Object(PodSecurity.properties, {
				description: "Relaxes the hardened defaults of the remote form's pods for an image that needs it.",
			}),
		),
	},
	{
		description: "How shards run the plugin, unless a shard says otherwise.",
		default: {},
		...rules({
			rule: "self.type == 'remote' || !has(self.replicas) && !has(self.podSecurity)",
			message:
				"replicas and podSecurity are for type remote only: a plugin of another type runs in the pods of the shards",
		}),
	},
);

const HealthCheck = Type.Object(
	{
		grpc: Type.Object(
			{
				port: Port({
					description: "Port on which the plugin serves, its gRPC health service included.",
					default: 50100,
				}),
				service: Type.Optional(
					Type.String({
						description: "Service name to ask the gRPC health service about. Left out: the server as a whole.",
						minLength: 1,
						maxLength: 253,
					}),
				),
			},
			{ description: "The gRPC health service that is asked.", default: {} },
		),
		interval: Duration({ description: "Time between two checks, in whole seconds, such as 30s.", default: "30s" }),
		timeout: Duration({ description: "Time after which a check has failed, such as 5s.", default: "5s" }),
	},
	{
		description: "How the kubelet finds out whether the plugin serves.",
		default: {},
		...rules(
			{
				rule: "duration(self.interval) >= duration('1s') && duration(self.interval) <= duration('1h')",
				message: "interval must lie between 1s and 1h",
				fieldPath: ".interval",
			},
			{
				rule: "duration(self.timeout) > duration('0s') && duration(self.timeout) <= duration(self.interval)",
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
			description: "Shards that may be on their way to another version at once, after the first one made it.",
			minimum: 1,
			maximum: 1000,
			default: 1,
			format: "int32",
		}),
		canary: Type.Optional(
			ObjectName({ description: "Shard that goes first, alone. Default: the first by name that follows the plugin." }),
		),
		bakeSeconds: Seconds(
			"Seconds for which a shard must stay ready at the new version before the next one goes.",
			0,
			60,
		),
		deadlineSeconds: Seconds("Seconds within which a shard must become ready at the version it is told.", 1, 600),
		graceSeconds: Seconds("Seconds for which a shard may be unready while it is watched, before it has failed.", 0, 30),
	},
	{ description: "How a change of version or image goes from shard to shard.", default: {} },
);

const Spec = Type.Object(
	{
		version: Type.String({
			description: "Version that the shards are to run; shards that name one themselves keep theirs.",
			minLength: 1,
			maxLength: 128,
			pattern: "^[a-zA-Z0-9_][-.a-zA-Z0-9_]*$",
		}),
		source: Source,
		deployment: Deployment,
		healthCheck: HealthCheck,
		rollout: Rollout,
	},
	{ description: "The plugin that is wanted." },
);
export type PrismPluginSpec = Static<typeof Spec>;

// ── Status ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Shards of one namespace that one plugin can look after. */
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
			Type.Boolean({ description: "Whether some version of it runs, ready, everywhere where it is followed." }),
		),
		version: Type.Optional(
			VersionText("Version that was observed everywhere where it is followed; absent while they differ."),
		),
		lastGoodVersion: Type.Optional(
			VersionText("Version of the last complete rollout: what a failing shard goes back to."),
		),
		lastGoodImage: Type.Optional(ImageText("Image of that version.")),
		shards: Type.Optional(ShardNames("Shards that follow the plugin's version, by name.")),
		pinnedShards: Type.Optional(ShardNames("Shards that name a version of their own, by name; they are left alone.")),
		updatedShards: Type.Optional(
			Type.String({ description: "How many of the shards were observed ready at spec.version: 2/3.", maxLength: 16 }),
		),
		namespacesUsing: Type.Optional(
			Type.Integer({
				description: "Namespaces on the shards that use the plugin; absent while a shard has not told.",
				minimum: 0,
				format: "int32",
			}),
		),
		rollout: Type.Optional(PluginRollout),
		shardStates: Type.Optional(
			ListBy(RolloutPart, ["name"], {
				description: "What each shard that follows the plugin is to run. A shard acts on its own entry only.",
				maxItems: MOST_SHARDS,
			}),
		),
		remote: Type.Optional(
			Type.Object(RolloutPart.properties, { description: "The same of the Deployment of the remote form." }),
		),
		history: Type.Optional(
			Type.Array(PastRollout, { description: "The last rollouts that ended, newest first.", maxItems: KEPT_ROLLOUTS }),
		),
		operator: Type.Optional(OperatorStamp),
		missing: Type.Optional(MissingChildren),
		conditions: Type.Optional(Conditions),
	},
	{ description: "What was observed of the plugin, and how far its rollout is." },
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
		"PrismPlugin is a backend plugin that PrismShards run. A change of its version goes from shard to shard, and back by itself when it fails.",
	spec: Spec,
	status: Status,
	rules: [NAME_RULE],
	printerColumns: [
		{ name: "Version", type: "string", jsonPath: ".spec.version", description: "The version that is wanted." },
		{ name: "Type", type: "string", jsonPath: ".spec.deployment.type", description: "How shards run it." },
		{
			name: "Shards",
			type: "string",
			jsonPath: ".status.updatedShards",
			description: "Shards that follow it, and how many of them are ready at that version.",
		},
		{
			name: "Last good",
			type: "string",
			jsonPath: ".status.lastGoodVersion",
			description: "The version of the last complete rollout.",
		},
		...readyColumns("Whether every shard that follows it runs the wanted version, ready."),
	],
} as const satisfies KindDescriptor;
export type PrismPlugin = Described<typeof PrismPlugin>;
