import { type Static, Type } from "@sinclair/typebox";
import {
	Conditions,
	DelayedChildren,
	type Described,
	DNS_LABEL_PATTERN,
	Dns1035Label,
	Duration,
	FreeForm,
	type KindDescriptor,
	ListBy,
	MapOf,
	MissingChildren,
	NAME_PATTERN,
	NAME_RULE,
	ObjectName,
	ObservedGeneration,
	OperatorStamp,
	onDurations,
	readyColumns,
	rules,
	Timestamp,
} from "./common.ts";
import { KEY_PATTERN } from "./containers.ts";
import { PatternName } from "./patternrunner.ts";
import { PROVIDER_NAMES } from "./providers.ts";
import { Resources } from "./scheduling.ts";
import { GROUP, VERSION } from "./vocabulary.ts";

// ── Spec ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const SecretNamespace = Type.Optional(
	Dns1035Label({
		description: "Namespace of the Secret. Pods can mount only Secrets of their own namespace: omit it.",
		pattern: DNS_LABEL_PATTERN,
	}),
);

const SecretKey = (description: string) =>
	Type.Optional(Type.String({ description, minLength: 1, maxLength: 253, pattern: KEY_PATTERN }));

export const ConnectionSecret = Type.Object(
	{
		name: ObjectName({ description: "Name of the Secret." }),
		namespace: SecretNamespace,
		keys: Type.Optional(
			Type.Object(
				{
					url: SecretKey("Key that holds the URL. Default: url, if the spec has no URL."),
					username: SecretKey("Key that holds the user name. Default: username, if the Secret has it."),
					password: SecretKey("Key that holds the password. Default: password, if the Secret has it."),
					runnerFile: SecretKey(
						"Key that holds the runners' configuration file, /etc/prism/backend-runner/runner.json.",
					),
				},
				{ description: "Keys of the Secret. Pods do not start if a key that is set here does not exist." },
			),
		),
	},
	{ description: "Secret with the credentials. The pods mount it. The operator never reads it." },
);
export type ConnectionSecret = Static<typeof ConnectionSecret>;

export const ConnectionUrl = (description: string) =>
	Type.String({ description, minLength: 1, maxLength: 2048, pattern: "^\\S(.*\\S)?$" });

