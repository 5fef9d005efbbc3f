import { isIPv4 } from "node:net";
import { compact, withoutUndefined } from "../kube/object.ts";
import type { Installation } from "../schemas/installation.ts";
import type { Grants } from "../schemas/permitted-fields.ts";
import { AUTO } from "./admin/names.ts";
import type { Limits } from "./limits.ts";
import { ConfigError, halfPairs, known, readVariables } from "./settings.ts";
import { tracingConfig, tracingDisagreements } from "./tracing/config.ts";
import { ANY, DEFAULT_IMAGE, Environment, NONE } from "./variables.ts";

// The configuration of the server, from environment variables only.

export type Config = ReturnType<typeof readConfig>;
/** How the operator calls the admin APIs of proxies. */
export type AdminConfig = Config["admin"];

/** Throws a `ConfigError` with all problems at once. An empty or blank variable counts as not set. */
export function readConfig(env: Readonly<Record<string, string | undefined>>) {
	const { values: read, problems, unknown } = readVariables(Environment, env, /^PRISM_/);
	const all = [...problems, ...(read === undefined ? [] : disagreements(read)), ...unknown];
	if (read === undefined || all.length > 0) throw new ConfigError(all);
	const installation: Installation = {
		imageRegistry: read.PRISM_IMAGE_REGISTRY,
		imageTag: read.PRISM_IMAGE_TAG,
		clusterId: read.PRISM_CLUSTER_ID,
		inlineCredentials: read.PRISM_INLINE_CREDENTIALS,
		serviceMonitors: read.PRISM_SERVICE_MONITORS,
		keda: read.PRISM_KEDA,
		operatorNamespace: read.PRISM_OPERATOR_NAMESPACE,
		resources: {
			requests: quantities(read.PRISM_DEFAULT_REQUESTS),
			limits: quantities(read.PRISM_DEFAULT_LIMITS),
		},
		...grants(read),
		...(read.PRISM_PROXY_ARGUMENTS && { proxyArguments: true }),
		...(!read.PRISM_SLEEP_ACTION && { sleepAction: false }),
		...(!read.PRISM_WATCH_CHILD_NAMES && { watchChildNames: false }),
		...(read.PRISM_CLUSTER_DOMAIN !== AUTO && { clusterDomain: read.PRISM_CLUSTER_DOMAIN }),
		...(read.PRISM_FS_GROUP !== Environment.properties.PRISM_FS_GROUP.default && {
			fsGroup: identity(read.PRISM_FS_GROUP),
		}),
		...(read.PRISM_RUN_AS_USER !== Environment.properties.PRISM_RUN_AS_USER.default && {
			runAsUser: identity(read.PRISM_RUN_AS_USER),
		}),
		...(read.PRISM_PROBE_IMAGE !== DEFAULT_IMAGE && { probeImage: read.PRISM_PROBE_IMAGE }),
	};
	const limits: Limits = {
		bodyBytes: read.BODY_LIMIT_BYTES,
		requestTimeoutSeconds: read.REQUEST_TIMEOUT_SECONDS,
		connections: read.PRISM_MAX_CONNECTIONS,
		requests: read.PRISM_MAX_REQUESTS,
		eventLoopDelayMs: read.PRISM_MAX_EVENT_LOOP_DELAY_MS,
	};
	return {
		port: read.PORT,
		host: read.HOST,
		logLevel: read.LOG_LEVEL,
		installation,
		limits,
		metrics: read.PRISM_METRICS,
		/** Path of the bearer tokens; `undefined`: callers need none. All files are read again when they change. */
		tokenFile: known(read.PRISM_TOKEN_FILE),
		tls: tlsFiles(read),
		admin: {
			/** A folder with a token for each Kubernetes namespace; undefined: no tokens. */
			tokensDir: known(read.PRISM_ADMIN_TOKENS_DIR),
			tls: adminTlsFiles(read),
			/** Seconds after which a namespace is sent again to a server that can't be read back. */
			reminderSeconds: read.PRISM_REMINDER_SECONDS,
			/** The domain for lookups of Services. */
			clusterDomain: read.PRISM_CLUSTER_DOMAIN,
		},
		/** `undefined`: no dashboard, and no call history. */
		dashboard: dashboard(read),
		shutdownGraceSeconds: read.SHUTDOWN_GRACE_SECONDS,
		/** `undefined`: no tracing. */
		tracing: tracingConfig(read),
	};
}

/** null: none. */
const identity = (text: string): number | null => (text === NONE ? null : Number(text));

