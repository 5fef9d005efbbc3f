import { type Static, Type } from "@sinclair/typebox";
import {
	Conditions,
	type Described,
	Dns1035Label,
	Duration,
	type KindDescriptor,
	MissingChildren,
	NAME_RULE,
	ObjectName,
	ObservedGeneration,
	OperatorStamp,
	readyColumns,
	rules,
	Timestamp,
} from "./common.ts";
import { GROUP, VERSION } from "./vocabulary.ts";

// ── Spec ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const SecretNamespace = Type.Optional(
	Dns1035Label({
		description: "Namespace of the Secret. Pods can mount Secrets of their own namespace only: leave it out.",
		pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
	}),
);

const SecretKey = (description: string) =>
	Type.Optional(Type.String({ description, minLength: 1, maxLength: 253, pattern: "^[-._a-zA-Z0-9]+$" }));

export const ConnectionSecret = Type.Object(
	{
		name: ObjectName({ description: "Name of the Secret." }),
		namespace: SecretNamespace,
		keys: Type.Optional(
			Type.Object(
				{
					url: SecretKey("Key that holds the URL. Default: url, used when there is no URL beside this Secret."),
					username: SecretKey("Key that holds the user name. Default: username, if the Secret has it."),
					password: SecretKey("Key that holds the password. Default: password, if the Secret has it."),
				},
				{ description: "Keys of the Secret. A key that is named here must exist, or the pods don't start." },
			),
		),
	},
	{ description: "Secret with the connection's credentials, mounted by the pods and never read by the operator." },
);
export type ConnectionSecret = Static<typeof ConnectionSecret>;

export const ConnectionUrl = (description: string) =>
	Type.String({ description, minLength: 1, maxLength: 2048, pattern: "^\\S(.*\\S)?$" });

export const Provider = Type.String({
	description:
		"The backend's technology: memstore, redis, nats, postgres, kafka, sqlite, s3, or another, whose health is not checked.",
	minLength: 1,
	maxLength: 63,
	pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
});

export const Tls = Type.Object(
	{
		enabled: Type.Boolean({ description: "Whether connections use TLS.", default: false }),
		secretRef: Type.Optional(
			Type.Object(
				{
					name: ObjectName({ description: "Name of the Secret." }),
					namespace: SecretNamespace,
				},
				{ description: "Secret with ca.crt and, for mutual TLS, tls.crt and tls.key; mounted into the pods." },
			),
		),
		serverName: Type.Optional(
			Type.String({
				description: "Name that the server's certificate must carry. Default: the URL's host.",
				minLength: 1,
				maxLength: 253,
			}),
		),
	},
	{
		description: "Transport security of the connection.",
		default: {},
		...rules({
			rule: "self.enabled || !has(self.secretRef)",
			message: "tls.secretRef has no effect while tls.enabled is false: set tls.enabled: true, or remove it",
			fieldPath: ".secretRef",
		}),
	},
);

