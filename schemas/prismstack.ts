import { type Static, Type } from "@sinclair/typebox";
import { ConnectionSecret, ConnectionUrl, HealthCheck, Provider, Tls } from "./backendconfig.ts";
import {
	Choice,
	Conditions,
	type Described,
	Dns1035Label,
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
} from "./common.ts";
import { PatternName, runnerFields } from "./patternrunner.ts";
import { Affinity, Resources, RunnerSpec } from "./placement.ts";
import { Image, ImagePullSecrets, PodSecurity } from "./pods.ts";
import { AllowedNamespaces, StackNamespace } from "./tenancy.ts";
import { GROUP, VERSION } from "./vocabulary.ts";

// ── Spec ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const componentFields = (component: string) => ({
	image: Type.Optional(Image(`Image of the ${component}. Default: the installation's prism-${component}.`)),
	imagePullPolicy: Type.Optional(
		Choice(["Always", "IfNotPresent", "Never"], { description: "When the kubelet pulls the image." }),
	),
	replicas: Type.Integer({
		description: `Number of ${component} pods.`,
		minimum: 0,
		maximum: 1000,
		default: 1,
		format: "int32",
	}),
	resources: Type.Optional(Resources(`CPU and memory of the ${component}; runnerSpec.resources wins over it.`)),
	runnerSpec: Type.Optional(RunnerSpec(`Where and with which resources the ${component}'s pods are placed.`)),
	podSecurity: PodSecurity,
	terminationGracePeriodSeconds: Type.Integer({
		description: `Seconds that a ${component} pod gets to finish its work when it is told to stop.`,
		minimum: 0,
		maximum: 3600,
		default: 30,
		format: "int64",
	}),
});

const ProxySpec = Type.Object(
	{
		...componentFields("proxy"),
		port: Port({ description: "Port on which the proxy serves clients (gRPC).", default: 9090 }),
		adminPort: Port({ description: "Port on which each proxy serves its own admin API (gRPC).", default: 8981 }),
		service: Type.Object(
			{
				type: Choice(["ClusterIP", "NodePort", "LoadBalancer"], {
					description: "Type of the Service.",
					default: "ClusterIP",
				}),
				annotations: Type.Optional(
					MapOf(Type.String({ maxLength: 4096 }), {
						description: "Annotations of the Service, for load balancers that read them.",
						maxProperties: 32,
					}),
				),
			},
			{ description: "The Service in front of the proxies.", default: {} },
		),
	},
	{
		description: "The proxies: the data plane that clients talk to.",
		default: {},
		...rules({
			rule: "self.port != self.adminPort",
			message: "adminPort must differ from port: the proxy serves both at once",
			fieldPath: ".adminPort",
		}),
	},
);

const AdminSpec = Type.Object(
	{
		enabled: Type.Boolean({ description: "Whether the stack has an admin control plane.", default: false }),
		...componentFields("admin"),
		port: Port({ description: "Port of the admin control plane (gRPC).", default: 8981 }),
	},
	{ description: "The admin control plane.", default: {} },
);

const Pattern = Type.Object(
	{
		name: Dns1035Label({ description: "Name of the PatternRunner, and of its Deployment and Service." }),
		type: PatternName("The pattern that runs: keyvalue, pubsub, queue or another."),
		...runnerFields,
	},
	{ description: "One pattern to run on one backend." },
);

const Backend = Type.Object(
	{
		name: Dns1035Label({
			description: "Name by which patterns refer to the backend. Its BackendConfig is named <stack>-<name>.",
		}),
		type: Type.String({
			description: "What the backend is used as, in your own words: messaging, database, cache.",
			minLength: 1,
			maxLength: 63,
		}),
		provider: Type.Optional(Provider),
		connectionString: Type.Optional(
			ConnectionUrl("Address, such as nats://nats:4222. Credentials belong into a Secret, not here."),
		),
		secretRef: Type.Optional(ConnectionSecret),
		tls: Type.Optional(Tls),
		healthCheck: Type.Optional(HealthCheck),
	},
	{
		description: "One backend that patterns run on.",
		...rules({
			rule: "has(self.connectionString) || has(self.secretRef) || !((has(self.provider) ? self.provider : self.name) in ['redis', 'nats', 'postgres', 'kafka'])",
			message:
				"connectionString or secretRef is needed: only a provider without an address, such as memstore, does without both",
			fieldPath: ".connectionString",
			reason: "FieldValueRequired",
		}),
	},
);

const Observability = Type.Object(
	{
		enabled: Type.Boolean({
			description: "Whether tracing and metrics are on. Off: neither, whatever else is set here.",
			default: false,
		}),
		tracing: Type.Optional(
			Type.Object(
				{
					endpoint: Type.String({
						description: "URL that proxy, admin and runners send traces to.",
						minLength: 1,
						maxLength: 2048,
					}),
				},
				{ description: "Distributed tracing." },
			),
		),
		metrics: Type.Object(
			{
				port: Port({
					description:
						"Port that serves Prometheus metrics. Equal to a port that serves already: that one serves both.",
					default: 9091,
				}),
			},
			{ description: "Prometheus metrics.", default: {} },
		),
	},
	{ description: "Tracing and metrics of proxy, admin and runners.", default: {} },
);

