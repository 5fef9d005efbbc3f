import { type Static, Type } from "@sinclair/typebox";
import { compact } from "../kube/object.ts";
import { durationMillis } from "../kube/time.ts";
import { DURATION_PATTERN } from "../schemas/common.ts";
import { CHECKED_PROVIDERS } from "../schemas/providers.ts";
import {
	ConfigError,
	flag,
	logLevel,
	port,
	readVariables,
	text,
	type Variable,
	variablesOf,
} from "../server/settings.ts";
import { type Address, type ProbedBackend, type Provider, readAddress, type TlsSettings } from "./backend.ts";

// The probe's configuration, from environment variables only. The backend's variables are the same as a runner's.

// ── Variables ───────────────────────────────────────────────────────────────────────────────────────────────────────

const optional = (
	description: string,
	allowed: string,
	form: { readonly pattern?: string; readonly maxLength?: number } = {},
) => Type.Optional(Type.String({ ...form, description, allowed }));

const Environment = Type.Object({
	PRISM_BACKEND_PROVIDER: Type.Unsafe<Provider>({
		type: "string",
		enum: CHECKED_PROVIDERS,
		description: "Technology of the backend. Backends of other technologies have no probe.",
		allowed: `one of ${CHECKED_PROVIDERS.join(", ")}`,
		rejected: "this provider is not probed",
	}),
	PRISM_BACKEND_URL: optional(
		"Address of the backend. If there are several hosts, the probe tries them in turn. A memstore needs no address. The URL can also have credentials, the database and sslmode of postgres, the database number of redis, and the mechanism of kafka (?mechanism=SCRAM-SHA-512).",
		"[scheme://][user:password@]host[:port][,host[:port]...][/database][?option=value]",
	),
	PRISM_BACKEND_USERNAME: optional("User name. Takes precedence over the user name in the URL.", "any text"),
	PRISM_BACKEND_PASSWORD: optional(
		"Password. For nats without a user name: the token. Takes precedence over the password in the URL.",
		"any text",
	),
	PRISM_BACKEND_TLS: flag(
		"Whether the connection uses TLS and verifies the certificate of the backend. The URL can also enable TLS.",
	),
	PRISM_BACKEND_TLS_SERVER_NAME: optional(
		"Name that the backend's certificate must cover. Default: the host of the URL.",
		"a host name or an IP address",
		{ maxLength: 253, pattern: "^[A-Za-z0-9.:_-]+$" },
	),
	PRISM_BACKEND_TLS_DIR: optional(
		"Folder with ca.crt and, for mutual TLS, tls.crt and tls.key. The probe reads the files for each new connection. Without a folder, the probe trusts the public CAs.",
		"a path",
	),
	PRISM_PROBE_INTERVAL: text(
		"Time between the starts of two checks.",
		"30s",
		"a duration from 100ms to 24h, such as 30s or 1m30s",
		{ pattern: DURATION_PATTERN },
	),
	PRISM_PROBE_TIMEOUT: text(
		"Time after which a check fails, including the time to connect.",
		"5s",
		"a duration from 10ms to PRISM_PROBE_INTERVAL, such as 5s or 500ms",
		{ pattern: DURATION_PATTERN },
	),
	PRISM_PROBE_PORT: port("TCP port of /readyz, /healthz and /metrics, on every address. 0: any free port.", 8080),
	LOG_LEVEL: logLevel("Lowest severity in the log. Every change of the result is one line at info."),
});
type Environment = Static<typeof Environment>;
type Read = ReturnType<typeof readVariables<typeof Environment>>;

/** All variables in the order of the docs. */
export const variables: readonly Variable[] = variablesOf(Environment);

// ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export type ProbeConfig = ReturnType<typeof readProbeConfig>;

/** Throws one `ConfigError` with all problems: the checks continue with the valid values. */
export function readProbeConfig(env: Readonly<Record<string, string | undefined>>) {
	const read = readVariables(Environment, env, /^PRISM_(PROBE|BACKEND)_/);
	const address = addressOf(read);
	const problems = [
		...read.problems,
		...(typeof address === "string" ? [read.problemOf("PRISM_BACKEND_URL", address)] : []),
		...problemsOfTimes(read),
		...read.unknown,
	];
	if (problems.length > 0 || typeof address === "string" || read.values === undefined) throw new ConfigError(problems);
	const { PRISM_PROBE_INTERVAL, PRISM_PROBE_TIMEOUT, PRISM_PROBE_PORT, LOG_LEVEL } = read.values;
	const timeoutMs = durationMillis(PRISM_PROBE_TIMEOUT);
	return {
		backend: backendOf(read.values, address, timeoutMs),
		intervalMs: durationMillis(PRISM_PROBE_INTERVAL),
		timeoutMs,
		port: PRISM_PROBE_PORT,
		logLevel: LOG_LEVEL,
	};
}

const DAY_MS = 86_400_000;

function problemsOfTimes({ accepted, problemOf }: Read): string[] {
	const intervalMs = durationMillis(accepted("PRISM_PROBE_INTERVAL") ?? "24h");
	const timeoutMs = durationMillis(accepted("PRISM_PROBE_TIMEOUT") ?? "10ms");
	return compact([
		(intervalMs < 100 || intervalMs > DAY_MS) && problemOf("PRISM_PROBE_INTERVAL", "is out of range"),
		timeoutMs < 10 && problemOf("PRISM_PROBE_TIMEOUT", "is out of range"),
		timeoutMs > intervalMs && problemOf("PRISM_PROBE_TIMEOUT", "is above PRISM_PROBE_INTERVAL"),
	]);
}

// ── Backend ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function addressOf({ accepted }: Read): Address | string {
	const provider = CHECKED_PROVIDERS.find((name) => name === accepted("PRISM_BACKEND_PROVIDER"));
	const url = accepted("PRISM_BACKEND_URL");
	if (provider === undefined || provider === "memstore") return { endpoints: [] };
	return url === undefined ? "is needed" : readAddress(url.trim(), provider);
}

function backendOf(values: Environment, address: Address, timeoutMs: number): ProbedBackend {
	const { PRISM_BACKEND_PROVIDER, PRISM_BACKEND_USERNAME, PRISM_BACKEND_PASSWORD } = values;
	const tls = tlsOf(values, address.tls);
	return {
		...address,
		provider: PRISM_BACKEND_PROVIDER,
		...(PRISM_BACKEND_USERNAME !== undefined && { username: PRISM_BACKEND_USERNAME }),
		...(PRISM_BACKEND_PASSWORD !== undefined && { password: PRISM_BACKEND_PASSWORD }),
		...(tls !== undefined && { tls }),
		timeoutMs,
	};
}

/** The variable requires full verification of the certificate. A URL may require less, such as sslmode=require. */
function tlsOf(values: Environment, ofUrl: TlsSettings | undefined): TlsSettings | undefined {
	const { PRISM_BACKEND_TLS, PRISM_BACKEND_TLS_SERVER_NAME, PRISM_BACKEND_TLS_DIR } = values;
	if (!PRISM_BACKEND_TLS && ofUrl === undefined) return undefined;
	return {
		verify: PRISM_BACKEND_TLS ? "name" : (ofUrl?.verify ?? "name"),
		...(PRISM_BACKEND_TLS_SERVER_NAME !== undefined && { serverName: PRISM_BACKEND_TLS_SERVER_NAME }),
		...(PRISM_BACKEND_TLS_DIR !== undefined && { directory: PRISM_BACKEND_TLS_DIR }),
	};
}