export const HealthCheck = Type.Object(
	{
		enabled: Type.Boolean({
			description: "Whether a probe in this namespace really connects to the backend and reports.",
			default: false,
		}),
		interval: Duration({ description: "Time between two checks, such as 10s.", default: "30s" }),
		timeout: Duration({
			description: "Time after which a check has failed, such as 5s; at most interval.",
			default: "5s",
		}),
	},
	{
		description: "Whether and how the backend's health is checked.",
		default: {},
		...rules(
			{
				rule: "duration(self.interval) >= duration('1s') && duration(self.interval) <= duration('24h')",
				message: "interval must lie between 1s and 24h",
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

const Spec = Type.Object(
	{
		type: Type.String({
			description: "What the backend is used as, in your own words: messaging, database, cache.",
			minLength: 1,
			maxLength: 63,
		}),
		provider: Type.Optional(Provider),
		connection: Type.Optional(
			Type.Object(
				{
					url: Type.Optional(
						ConnectionUrl("Address, such as nats://nats:4222. Credentials belong into a Secret, not here."),
					),
					secretRef: Type.Optional(ConnectionSecret),
				},
				{ description: "Where the backend is: a URL, a Secret, or both (what the Secret's keys give wins)." },
			),
		),
		tls: Tls,
		healthCheck: HealthCheck,
	},
	{
		description: "The connection that is wanted.",
		...rules({
			rule: "has(self.connection) && (has(self.connection.url) || has(self.connection.secretRef)) || has(self.provider) && !(self.provider in ['redis', 'nats', 'postgres', 'kafka'])",
			message:
				"connection.url or connection.secretRef is needed: only a provider without an address, such as memstore, does without both",
			fieldPath: ".connection",
			reason: "FieldValueRequired",
		}),
	},
);
export type BackendConfigSpec = Static<typeof Spec>;

// ── Status ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const Binding = Type.Object(
	{
		provider: Type.String({ description: "The backend's technology, as given or found out.", maxLength: 63 }),
		configMap: Type.String({
			description: "ConfigMap with provider, type, host, port, tls and, where it is no secret, url.",
			maxLength: 253,
		}),
		urlFrom: Type.Optional(
			Type.String({
				description: "Where the URL is: ConfigMap or Secret. Absent: the backend has none.",
				maxLength: 16,
			}),
		),
		secret: Type.Optional(
			Type.Object(
				{
					name: Type.String({ description: "Name of the Secret.", maxLength: 253 }),
					url: Type.Optional(Type.String({ description: "Key that holds the URL.", maxLength: 253 })),
					username: Type.Optional(Type.String({ description: "Key that holds the user name.", maxLength: 253 })),
					password: Type.Optional(Type.String({ description: "Key that holds the password.", maxLength: 253 })),
					optional: Type.Optional(
						Type.Array(Type.String({ maxLength: 253 }), {
							description: "Keys that the Secret may do without.",
							maxItems: 3,
						}),
					),
				},
				{ description: "Secret with the credentials, in this namespace." },
			),
		),
		tls: Type.Optional(
			Type.Object(
				{
					secret: Type.Optional(
						Type.String({ description: "Secret with ca.crt, tls.crt and tls.key.", maxLength: 253 }),
					),
					serverName: Type.Optional(
						Type.String({ description: "Name that the server's certificate must carry.", maxLength: 253 }),
					),
				},
				{ description: "Present when connections use TLS." },
			),
		),
		checksum: Type.String({ description: "Changes whenever pods must be rolled to see the change.", maxLength: 64 }),
	},
	{ description: "All that a PatternRunner needs to know to connect: names of objects and keys, never a secret." },
);
export type Binding = Static<typeof Binding>;

const Status = Type.Object(
	{
		observedGeneration: Type.Optional(ObservedGeneration),
		phase: Type.Optional(Type.String({ description: "Pending, Ready, Degraded or Failed.", maxLength: 32 })),
		healthy: Type.Optional(
			Type.Boolean({ description: "Whether the last check succeeded; absent while nothing is checked." }),
		),
		lastChecked: Type.Optional(Timestamp({ description: "When healthy last changed." })),
		message: Type.Optional(Type.String({ description: "The Ready condition's message.", maxLength: 32768 })),
		binding: Type.Optional(Binding),
		operator: Type.Optional(OperatorStamp),
		missing: Type.Optional(MissingChildren),
		conditions: Type.Optional(Conditions),
	},
	{ description: "What was observed of the connection." },
);

// ── Kind ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export const BackendConfig = {
	group: GROUP,
	version: VERSION,
	kind: "BackendConfig",
	plural: "backendconfigs",
	singular: "backendconfig",
	shortNames: ["bcfg"],
	categories: ["prism"],
	description:
		"BackendConfig is a connection to a backend, published as a ConfigMap and names of Secret keys for PatternRunners.",
	spec: Spec,
	status: Status,
	rules: [NAME_RULE],
	printerColumns: [
		{ name: "Type", type: "string", jsonPath: ".spec.type", description: "What the backend is used as." },
		{
			name: "Provider",
			type: "string",
			jsonPath: ".status.binding.provider",
			description: "The backend's technology.",
		},
		...readyColumns("Whether the connection is published and, where it is checked, healthy."),
	],
} as const satisfies KindDescriptor;
export type BackendConfig = Described<typeof BackendConfig>;
