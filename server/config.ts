import { isIPv4 } from "node:net";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { envSchema } from "env-schema";
import type { LevelWithSilent } from "pino";
import type { Installation } from "../schemas/installation.ts";
import type { DashboardConfig } from "./dashboard/index.ts";
import type { Limits } from "./limits.ts";
import { type TracingConfig, tracingConfig, tracingDisagreements } from "./tracing/config.ts";
import { Environment, type MetricsAccess, NO_FILE, OWN_IMAGE, variables } from "./variables.ts";

// The configuration of the server, from environment variables only.

export { type Variable, variables } from "./variables.ts";

/** Paths of what TLS needs. All three are read again when they change. */
export interface TlsFiles {
	readonly cert: string;
	readonly key: string;
	/** Authorities of the callers' certificates; `undefined`: callers need none. */
	readonly clientCa: string | undefined;
}

/** How proxies' admin APIs are called. All files are read again when they change. */
export interface AdminConfig {
	/** Folder with a token for each Kubernetes namespace; `undefined`: none is sent. */
	readonly tokensDir: string | undefined;
	/** `undefined`: without TLS. */
	readonly tls: AdminTlsFiles | undefined;
}

export interface AdminTlsFiles {
	/** Authorities of the proxies' certificates. */
	readonly ca: string;
	/** What the operator shows of itself, where proxies ask for it. */
	readonly client: { readonly cert: string; readonly key: string } | undefined;
}

export interface Config {
	readonly port: number;
	readonly host: string;
	readonly logLevel: LevelWithSilent;
	readonly installation: Installation;
	readonly limits: Limits;
	readonly metrics: MetricsAccess;
	/** Path of the bearer tokens; `undefined`: callers need none. */
	readonly tokenFile: string | undefined;
	readonly tls: TlsFiles | undefined;
	readonly admin: AdminConfig;
	/** `undefined`: there is none, and nothing is kept for it. */
	readonly dashboard: DashboardConfig | undefined;
	readonly shutdownGraceSeconds: number;
	/** `undefined`: nothing is traced. */
	readonly tracing: TracingConfig | undefined;
}

export class ConfigError extends Error {
	override readonly name = "ConfigError";
	readonly problems: readonly string[];

	constructor(problems: readonly string[]) {
		super(`cannot read the configuration: ${problems.join("; ")}`);
		this.problems = problems;
	}
}

/** Throws a `ConfigError` with every problem at once. A variable that is empty or blank counts as not set. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
	const set = Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== "");
	const unknown = set.map(([name]) => name).filter(isUnknown);
	const read = readEnvironment(Object.fromEntries(set));
	const problems = [
		...("problems" in read ? read.problems : disagreements(read)),
		...unknown.toSorted().map(unknownProblem),
	];
	if ("problems" in read || problems.length > 0) throw new ConfigError(problems);
	return {
		port: read.PORT,
		host: read.HOST,
		logLevel: read.LOG_LEVEL,
		installation: {
			imageRegistry: read.PRISM_IMAGE_REGISTRY,
			imageTag: read.PRISM_IMAGE_TAG,
			clusterId: read.PRISM_CLUSTER_ID,
			inlineCredentials: read.PRISM_INLINE_CREDENTIALS,
			serviceMonitors: read.PRISM_SERVICE_MONITORS,
			keda: read.PRISM_KEDA,
			...(read.PRISM_OPERATOR_IMAGE !== OWN_IMAGE && { operatorImage: read.PRISM_OPERATOR_IMAGE }),
		},
		limits: {
			bodyBytes: read.BODY_LIMIT_BYTES,
			requestTimeoutSeconds: read.REQUEST_TIMEOUT_SECONDS,
			connections: read.PRISM_MAX_CONNECTIONS,
			requests: read.PRISM_MAX_REQUESTS,
			eventLoopDelayMs: read.PRISM_MAX_EVENT_LOOP_DELAY_MS,
		},
		metrics: read.PRISM_METRICS,
		tokenFile: file(read.PRISM_TOKEN_FILE),
		tls: tlsFiles(read),
		admin: { tokensDir: file(read.PRISM_ADMIN_TOKENS_DIR), tls: adminTlsFiles(read) },
		dashboard: dashboard(read),
		shutdownGraceSeconds: read.SHUTDOWN_GRACE_SECONDS,
		tracing: tracingConfig(read),
	};
}

const file = (path: string): string | undefined => (path === NO_FILE ? undefined : path);

function dashboard(read: Environment): DashboardConfig | undefined {
	if (read.PRISM_DASHBOARD === 0) return undefined;
	return {
		port: read.PRISM_DASHBOARD,
		callsPerObject: read.PRISM_DASHBOARD_CALLS,
		bytes: read.PRISM_DASHBOARD_BYTES,
	};
}

function tlsFiles(read: Environment): TlsFiles | undefined {
	const cert = file(read.PRISM_TLS_CERT_FILE);
	const key = file(read.PRISM_TLS_KEY_FILE);
	if (cert === undefined || key === undefined) return undefined;
	return { cert, key, clientCa: file(read.PRISM_TLS_CLIENT_CA_FILE) };
}

function adminTlsFiles(read: Environment): AdminTlsFiles | undefined {
	const ca = file(read.PRISM_ADMIN_TLS_CA_FILE);
	const cert = file(read.PRISM_ADMIN_TLS_CERT_FILE);
	const key = file(read.PRISM_ADMIN_TLS_KEY_FILE);
	if (!read.PRISM_ADMIN_TLS || ca === undefined) return undefined;
	return { ca, client: cert === undefined || key === undefined ? undefined : { cert, key } };
}

/** Values that are fine each, but not together. */
const disagreements = (read: Environment): string[] => [
	...serverDisagreements(read),
	...adminDisagreements(read),
	...tracingDisagreements(read),
];

