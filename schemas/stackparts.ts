import { Type } from "@sinclair/typebox";
import { ConnectionSecret, ConnectionUrl, HealthCheck, Provider, Tls } from "./backendconfig.ts";
import { Choice, Dns1035Label, MapOf, Port, rules } from "./common.ts";
import { PatternName, runnerFields } from "./patternrunner.ts";
import { Resources, RunnerSpec } from "./placement.ts";
import { Image, PodSecurity } from "./pods.ts";

// What a PrismStack's spec is made of: proxies, admin control plane, patterns, backends, observability.

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

export const ProxySpec = Type.Object(
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

export const AdminSpec = Type.Object(
	{
		enabled: Type.Boolean({ description: "Whether the stack has an admin control plane.", default: false }),
		...componentFields("admin"),
		port: Port({ description: "Port of the admin control plane (gRPC).", default: 8981 }),
	},
	{ description: "The admin control plane.", default: {} },
);

export const Pattern = Type.Object(
	{
		name: Dns1035Label({ description: "Name of the PatternRunner, and of its Deployment and Service." }),
		type: PatternName("The pattern that runs: keyvalue, pubsub, queue or another."),
		...runnerFields,
	},
	{ description: "One pattern to run on one backend." },
);

export const Backend = Type.Object(
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

export const Observability = Type.Object(
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
