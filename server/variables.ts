import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { LevelWithSilent } from "pino";
import { Installation } from "../schemas/installation.ts";
import { TRACING_VARIABLES } from "./tracing/variables.ts";

// The environment variables of the server. `description` and `allowed` of each are the text of its row in the
// documentation and of its error.

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] satisfies LevelWithSilent[];

/** Who may read /metrics: whoever reaches the server, who may call a hook too, or nobody. */
export type MetricsAccess = "anonymous" | "authenticated" | "off";

const METRICS_ACCESS = ["anonymous", "authenticated", "off"] satisfies MetricsAccess[];

/** Path of a variable that names no file. */
export const NO_FILE = "none";
export const OWN_IMAGE = "default";

const FilePath = (description: string) =>
	Type.String({ maxLength: 4096, default: NO_FILE, description, allowed: `a path, or ${NO_FILE}` });

const installation = Value.Create(Installation);

export const Environment = Type.Object({
	PORT: Type.Integer({
		minimum: 0,
		maximum: 65535,
		default: 8080,
		description: "TCP port to listen on. 0 takes any free port.",
		allowed: "an integer from 0 to 65535",
	}),
	HOST: Type.String({
		pattern: "^[A-Za-z0-9.:_-]+$",
		default: "127.0.0.1",
		description: "Address to listen on. Beyond loopback, callers must be known by a token or a client certificate.",
		allowed: "an IP address or a host name",
	}),
	LOG_LEVEL: Type.Unsafe<LevelWithSilent>({
		type: "string",
		enum: LOG_LEVELS,
		default: "info",
		description: "Least severe level that is logged. Every call of a hook is one line at info.",
		allowed: `one of ${LOG_LEVELS.join(", ")}`,
	}),
	PRISM_TOKEN_FILE: FilePath(
		"File with the bearer tokens that callers may carry: one a line, at least 16 characters each, two during a rotation. It is read again when it changes.",
	),
	PRISM_ALLOW_ANONYMOUS: Type.Boolean({
		default: false,
		description: "Whether to listen beyond loopback though callers are not known. Whoever reaches the server can call.",
		allowed: "true or false",
	}),
	PRISM_TLS_CERT_FILE: FilePath(
		"File with the server's certificate and its chain, PEM. Makes the server speak TLS 1.2 or later. It is read again when it changes.",
	),
	PRISM_TLS_KEY_FILE: FilePath("File with the certificate's private key, PEM, without a passphrase."),
	PRISM_TLS_CLIENT_CA_FILE: FilePath(
		"File with the authorities that sign callers' certificates, PEM. Callers without such a certificate reach the probes only, and /metrics where it is anonymous.",
	),
	PRISM_ADMIN_TOKENS_DIR: FilePath(
		"Folder with tokens of the proxies' admin API: a file for each Kubernetes namespace, named like it, with the token that is sent to the proxies in it as x-admin-token. Where there is no file, none is sent. They are read again when they change.",
	),
	PRISM_ADMIN_TLS: Type.Boolean({
		default: false,
		description:
			"Whether proxies' admin APIs are called over TLS 1.2 or later. A proxy's certificate must be for its name inside the cluster, such as prism-orders-0.prism-orders.shop.svc. Without TLS, tokens cross the cluster's network as they are.",
		allowed: "true or false",
	}),
	PRISM_ADMIN_TLS_CA_FILE: FilePath(
		"File with the authorities that sign proxies' certificates, PEM. It is read again when it changes.",
	),
	PRISM_ADMIN_TLS_CERT_FILE: FilePath(
		"File with the certificate, and its chain, by which proxies know the operator (mutual TLS), PEM. It is read again when it changes.",
	),
	PRISM_ADMIN_TLS_KEY_FILE: FilePath("File with that certificate's private key, PEM, without a passphrase."),
	PRISM_METRICS: Type.Unsafe<MetricsAccess>({
		type: "string",
		enum: METRICS_ACCESS,
		default: "anonymous",
		description:
			"Who may read /metrics: anybody, who may call a hook, or nobody. It names kinds, numbers and shards, no other objects.",
		allowed: `one of ${METRICS_ACCESS.join(", ")}`,
	}),
	PRISM_DASHBOARD: Type.Integer({
		minimum: 0,
		maximum: 65535,
		default: 0,
		description:
			"TCP port of the dashboard, on loopback only: a page with what hooks were asked and answered last, without credentials. 0: there is none, and nothing is kept.",
		allowed: "an integer from 0 to 65535",
	}),
	PRISM_DASHBOARD_CALLS: Type.Integer({
		minimum: 1,
		maximum: 50,
		default: 5,
		description: "Last calls that are kept of each object while there is a dashboard.",
		allowed: "an integer from 1 to 50",
	}),
	PRISM_DASHBOARD_BYTES: Type.Integer({
		minimum: 1_048_576,
		maximum: 1_073_741_824,
		default: 33_554_432,
		description: "Bytes of all calls together that are kept while there is a dashboard.",
		allowed: "an integer from 1048576 to 1073741824",
	}),
	PRISM_MAX_CONNECTIONS: Type.Integer({
		minimum: 1,
		maximum: 65535,
		default: 1024,
		description: "Connections that may be open at once; further ones are closed at once.",
		allowed: "an integer from 1 to 65535",
	}),
	PRISM_MAX_REQUESTS: Type.Integer({
		minimum: 1,
		maximum: 65535,
		default: 128,
		description: "Calls that may be under way at once; further ones are told to come back in 1 to 5 seconds (429).",
		allowed: "an integer from 1 to 65535",
	}),
	PRISM_MAX_EVENT_LOOP_DELAY_MS: Type.Integer({
		minimum: 50,
		maximum: 60_000,
		default: 1000,
		description: "Delay of the event loop, in milliseconds, above which calls are told to come back (429).",
		allowed: "an integer from 50 to 60000",
	}),
	PRISM_IMAGE_REGISTRY: Type.String({
		pattern: "^[A-Za-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)*$",
		default: installation.imageRegistry,
		description: "Registry, and path in it, of every default image.",
		allowed: "host[:port][/path], without a scheme and without a trailing slash",
	}),
	PRISM_IMAGE_TAG: Type.String({
		pattern: "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$",
		default: installation.imageTag,
		description: "Tag of the default images, except a plugin's.",
		allowed: "an image tag of at most 128 letters, digits, '_', '.', '-'",
	}),
	PRISM_CLUSTER_ID: Type.String({
		pattern: "^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$",
		default: installation.clusterId,
		description:
			"Tells clusters that share proxies apart: every namespace on a proxy carries it in its owner. It must never change.",
		allowed: "a DNS name of at most 63 characters",
	}),
	PRISM_INLINE_CREDENTIALS: Type.Boolean({
		default: installation.inlineCredentials,
		description: "Whether a URL that carries credentials may be written in a spec; it is kept in a generated Secret.",
		allowed: "true or false",
	}),
	PRISM_OPERATOR_IMAGE: Type.String({
		minLength: 1,
		maxLength: 512,
		pattern: "^\\S+$",
		default: OWN_IMAGE,
		description: `Image of the operator itself, which the backend probes run. ${OWN_IMAGE}: prism-operator beside the other images.`,
		allowed: "an image reference",
	}),
	PRISM_KEDA: Type.Boolean({
		default: false,
		description: "Whether the cluster has KEDA, and runners may be scaled by it.",
		allowed: "true or false",
	}),
	PRISM_SERVICE_MONITORS: Type.Boolean({
		default: installation.serviceMonitors,
		description: "Whether the cluster has the Prometheus operator's ServiceMonitor kind.",
		allowed: "true or false",
	}),
	BODY_LIMIT_BYTES: Type.Integer({
		minimum: 1024,
		maximum: 268_435_456,
		default: 16_777_216,
		description: "Largest body of a request, in bytes. An object whose request is larger never syncs again.",
		allowed: "an integer from 1024 to 268435456",
	}),
	REQUEST_TIMEOUT_SECONDS: Type.Integer({
		minimum: 1,
		maximum: 600,
		default: 30,
		description: "Time within which a request must have arrived whole, in seconds.",
		allowed: "an integer from 1 to 600",
	}),
	SHUTDOWN_GRACE_SECONDS: Type.Integer({
		minimum: 0,
		maximum: 600,
		default: 20,
		description: "Time that requests get to end once the process is asked to stop, in seconds.",
		allowed: "an integer from 0 to 600",
	}),
	...TRACING_VARIABLES,
});
export type Environment = Static<typeof Environment>;

export interface Variable {
	readonly name: string;
	readonly default: string;
	readonly allowed: string;
	readonly description: string;
}

/** Every variable, in the order of the documentation. */
export const variables: readonly Variable[] = Object.entries<TSchema>(Environment.properties).map(([name, schema]) => ({
	name,
	default: String(schema.default),
	allowed: String(schema["allowed"]),
	description: schema.description ?? "",
}));