const Spec = Type.Object(
	{
		proxy: ProxySpec,
		admin: AdminSpec,
		patterns: Type.Optional(
			ListBy(Pattern, ["name"], { description: "Patterns to run; one PatternRunner each.", maxItems: 100 }),
		),
		backends: Type.Optional(
			ListBy(Backend, ["name"], {
				description: "Backends that the patterns run on; one BackendConfig each.",
				maxItems: 100,
			}),
		),
		namespaces: Type.Optional(
			ListBy(StackNamespace, ["name"], {
				description: "Namespaces to provision on the proxies; one PrismNamespace each.",
				maxItems: 100,
			}),
		),
		observability: Observability,
		affinity: Type.Optional(Affinity("Affinity of the proxies, unless proxy.runnerSpec.affinity is set.")),
		imagePullSecrets: Type.Optional(ImagePullSecrets),
		allowedNamespaces: AllowedNamespaces,
	},
	{
		description: "The deployment that is wanted.",
		...rules({
			rule: "!self.observability.enabled || self.observability.metrics.port != self.proxy.adminPort",
			message: "observability.metrics.port must differ from proxy.adminPort: the admin API is not served by HTTP",
			fieldPath: ".observability.metrics.port",
		}),
	},
);
export type PrismStackSpec = Static<typeof Spec>;

// ── Status ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const Summary = (description: string) => Type.Optional(Type.String({ description, maxLength: 32 }));

const Component = (component: string) =>
	Type.Optional(
		Type.Object(
			{
				desired: Type.Integer({ description: "Pods that spec wants.", minimum: 0, format: "int32" }),
				ready: Type.Integer({
					description: "Pods that are ready and up to date.",
					minimum: 0,
					format: "int32",
				}),
				summary: Type.String({ description: "The two as ready/desired.", maxLength: 32 }),
			},
			{ description: `Pods of the ${component}.` },
		),
	);

const Part = (what: string) =>
	Type.Object(
		{
			name: Type.String({ description: `Name of the ${what}.`, maxLength: 253 }),
			ready: Type.Boolean({ description: "Whether it was observed ready, and up to date." }),
			phase: Type.String({ description: "Its phase, as observed.", maxLength: 32 }),
			reason: Type.Optional(Type.String({ description: "Why it is not ready.", maxLength: 1024 })),
		},
		{ description: `One ${what}.` },
	);

const Status = Type.Object(
	{
		observedGeneration: Type.Optional(ObservedGeneration),
		phase: Type.Optional(Type.String({ description: "Pending, Running, Degraded or Failed.", maxLength: 32 })),
		proxy: Component("proxy"),
		admin: Component("admin control plane"),
		patternsReady: Summary("PatternRunners, as ready/desired."),
		patterns: Type.Optional(
			ListBy(Part("PatternRunner"), ["name"], { description: "The PatternRunners.", maxItems: 100 }),
		),
		backendsReady: Summary("BackendConfigs, as ready/desired."),
		backends: Type.Optional(
			ListBy(Part("BackendConfig"), ["name"], { description: "The BackendConfigs.", maxItems: 100 }),
		),
		namespacesReady: Summary("PrismNamespaces, as ready/desired."),
		namespaces: Type.Optional(
			ListBy(Part("PrismNamespace"), ["name"], { description: "The PrismNamespaces.", maxItems: 100 }),
		),
		endpoints: Type.Optional(
			Type.Object(
				{
					proxy: Type.Optional(Type.String({ description: "Address that clients talk to.", maxLength: 512 })),
					admin: Type.Optional(Type.String({ description: "Address of the admin control plane.", maxLength: 512 })),
					metrics: Type.Optional(Type.String({ description: "Address of the proxies' metrics.", maxLength: 512 })),
				},
				{ description: "Addresses inside the cluster." },
			),
		),
		operator: Type.Optional(OperatorStamp),
		missing: Type.Optional(MissingChildren),
		conditions: Type.Optional(Conditions),
	},
	{ description: "What was observed of the deployment." },
);

// ── Kind ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export const PrismStack = {
	group: GROUP,
	version: VERSION,
	kind: "PrismStack",
	plural: "prismstacks",
	singular: "prismstack",
	shortNames: ["pstack"],
	categories: ["prism"],
	description:
		"PrismStack is a whole Prism deployment: proxies, admin control plane, patterns, backends and observability.",
	spec: Spec,
	status: Status,
	rules: [
		NAME_RULE,
		{
			// The names are made once, outside the loop: the cost of a rule is estimated as if metadata.name were endless.
			rule: "!has(self.spec.patterns) || !['-proxy', '-proxy-headless', '-admin'].map(c, self.metadata.name + c).exists(n, self.spec.patterns.exists(p, p.name == n))",
			message:
				"a pattern can't be named <stack>-proxy, <stack>-proxy-headless or <stack>-admin: the stack's own objects have these names",
		},
	],
	printerColumns: [
		{ name: "Phase", type: "string", jsonPath: ".status.phase", description: "Pending, Running, Degraded or Failed." },
		{ name: "Proxy", type: "string", jsonPath: ".status.proxy.summary", description: "Proxies, ready/desired." },
		{ name: "Admin", type: "string", jsonPath: ".status.admin.summary", description: "Admin pods, ready/desired." },
		{
			name: "Patterns",
			type: "string",
			jsonPath: ".status.patternsReady",
			description: "PatternRunners, ready/desired.",
		},
		{
			name: "Backends",
			type: "string",
			jsonPath: ".status.backendsReady",
			description: "BackendConfigs, ready/desired.",
		},
		{
			name: "Namespaces",
			type: "string",
			jsonPath: ".status.namespacesReady",
			description: "PrismNamespaces, ready/desired.",
			priority: 1,
		},
		...readyColumns("Whether all that spec wants was observed ready."),
	],
} as const satisfies KindDescriptor;
export type PrismStack = Described<typeof PrismStack>;
