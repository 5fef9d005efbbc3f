import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { envSchema } from "env-schema";
import type { LevelWithSilent } from "pino";
import { durationMillis } from "../../kube/time.ts";
import { DURATION_PATTERN } from "../../schemas/common.ts";
import { ConfigError, type Variable } from "../config.ts";
import { type Address, type Backend, PROVIDERS, type Provider, readAddress, type TlsSettings } from "./backend.ts";

// The configuration of the probe, from environment variables only: those of the backend are the ones that a runner
// gets. `description` and `allowed` are the text of a variable's row in the documentation and of its error.

// ── Variables ───────────────────────────────────────────────────────────────────────────────────────────────────────

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] satisfies LevelWithSilent[];

const Environment = Type.Object({
	PRISM_BACKEND_PROVIDER: Type.Unsafe<Provider>({
		type: "string",
		enum: PROVIDERS,
		description: "The backend's technology; others are not probed.",
		allowed: `one of ${PROVIDERS.join(", ")}`,
	}),
	PRISM_BACKEND_URL: Type.Optional(
		Type.String({
			description:
				"Where the backend is; several hosts are tried in turn. memstore has none. Also read from it: credentials, postgres' database and sslmode, the number of redis' database, kafka's mechanism (?mechanism=SCRAM-SHA-512).",
			allowed: "[scheme://][user:password@]host[:port][,host[:port]...][/database][?option=value]",
		}),
	),
	PRISM_BACKEND_USERNAME: Type.Optional(
		Type.String({ description: "User name. Wins over the URL's.", allowed: "any text" }),
	),
	PRISM_BACKEND_PASSWORD: Type.Optional(
		Type.String({
			description: "Password; for nats without a user name, a token. Wins over the URL's.",
			allowed: "any text",
		}),
	),
	PRISM_BACKEND_TLS: Type.Boolean({
		default: false,
		description: "Whether the connection uses TLS, and checks the backend's certificate. A URL may ask for it too.",
		allowed: "true or false",
	}),
	PRISM_BACKEND_TLS_SERVER_NAME: Type.Optional(
		Type.String({
			maxLength: 253,
			pattern: "^[A-Za-z0-9.:_-]+$",
			description: "Name that the backend's certificate must carry, if it is not the host of the URL.",
			allowed: "a host name or an IP address",
		}),
	),
	PRISM_BACKEND_TLS_DIR: Type.Optional(
		Type.String({
			description:
				"Folder with ca.crt and, for mutual TLS, tls.crt and tls.key, read for each new connection. Without it, the public authorities count.",
			allowed: "a path",
		}),
	),
	PRISM_PROBE_INTERVAL: Type.String({
		pattern: DURATION_PATTERN,
		default: "30s",
		description: "Time from the beginning of one check to that of the next.",
		allowed: "a duration from 100ms to 24h, such as 30s or 1m30s",
	}),
	PRISM_PROBE_TIMEOUT: Type.String({
		pattern: DURATION_PATTERN,
		default: "5s",
		description: "Time after which a check has failed, connecting included.",
		allowed: "a duration from 10ms to PRISM_PROBE_INTERVAL, such as 5s or 500ms",
	}),
	PRISM_PROBE_PORT: Type.Integer({
		minimum: 0,
		maximum: 65535,
		default: 8080,
		description: "TCP port of /readyz, /healthz and /metrics, on every address. 0 takes any free port.",
		allowed: "an integer from 0 to 65535",
	}),
	LOG_LEVEL: Type.Unsafe<LevelWithSilent>({
		type: "string",
		enum: LOG_LEVELS,
		default: "info",
		description: "Least severe level that is logged. Every change of the verdict is one line at info.",
		allowed: `one of ${LOG_LEVELS.join(", ")}`,
	}),
});
type Environment = Static<typeof Environment>;

/** Every variable, in the order of the documentation. */
export const variables: readonly Variable[] = Object.entries<TSchema>(Environment.properties).map(([name, schema]) => ({
	name,
	default: String(schema.default ?? ""),
	allowed: String(schema["allowed"]),
	description: schema.description ?? "",
}));

// ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ProbeConfig {
	readonly backend: Backend;
	readonly intervalMs: number;
	readonly timeoutMs: number;
	readonly port: number;
	readonly logLevel: LevelWithSilent;
}

