import { Type } from "@sinclair/typebox";
import { Autoscaling } from "./autoscaling.ts";
import { ConnectionSecret, ConnectionUrl, HealthCheck, Provider, Tls } from "./backendconfig.ts";
import { Choice, checked, Dns1035Label, Port, rules } from "./common.ts";
import { containerFields } from "./containers.ts";
import { PatternName, runnerFields } from "./patternrunner.ts";
import { GracePeriod, Image, LaterProbe, PodSecurity, ServingGracePeriod } from "./pods.ts";
import { PLACEMENT_RULE, PodPlacement, Resources, RunnerSpec } from "./scheduling.ts";
import { serviceFields, serviceRules } from "./services.ts";
import { volumeFields, volumeRules } from "./volumes.ts";

// The parts of a PrismStack's spec: proxies, admin control plane, patterns, backends, observability.

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
	resources: Type.Optional(Resources(`CPU and memory of the ${component}. runnerSpec.resources overrides it.`)),
	runnerSpec: Type.Optional(RunnerSpec(`Scheduling and resources of the ${component}'s pods.`)),
	placement: Type.Optional(PodPlacement()),
	podSecurity: PodSecurity,
	...containerFields,
	probe: LaterProbe,
	terminationGracePeriodSeconds: component === "proxy" ? ServingGracePeriod : GracePeriod,
});

export const ProxySpec = Type.Object(
	{
		...componentFields("proxy"),
		workload: Type.Optional(
			Choice(["Deployment", "StatefulSet"], {
				description:
					"Workload that runs the proxies. Default: Deployment. Pods of a StatefulSet keep their names when they are replaced, so each proxy keeps its PRISM_PROXY_ID. A change moves the proxies to the other workload without interruption.",
			}),
		),
		port: Port({ description: "Port on which the proxy serves clients (gRPC).", default: 9090 }),
		autoscaling: Type.Optional(Autoscaling),
		adminPort: Port({ description: "Port on which each proxy serves its own admin API (gRPC).", default: 8981 }),
		service: Type.Object(
			{
				type: Choice(["ClusterIP", "NodePort", "LoadBalancer"], {
					description: "Type of the Service.",
					default: "ClusterIP",
				}),
				...serviceFields,
			},
			{
				description: "The Service in front of the proxies.",
				default: {},
				...checked("sourceRanges"),
				...rules(...serviceRules("NodePort", "LoadBalancer")),
			},
		),
	},
	{
		description: "The proxies: the data plane, which serves clients.",
		default: {},
		...rules(
			{
				rule: "self.port != self.adminPort",
				message: "adminPort must differ from port: the proxy serves both at once",
				fieldPath: ".adminPort",
			},
			PLACEMENT_RULE,
		),
	},
);

/** Folder of the control plane's records. */
export const ADMIN_FOLDER = "/var/lib/prism-admin";

export const AdminSpec = Type.Object(
	{
		enabled: Type.Boolean({ description: "Whether the stack has an admin control plane.", default: false }),
		...componentFields("admin"),
		port: Port({
			description:
				"Port of the admin control plane (gRPC). With storage and several replicas, the port is 8980, on which the members of the cluster call each other.",
			default: 8981,
		}),
		service: Type.Optional(
			Type.Object(
				{
					type: Type.Optional(
						Choice(["ClusterIP", "NodePort", "LoadBalancer"], {
							description:
								"Type of the Service. Default: ClusterIP. The admin API of prism-admin does not authenticate its clients: every client that reaches it can change every namespace.",
						}),
					),
					...serviceFields,
				},
				{
					description: "The Service in front of the control plane.",
					...checked("sourceRanges"),
					...rules(
						...serviceRules("NodePort", "LoadBalancer").map((each) => ({
							...each,
							rule: each.rule.replaceAll("self.type", "(has(self.type) ? self.type : 'ClusterIP')"),
						})),
					),
				},
			),
		),
		storage: Type.Optional(
			Type.Object(volumeFields, {
				description:
					"Volume of each pod, at /var/lib/prism-admin. The control plane stores its namespaces there. Use one replica, or an odd number of replicas, which form a Raft cluster. Without storage, a pod that restarts loses its namespaces.",
				...rules(
					...volumeRules({
						size: "grow the PersistentVolumeClaims data-<stack>-admin-<n> themselves",
						storageClassName:
							"set admin.enabled to false, delete the PersistentVolumeClaims data-<stack>-admin-<n>, set it to true with the other class",
					}),
				),
			}),
		),
	},
	{
		description: "The admin control plane.",
		default: {},
		...rules(
			PLACEMENT_RULE,
			{
				rule: "!has(self.storage) || self.replicas % 2 == 1",
				message: "replicas must be odd with storage: the pods form a Raft cluster, which needs a majority",
				fieldPath: ".replicas",
			},
			{
				rule: "!has(self.storage) || self.replicas == 1 || self.port in [8980, 8981]",
				message:
					"port must not be set with storage and several replicas: the members of the cluster call each other on 8980",
				fieldPath: ".port",
			},
			{
				rule: `!has(self.storage) || !has(self.volumeMounts) || self.volumeMounts.all(m, m.mountPath != '${ADMIN_FOLDER}')`,
				message: `With storage, the volume of each pod is mounted at ${ADMIN_FOLDER}: choose another path`,
				fieldPath: ".volumeMounts",
			},
			{
				rule: "!has(self.storage) || !has(oldSelf.storage) || !self.enabled || !oldSelf.enabled || self.replicas == oldSelf.replicas",
				message:
					"replicas can't be changed with storage: set enabled to false, delete the PersistentVolumeClaims data-<stack>-admin-<n>, set it to true with the other number",
				fieldPath: ".replicas",
			},
		),
	},
);

export const Pattern = Type.Object(
	{
		name: Dns1035Label({ description: "Name of the PatternRunner, and of its Deployment and Service." }),
		type: PatternName("The pattern that runs: keyvalue, pubsub, queue or another."),
		...runnerFields,
	},
	{ description: "One pattern to run on one backend.", ...rules(PLACEMENT_RULE) },
);

export const Backend = Type.Object(
	{
		name: Dns1035Label({
			description:
				"Name by which patterns refer to the backend. Its BackendConfig is named <stack>-<name>, with a hash if either has a hyphen.",
		}),
		type: Type.String({
			description: "Purpose of the backend, free text: messaging, database, cache.",
			minLength: 1,
			maxLength: 63,
		}),
		provider: Type.Optional(Provider),
		connectionString: Type.Optional(
			ConnectionUrl("Address, such as nats://nats:4222. Put credentials into a Secret, not here."),
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
			description: "Whether tracing and metrics are enabled. If false, the other fields have no effect.",
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
						"Port that serves Prometheus metrics. If it equals another port of the component, that port serves both.",
					default: 9091,
				}),
			},
			{ description: "Prometheus metrics.", default: {} },
		),
	},
	{ description: "Tracing and metrics of proxy, admin and runners.", default: {} },
);
