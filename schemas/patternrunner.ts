import { type Static, Type } from "@sinclair/typebox";
import { Autoscaling } from "./autoscaling.ts";
import {
	Choice,
	Conditions,
	checked,
	DelayedChildren,
	type Described,
	DNS_LABEL_PATTERN,
	Dns1035Label,
	ExternalAddress,
	FreeForm,
	type KindDescriptor,
	MapOf,
	MissingChildren,
	NAME_PATTERN,
	NAME_RULE,
	ObjectName,
	ObservedGeneration,
	OperatorStamp,
	Port,
	readyColumns,
	rules,
} from "./common.ts";
import { containerFields } from "./containers.ts";
import { Image, ImagePullSecrets, PodSecurity, Probe, ServingGracePeriod } from "./pods.ts";
import { PLACEMENT_RULE, PodPlacement, Resources, RunnerSpec } from "./scheduling.ts";
import { serviceFields, serviceRules } from "./services.ts";
import { GROUP, VERSION } from "./vocabulary.ts";

// ── Spec ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export const PatternName = (description: string) => Dns1035Label({ description, maxLength: 56 });

export const BackendConfigReference = Type.Object(
	{
		name: ObjectName({ description: "Name of the BackendConfig." }),
		namespace: Type.Optional(
			Type.String({
				description: "Namespace of the BackendConfig. Only the runner's own namespace is valid: omit it.",
				minLength: 1,
				maxLength: 63,
				pattern: DNS_LABEL_PATTERN,
			}),
		),
	},
	{ description: "The BackendConfig with the connection of the runner." },
);

/** The fields of a runner except the name of its pattern, which is `type` in a stack's entry. */
export const runnerFields = {
	backend: Type.String({
		description: "Name of the backend that the pattern runs on, such as memstore, redis, nats.",
		minLength: 1,
		maxLength: 63,
		pattern: NAME_PATTERN,
	}),
	image: Type.Optional(Image("Image of the runner. Default: the installation's <pattern>-runner.")),
	imagePullPolicy: Type.Optional(
		Choice(["Always", "IfNotPresent", "Never"], { description: "When the kubelet pulls the image." }),
	),
	imagePullSecrets: Type.Optional(ImagePullSecrets),
	replicas: Type.Integer({
		description: "Number of pods. No effect while autoscaling is enabled.",
		minimum: 0,
		maximum: 1000,
		default: 1,
		format: "int32",
	}),
	resources: Type.Optional(Resources("CPU and memory of the runner. runnerSpec.resources overrides it.")),
	runnerSpec: Type.Optional(RunnerSpec("Scheduling and resources of the runner's pods.")),
	placement: Type.Optional(PodPlacement()),
	podSecurity: PodSecurity,
	...containerFields,
	backendConfig: Type.Optional(BackendConfigReference),
	config: Type.Optional(
		MapOf(FreeForm({ description: "Any JSON value." }), {
			description:
				"Settings of the pattern. The runner gets them as the file /etc/prism/runner/config.json and as environment variables PRISM_CONFIG_<NAME>.",
			maxProperties: 128,
		}),
	),
	service: Type.Object(
		{
			type: Choice(["ClusterIP", "NodePort", "LoadBalancer", "None"], {
				description:
					"Type of the Service. None: the runner has no port for clients and no Service, and no probe unless probe.port is set.",
				default: "ClusterIP",
			}),
			port: Port({ description: "Port of the Service and of the runner.", default: 8080 }),
			...serviceFields,
		},
		{
			description: "The Service in front of the runner.",
			default: {},
			...checked("sourceRanges"),
			...rules(...serviceRules("NodePort", "LoadBalancer")),
		},
	),
	probe: Probe,
	autoscaling: Type.Optional(Autoscaling),
	terminationGracePeriodSeconds: ServingGracePeriod,
};

/** Tracing and metrics of a runner. A stack copies them from its own observability. */
const RunnerObservability = Type.Object(
	{
		tracingEndpoint: Type.Optional(
			Type.String({ description: "URL to send traces to.", minLength: 1, maxLength: 2048 }),
		),
		metricsPort: Type.Optional(Port({ description: "Port that serves Prometheus metrics." })),
	},
	{ description: "Tracing and metrics of the runner. A PrismStack sets it from its spec.observability." },
);

const Spec = Type.Object(
	{
		pattern: PatternName("The pattern that runs: keyvalue, pubsub, queue or another."),
		...runnerFields,
		observability: Type.Optional(RunnerObservability),
	},
	{ description: "The desired runner.", ...rules(PLACEMENT_RULE) },
);
export type PatternRunnerSpec = Static<typeof Spec>;

// ── Status ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const Count = (description: string) => Type.Integer({ description, minimum: 0, format: "int32" });

const Status = Type.Object(
	{
		observedGeneration: Type.Optional(ObservedGeneration),
		phase: Type.Optional(Type.String({ description: "Pending, Running, Degraded or Failed.", maxLength: 32 })),
		replicas: Type.Optional(Count("Observed pods.")),
		updatedReplicas: Type.Optional(Count("Pods that run the current specification.")),
		readyReplicas: Type.Optional(Count("Pods that pass their readiness probe.")),
		availableReplicas: Type.Optional(Count("Available pods, as the Deployment reports them.")),
		selector: Type.Optional(
			Type.String({ description: "Label selector of the pods, for the scale subresource.", maxLength: 1024 }),
		),
		endpoint: Type.Optional(Type.String({ description: "Address of the Service inside the cluster.", maxLength: 512 })),
		operator: Type.Optional(OperatorStamp),
		missing: Type.Optional(MissingChildren),
		delayed: Type.Optional(DelayedChildren),
		externalAddress: Type.Optional(ExternalAddress),
		conditions: Type.Optional(Conditions),
	},
	{ description: "Observed state of the runner." },
);
export type PatternRunnerStatus = Static<typeof Status>;

// ── Kind ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export const PatternRunner = {
	group: GROUP,
	version: VERSION,
	kind: "PatternRunner",
	plural: "patternrunners",
	singular: "patternrunner",
	shortNames: ["prun"],
	categories: ["prism"],
	description: "PatternRunner runs one Prism pattern on one backend: a Deployment, its Service and its configuration.",
	spec: Spec,
	status: Status,
	rules: [NAME_RULE],
	printerColumns: [
		{ name: "Pattern", type: "string", jsonPath: ".spec.pattern", description: "The pattern that runs." },
		{ name: "Backend", type: "string", jsonPath: ".spec.backend", description: "Backend of the pattern." },
		{ name: "Phase", type: "string", jsonPath: ".status.phase", description: "Pending, Running, Degraded or Failed." },
		{
			name: "Available",
			type: "integer",
			jsonPath: ".status.availableReplicas",
			description: "Available pods.",
		},
		{ name: "Replicas", type: "integer", jsonPath: ".status.replicas", description: "Observed pods." },
		...readyColumns("Whether the desired state was observed and is available."),
	],
	scale: {
		specReplicasPath: ".spec.replicas",
		statusReplicasPath: ".status.replicas",
		labelSelectorPath: ".status.selector",
	},
} as const satisfies KindDescriptor;
export type PatternRunner = Described<typeof PatternRunner>;
