import { type Static, Type } from "@sinclair/typebox";
import { Autoscaling } from "./autoscaling.ts";
import {
	Choice,
	Conditions,
	type Described,
	Dns1035Label,
	FreeForm,
	type KindDescriptor,
	MapOf,
	MissingChildren,
	NAME_RULE,
	ObjectName,
	ObservedGeneration,
	OperatorStamp,
	Port,
	readyColumns,
} from "./common.ts";
import { Resources, RunnerSpec } from "./placement.ts";
import { Image, ImagePullSecrets, PodSecurity, Probe } from "./pods.ts";
import { GROUP, VERSION } from "./vocabulary.ts";

// ── Spec ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export const PatternName = (description: string) => Dns1035Label({ description, maxLength: 56 });

export const BackendConfigReference = Type.Object(
	{
		name: ObjectName({ description: "Name of the BackendConfig." }),
		namespace: Type.Optional(
			Type.String({
				description: "Namespace of the BackendConfig. It must be the runner's own: leave it out.",
				minLength: 1,
				maxLength: 63,
			}),
		),
	},
	{ description: "The BackendConfig that tells the runner how to connect." },
);

/** Everything of a runner but the name of its pattern, which a stack's entry calls `type`. */
export const runnerFields = {
	backend: Type.String({
		description: "Name of the backend that the pattern runs on, such as memstore, redis, nats.",
		minLength: 1,
		maxLength: 63,
		pattern: "^[a-zA-Z0-9]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?$",
	}),
	image: Type.Optional(Image("Image of the runner. Default: the installation's <pattern>-runner.")),
	imagePullPolicy: Type.Optional(
		Choice(["Always", "IfNotPresent", "Never"], { description: "When the kubelet pulls the image." }),
	),
	imagePullSecrets: Type.Optional(ImagePullSecrets),
	replicas: Type.Integer({
		description: "Number of pods. Without effect while autoscaling is on.",
		minimum: 0,
		maximum: 1000,
		default: 1,
		format: "int32",
	}),
	resources: Type.Optional(Resources("CPU and memory of the runner; runnerSpec.resources wins over it.")),
	runnerSpec: Type.Optional(RunnerSpec("Where and with which resources the runner's pods are placed.")),
	podSecurity: PodSecurity,
	backendConfig: Type.Optional(BackendConfigReference),
	config: Type.Optional(
		MapOf(FreeForm({ description: "Any JSON value." }), {
			description:
				"The pattern's own settings. They reach the runner as the file /etc/prism/runner/config.json and as environment variables PRISM_CONFIG_<NAME>.",
			maxProperties: 128,
		}),
	),
	service: Type.Object(
		{
			type: Choice(["ClusterIP", "NodePort", "LoadBalancer"], {
				description: "Type of the Service.",
				default: "ClusterIP",
			}),
			port: Port({ description: "Port of the Service, on which the runner listens too.", default: 8080 }),
			annotations: Type.Optional(
				MapOf(Type.String({ maxLength: 4096 }), {
					description: "Annotations of the Service, for load balancers that read them.",
					maxProperties: 32,
				}),
			),
		},
		{ description: "The Service in front of the runner.", default: {} },
	),
	probe: Probe,
	autoscaling: Type.Optional(Autoscaling),
	terminationGracePeriodSeconds: Type.Integer({
		description: "Seconds that a pod gets to finish its work when it is told to stop.",
		minimum: 0,
		maximum: 3600,
		default: 30,
		format: "int64",
	}),
};

/** Tracing and metrics as they reach a runner; a stack sets it from its own observability. */
const RunnerObservability = Type.Object(
	{
		tracingEndpoint: Type.Optional(
			Type.String({ description: "URL that traces are sent to.", minLength: 1, maxLength: 2048 }),
		),
		metricsPort: Type.Optional(Port({ description: "Port that serves Prometheus metrics." })),
	},
	{ description: "Tracing and metrics of the runner. A PrismStack sets it from its own observability." },
);

const Spec = Type.Object(
	{
		pattern: PatternName("The pattern that runs: keyvalue, pubsub, queue or another."),
		...runnerFields,
		observability: Type.Optional(RunnerObservability),
	},
	{ description: "The runner that is wanted." },
);
export type PatternRunnerSpec = Static<typeof Spec>;

// ── Status ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const Count = (description: string) => Type.Integer({ description, minimum: 0, format: "int32" });

const Status = Type.Object(
	{
		observedGeneration: Type.Optional(ObservedGeneration),
		phase: Type.Optional(Type.String({ description: "Pending, Running, Degraded or Failed.", maxLength: 32 })),
		replicas: Type.Optional(Count("Pods that were observed.")),
		updatedReplicas: Type.Optional(Count("Pods that run the current specification.")),
		readyReplicas: Type.Optional(Count("Pods that pass their readiness probe.")),
		availableReplicas: Type.Optional(Count("Pods that have been ready for long enough to count.")),
		selector: Type.Optional(
			Type.String({ description: "Label selector of the pods, for the scale subresource.", maxLength: 1024 }),
		),
		endpoint: Type.Optional(Type.String({ description: "Address of the Service inside the cluster.", maxLength: 512 })),
		operator: Type.Optional(OperatorStamp),
		missing: Type.Optional(MissingChildren),
		conditions: Type.Optional(Conditions),
	},
	{ description: "What was observed of the runner." },
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
		{ name: "Backend", type: "string", jsonPath: ".spec.backend", description: "The backend that it runs on." },
		{ name: "Phase", type: "string", jsonPath: ".status.phase", description: "Pending, Running, Degraded or Failed." },
		{
			name: "Available",
			type: "integer",
			jsonPath: ".status.availableReplicas",
			description: "Pods that are available.",
		},
		{ name: "Replicas", type: "integer", jsonPath: ".status.replicas", description: "Pods that were observed." },
		...readyColumns("Whether all that spec wants is there and available."),
	],
	scale: {
		specReplicasPath: ".spec.replicas",
		statusReplicasPath: ".status.replicas",
		labelSelectorPath: ".status.selector",
	},
} as const satisfies KindDescriptor;
export type PatternRunner = Described<typeof PatternRunner>;