/** Absent: no limit. */
const grants = (read: Environment): Pick<Installation, "grants"> => {
	const limited = withoutUndefined<Grants>({
		exposureTypes: listed(read.PRISM_EXPOSURE_TYPES),
		hostSuffixes: listed(read.PRISM_EXPOSURE_HOST_SUFFIXES),
		annotationPrefixes: listed(read.PRISM_EXPOSURE_ANNOTATION_PREFIXES),
		registries: listed(read.PRISM_ALLOWED_REGISTRIES),
		priorityClasses: listed(read.PRISM_ALLOWED_PRIORITY_CLASSES),
		podFields: listed(read.PRISM_ALLOWED_POD_FIELDS),
	});
	return Object.keys(limited).length === 0 ? {} : { grants: limited };
};

const listed = (text: string): string[] | undefined => {
	if (text === ANY) return undefined;
	return text === NONE ? [] : text.split(",");
};

/** "cpu=50m,memory=64Mi" as a map. */
const quantities = (text: string): Record<string, string> =>
	text === NONE ? {} : Object.fromEntries(text.split(",").map((part) => part.split("=")));

function dashboard(read: Environment) {
	if (read.PRISM_DASHBOARD === 0) return undefined;
	return {
		/** 0: any free port. */
		port: read.PRISM_DASHBOARD,
		callsPerObject: read.PRISM_DASHBOARD_CALLS,
		/** Maximum size of the call history, in bytes. */
		bytes: read.PRISM_DASHBOARD_BYTES,
	};
}

/** Without CAs of the callers' certificates, callers need none. `undefined`: no TLS. */
function tlsFiles(read: Environment) {
	const cert = known(read.PRISM_TLS_CERT_FILE);
	const key = known(read.PRISM_TLS_KEY_FILE);
	if (cert === undefined || key === undefined) return undefined;
	return { cert, key, clientCa: known(read.PRISM_TLS_CLIENT_CA_FILE) };
}

/** CAs of the proxies' certificates, and the client certificate for proxies that request one. */
function adminTlsFiles(read: Environment) {
	const ca = known(read.PRISM_ADMIN_TLS_CA_FILE);
	const cert = known(read.PRISM_ADMIN_TLS_CERT_FILE);
	const key = known(read.PRISM_ADMIN_TLS_KEY_FILE);
	if (!read.PRISM_ADMIN_TLS || ca === undefined) return undefined;
	return { ca, client: cert === undefined || key === undefined ? undefined : { cert, key } };
}

/** Values that are valid alone, but not together. */
const disagreements = (read: Environment): string[] => [
	...serverDisagreements(read),
	...adminDisagreements(read),
	...tracingDisagreements(read),
];

const adminDisagreements = (read: Environment): string[] => {
	const files = [read.PRISM_ADMIN_TLS_CA_FILE, read.PRISM_ADMIN_TLS_CERT_FILE, read.PRISM_ADMIN_TLS_KEY_FILE];
	return compact([
		// Unused files would suggest that calls are encrypted.
		!read.PRISM_ADMIN_TLS &&
			files.some((path) => known(path) !== undefined) &&
			"PRISM_ADMIN_TLS: must be true for the files of PRISM_ADMIN_TLS_* to be used",
		read.PRISM_ADMIN_TLS &&
			known(read.PRISM_ADMIN_TLS_CA_FILE) === undefined &&
			"PRISM_ADMIN_TLS: needs PRISM_ADMIN_TLS_CA_FILE",
		...halfPairs(read, "PRISM_ADMIN_TLS_CERT_FILE", "PRISM_ADMIN_TLS_KEY_FILE"),
	]);
};

const serverDisagreements = (read: Environment): string[] => {
	const clientCa = known(read.PRISM_TLS_CLIENT_CA_FILE);
	const knowsAny = known(read.PRISM_TOKEN_FILE) !== undefined || clientCa !== undefined;
	return compact([
		!knowsAny &&
			!read.PRISM_ALLOW_ANONYMOUS &&
			!isLoopback(read.HOST) &&
			"HOST: is beyond loopback, and callers are not known (set PRISM_TOKEN_FILE or PRISM_TLS_CLIENT_CA_FILE, or PRISM_ALLOW_ANONYMOUS=true)",
		read.PRISM_DASHBOARD !== 0 &&
			read.PRISM_DASHBOARD === read.PORT &&
			"PRISM_DASHBOARD: must differ from PORT, which is for the hooks",
		...halfPairs(read, "PRISM_TLS_CERT_FILE", "PRISM_TLS_KEY_FILE"),
		clientCa !== undefined &&
			known(read.PRISM_TLS_CERT_FILE) === undefined &&
			"PRISM_TLS_CLIENT_CA_FILE: needs PRISM_TLS_CERT_FILE",
	]);
};

/** Whether only this machine can reach the address. A host name that only begins with 127 does not count. */
export const isLoopback = (host: string): boolean =>
	host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