/** Throws a `ConfigError` with every problem at once. A variable that is empty or blank counts as not set. */
export function readProbeConfig(env: Readonly<Record<string, string | undefined>>): ProbeConfig {
	const set = Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== "");
	const unknown = set.map(([name]) => name).filter(isUnknown);
	const read = readEnvironment(Object.fromEntries(set));
	const address = addressOf(read.accepted);
	const problems = [
		...read.problems,
		...(typeof address === "string" ? [problemOf("PRISM_BACKEND_URL", address)] : []),
		...problemsOfTimes(read.accepted),
		...unknown.toSorted().map(unknownProblem),
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

/** The text of a variable, or its default; undefined when it was rejected or has neither. */
type Accepted = (name: keyof Environment) => string | undefined;

interface Read {
	/** All variables, when none was rejected. */
	readonly values?: Environment;
	readonly problems: readonly string[];
	/** What was not rejected is judged further all the same, so that one try finds every problem. */
	readonly accepted: Accepted;
}

function readEnvironment(data: Readonly<Record<string, string | undefined>>): Read {
	const textOf: Accepted = (name) => data[name] ?? DEFAULTS[name];
	try {
		const values = envSchema<Environment>({
			// A copy: env-schema writes additionalProperties into what it is given.
			schema: { ...Environment },
			data,
			env: false,
			ajv: { customOptions: (ajv) => ajv.addKeyword("allowed") },
		});
		return { values, problems: [], accepted: textOf };
	} catch (error) {
		if (!Value.Check(Rejection, error)) throw error;
		const rejections = error.errors.map((one) => ({
			...one,
			name: one.params.missingProperty ?? one.instancePath.slice(1),
		}));
		return {
			problems: rejections.map(({ name, keyword, message }) => problemOf(name, causeOf(name, keyword, message))),
			accepted: (name) => (rejections.some((rejection) => rejection.name === name) ? undefined : textOf(name)),
		};
	}
}

const DEFAULTS: Readonly<Record<string, string>> = Object.fromEntries(
	variables.filter((variable) => variable.default !== "").map((variable) => [variable.name, variable.default]),
);

/** What env-schema throws. Its message quotes no values, and neither does a problem made of it: one may be a secret. */
const Rejection = Type.Object({
	errors: Type.Array(
		Type.Object({
			instancePath: Type.String(),
			keyword: Type.String(),
			message: Type.String(),
			params: Type.Object({ missingProperty: Type.Optional(Type.String()) }),
		}),
	),
});

function causeOf(name: string, keyword: string, message: string): string {
	if (keyword === "required") return "is needed";
	if (keyword === "pattern") return "has the wrong form";
	return name === "PRISM_BACKEND_PROVIDER" ? "this provider is not probed" : message;
}

const problemOf = (name: string, cause: string): string =>
	`${name}: ${cause} (allowed: ${variables.find((variable) => variable.name === name)?.allowed ?? "another value"})`;

/** A Service called prism-probe or prism-backend puts variables into every pod of its namespace. */
const SERVICE_LINK =
	/^PRISM_(PROBE|BACKEND)_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

const isUnknown = (name: string): boolean =>
	/^PRISM_(PROBE|BACKEND)_/.test(name) && !Object.hasOwn(Environment.properties, name) && !SERVICE_LINK.test(name);

const unknownProblem = (name: string): string => {
	const known = variables.map((variable) => variable.name).filter((candidate) => candidate.startsWith("PRISM_"));
	return `${name}: there is no such variable (known: ${known.join(", ")})`;
};

// ── Times ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const DAY_MS = 86_400_000;
function problemsOfTimes(accepted: Accepted): string[] {
	const intervalMs = durationMillis(accepted("PRISM_PROBE_INTERVAL") ?? "24h");
	const timeoutMs = durationMillis(accepted("PRISM_PROBE_TIMEOUT") ?? "10ms");
	return [
		...(intervalMs < 100 || intervalMs > DAY_MS ? [problemOf("PRISM_PROBE_INTERVAL", "is out of range")] : []),
		...(timeoutMs < 10 ? [problemOf("PRISM_PROBE_TIMEOUT", "is out of range")] : []),
		...(timeoutMs > intervalMs ? [problemOf("PRISM_PROBE_TIMEOUT", "is above PRISM_PROBE_INTERVAL")] : []),
	];
}

// ── Backend ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function addressOf(accepted: Accepted): Address | string {
	const provider = PROVIDERS.find((name) => name === accepted("PRISM_BACKEND_PROVIDER"));
	const url = accepted("PRISM_BACKEND_URL");
	if (provider === undefined || provider === "memstore") return { endpoints: [] };
	return url === undefined ? "is needed" : readAddress(url.trim(), provider);
}

function backendOf(values: Environment, address: Address, timeoutMs: number): Backend {
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

/** The variable wants the certificate checked in full; a URL may want less, as sslmode=require does. */
function tlsOf(values: Environment, ofUrl: TlsSettings | undefined): TlsSettings | undefined {
	const { PRISM_BACKEND_TLS, PRISM_BACKEND_TLS_SERVER_NAME, PRISM_BACKEND_TLS_DIR } = values;
	if (!PRISM_BACKEND_TLS && ofUrl === undefined) return undefined;
	return {
		verify: PRISM_BACKEND_TLS ? "name" : (ofUrl?.verify ?? "name"),
		...(PRISM_BACKEND_TLS_SERVER_NAME !== undefined && { serverName: PRISM_BACKEND_TLS_SERVER_NAME }),
		...(PRISM_BACKEND_TLS_DIR !== undefined && { directory: PRISM_BACKEND_TLS_DIR }),
	};
}