export const Provider = Type.String({
	description: `The backend's technology: ${PROVIDER_NAMES.join(", ")}, or another one, without health checks.`,
	minLength: 1,
	maxLength: 63,
	pattern: DNS_LABEL_PATTERN,
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
				{ description: "Secret with ca.crt and, for mutual TLS, tls.crt and tls.key. The pods mount it." },
			),
		),
		serverName: Type.Optional(
			Type.String({
				description: "Name that the server's certificate must have. Default: the URL's host.",
				minLength: 1,
				maxLength: 253,
				pattern: "^[-_.:*a-zA-Z0-9]+$",
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
			description: "Whether a probe in this namespace connects to the backend and reports the result.",
			default: false,
		}),
		interval: Duration({ description: "Time between two checks, such as 10s.", default: "30s" }),
		timeout: Duration({
			description: "Timeout of a check, such as 5s. At most interval.",
			default: "5s",
		}),
		resources: Type.Optional(
			Resources("CPU and memory of the probe. Default: requests of 10m and 64Mi, and a memory limit of 192Mi."),
		),
	},
	{
		description: "Health check of the backend.",
		default: {},
		...rules(
			{
				rule: onDurations("duration(self.interval) >= duration('1s') && duration(self.interval) <= duration('24h')"),
				message: "interval must be between 1s and 24h",
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

const RunnerFile = Type.Object(
	{
		namespaces: ListBy(
			Type.Object(
				{
					name: Type.String({
						description: "Name of the namespace.",
						minLength: 1,
						maxLength: 63,
						pattern: NAME_PATTERN,
					}),
					pattern: PatternName("The pattern that serves the namespace."),
					options: Type.Optional(
						MapOf(FreeForm({ description: "Any JSON value." }), {
							description:
								"Settings of the backend's driver other than the address, such as db or max_keys. Put credentials into a Secret, not here.",
							maxProperties: 64,
						}),
					),
				},
				{ description: "A namespace that the runner serves." },
			),
			["name"],
			{ description: "Namespaces. The runners of October 2025 serve the first one.", minItems: 1, maxItems: 16 },
		),
	},
	{
		description:
			"Configuration file of the runners, /etc/prism/backend-runner/runner.json: the namespaces, and the address of this backend in the format of its driver.",
	},
);
export type RunnerFile = Static<typeof RunnerFile>;

const Spec = Type.Object(
	{
		type: Type.String({
			description: "Purpose of the backend, free text: messaging, database, cache.",
			minLength: 1,
			maxLength: 63,
		}),
		provider: Type.Optional(Provider),
		connection: Type.Optional(
			Type.Object(
				{
					url: Type.Optional(
						ConnectionUrl("Address, such as nats://nats:4222. Put credentials into a Secret, not here."),
					),
					secretRef: Type.Optional(ConnectionSecret),
				},
				{ description: "Address of the backend: a URL, a Secret, or both. The keys of the Secret override the URL." },
			),
		),
		runnerFile: Type.Optional(RunnerFile),
		tls: Tls,
		healthCheck: HealthCheck,
	},
	{
		description: "The desired connection.",
		...rules(
			{
				rule: "!has(self.runnerFile) || !has(self.connection) || !has(self.connection.secretRef) || has(self.provider) && self.provider == 'kafka'",
				message:
					"runnerFile has no credentials: put the whole file into the Secret, and name its key in connection.secretRef.keys.runnerFile. Only kafka takes both",
				fieldPath: ".runnerFile",
				reason: "FieldValueForbidden",
			},
			{
				rule: "has(self.connection) && (has(self.connection.url) || has(self.connection.secretRef)) || has(self.provider) && !(self.provider in ['redis', 'nats', 'postgres', 'kafka'])",
				message:
					"connection.url or connection.secretRef is needed: only a provider without an address, such as memstore, does without both",
				fieldPath: ".connection",
				reason: "FieldValueRequired",
			},
		),
	},
);
export type BackendConfigSpec = Static<typeof Spec>;

// ── Status ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const Binding = Type.Object(
	{
		provider: Type.String({
			description: "Technology of the backend: as set, or derived from the URL.",
			maxLength: 63,
		}),
		configMap: Type.String({
			description: "ConfigMap with provider, type, host, port, tls and, if it is not secret, url.",
			maxLength: 253,
		}),
		urlFrom: Type.Optional(
			Type.String({
				description: "Where the URL is: ConfigMap or Secret. Absent if the backend has no URL.",
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
							description: "Optional keys of the Secret.",
							maxItems: 3,
						}),
					),
				},
				{ description: "Secret with the credentials, in this namespace." },
			),
		),
		runnerFile: Type.Optional(
			Type.Object(
				{
					from: Type.String({ description: "Where the file is: ConfigMap or Secret.", maxLength: 16 }),
					key: Type.String({ description: "Key that holds it.", maxLength: 253 }),
				},
				{ description: "Configuration file of the runners." },
			),
		),
		tls: Type.Optional(
			Type.Object(
				{
					secret: Type.Optional(
						Type.String({ description: "Secret with ca.crt, tls.crt and tls.key.", maxLength: 253 }),
					),
					serverName: Type.Optional(
						Type.String({ description: "Name that the server's certificate must have.", maxLength: 253 }),
					),
				},
				{ description: "Set if connections use TLS." },
			),
		),
		checksum: Type.String({ description: "Changes if pods must restart to load a change.", maxLength: 64 }),
	},
	{ description: "Connection data for PatternRunners: names of objects and keys, never secrets." },
);
export type Binding = Static<typeof Binding>;

const Status = Type.Object(
	{
		observedGeneration: Type.Optional(ObservedGeneration),
		phase: Type.Optional(Type.String({ description: "Pending, Ready, Degraded or Failed.", maxLength: 32 })),
		healthy: Type.Optional(
			Type.Boolean({ description: "Whether the last check succeeded. Absent without health checks." }),
		),
		lastChecked: Type.Optional(Timestamp({ description: "When healthy last changed." })),
		message: Type.Optional(Type.String({ description: "The Ready condition's message.", maxLength: 32768 })),
		binding: Type.Optional(Binding),
		operator: Type.Optional(OperatorStamp),
		missing: Type.Optional(MissingChildren),
		delayed: Type.Optional(DelayedChildren),
		conditions: Type.Optional(Conditions),
	},
	{ description: "Observed state of the connection." },
);
export type BackendConfigStatus = Static<typeof Status>;

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
		"BackendConfig is a connection to a backend. The operator publishes it for PatternRunners as a ConfigMap and names of Secret keys.",
	spec: Spec,
	status: Status,
	rules: [NAME_RULE],
	printerColumns: [
		{ name: "Type", type: "string", jsonPath: ".spec.type", description: "Purpose of the backend." },
		{
			name: "Provider",
			type: "string",
			jsonPath: ".status.binding.provider",
			description: "The backend's technology.",
		},
		...readyColumns("Whether the connection is published and, with health checks, healthy."),
	],
} as const satisfies KindDescriptor;
export type BackendConfig = Described<typeof BackendConfig>;