function adminDisagreements(read: Environment): string[] {
	const ca = file(read.PRISM_ADMIN_TLS_CA_FILE);
	const cert = file(read.PRISM_ADMIN_TLS_CERT_FILE);
	const key = file(read.PRISM_ADMIN_TLS_KEY_FILE);
	const problems: string[] = [];
	// Files that are not used would make believe that calls are encrypted.
	if (!read.PRISM_ADMIN_TLS && (ca ?? cert ?? key) !== undefined) {
		problems.push("PRISM_ADMIN_TLS: must be true for the files of PRISM_ADMIN_TLS_* to be used");
	}
	if (read.PRISM_ADMIN_TLS && ca === undefined) problems.push("PRISM_ADMIN_TLS: needs PRISM_ADMIN_TLS_CA_FILE");
	if (cert === undefined && key !== undefined)
		problems.push("PRISM_ADMIN_TLS_KEY_FILE: needs PRISM_ADMIN_TLS_CERT_FILE");
	if (cert !== undefined && key === undefined)
		problems.push("PRISM_ADMIN_TLS_CERT_FILE: needs PRISM_ADMIN_TLS_KEY_FILE");
	return problems;
}

function serverDisagreements(read: Environment): string[] {
	const cert = file(read.PRISM_TLS_CERT_FILE);
	const key = file(read.PRISM_TLS_KEY_FILE);
	const clientCa = file(read.PRISM_TLS_CLIENT_CA_FILE);
	const known = file(read.PRISM_TOKEN_FILE) !== undefined || clientCa !== undefined;
	const problems: string[] = [];
	if (!known && !read.PRISM_ALLOW_ANONYMOUS && !isLoopback(read.HOST)) {
		problems.push(
			"HOST: is beyond loopback, and callers are not known (set PRISM_TOKEN_FILE or PRISM_TLS_CLIENT_CA_FILE, or PRISM_ALLOW_ANONYMOUS=true)",
		);
	}
	if (read.PRISM_DASHBOARD !== 0 && read.PRISM_DASHBOARD === read.PORT) {
		problems.push("PRISM_DASHBOARD: must differ from PORT, which is for the hooks");
	}
	if (cert === undefined && key !== undefined) problems.push("PRISM_TLS_KEY_FILE: needs PRISM_TLS_CERT_FILE");
	if (cert !== undefined && key === undefined) problems.push("PRISM_TLS_CERT_FILE: needs PRISM_TLS_KEY_FILE");
	if (cert === undefined && clientCa !== undefined) {
		problems.push("PRISM_TLS_CLIENT_CA_FILE: needs PRISM_TLS_CERT_FILE");
	}
	return problems;
}

/** Whether only this machine reaches the address. A name that merely begins with 127 may be anybody's. */
export const isLoopback = (host: string): boolean =>
	host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));

function readEnvironment(data: Record<string, unknown>): Environment | { problems: string[] } {
	try {
		return envSchema<Environment>({
			// A copy: env-schema writes additionalProperties into what it is given.
			schema: { ...Environment },
			data,
			env: false,
			ajv: { customOptions: (ajv) => ajv.addKeyword("allowed") },
		});
	} catch (error) {
		if (!Value.Check(Rejection, error)) throw error;
		return { problems: error.errors.map(problem) };
	}
}

/** What env-schema throws. Its message quotes no values, and neither does a problem made of it: one may be a secret. */
const Rejection = Type.Object({
	errors: Type.Array(Type.Object({ instancePath: Type.String(), keyword: Type.String(), message: Type.String() })),
});

function problem({ instancePath, keyword, message }: Static<typeof Rejection>["errors"][number]): string {
	const name = instancePath.slice(1);
	const allowed = variables.find((variable) => variable.name === name)?.allowed ?? "another value";
	return `${name}: ${keyword === "pattern" ? "has the wrong form" : message} (allowed: ${allowed})`;
}

/**
 * Kubernetes puts variables for every Service of the namespace into a pod: a Service "prism-gateway" makes
 * PRISM_GATEWAY_SERVICE_HOST, PRISM_GATEWAY_PORT_8080_TCP_ADDR, ... Those are nobody's typing error.
 */
const SERVICE_LINK =
	/^PRISM_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

const isUnknown = (name: string): boolean =>
	name.startsWith("PRISM_") && !Object.hasOwn(Environment.properties, name) && !SERVICE_LINK.test(name);

const unknownProblem = (name: string): string => {
	const known = variables.map((variable) => variable.name).filter((candidate) => candidate.startsWith("PRISM_"));
	return `${name}: there is no such variable (known: ${known.join(", ")})`;
};
