import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { envSchema } from "env-schema";
import type { LevelWithSilent } from "pino";
import { Installation } from "../schemas/installation.ts";
import type { Limits } from "./app.ts";

// The configuration of the server, from environment variables only. `description` and `allowed` of each variable are
// the text of its row in the documentation and of its error.

// ── Variables ───────────────────────────────────────────────────────────────────────────────────────────────────────

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] satisfies LevelWithSilent[];

const installation = Value.Create(Installation);

const Environment = Type.Object({
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
		description: "Address to listen on. Callers are not authenticated: leave it on loopback unless the network is.",
		allowed: "an IP address or a host name",
	}),
	LOG_LEVEL: Type.Unsafe<LevelWithSilent>({
		type: "string",
		enum: LOG_LEVELS,
		default: "info",
		description: "Least severe level that is logged. Every call of a hook is one line at info.",
		allowed: `one of ${LOG_LEVELS.join(", ")}`,
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
	PRISM_INLINE_CREDENTIALS: Type.Boolean({
		default: installation.inlineCredentials,
		description: "Whether a URL that carries credentials may be written in a spec; it is kept in a generated Secret.",
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
});

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

// ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Config {
	readonly port: number;
	readonly host: string;
	readonly logLevel: LevelWithSilent;
	readonly installation: Installation;
	readonly limits: Limits;
	readonly shutdownGraceSeconds: number;
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
	const problems = [...("problems" in read ? read.problems : []), ...unknown.toSorted().map(unknownProblem)];
	if ("problems" in read || problems.length > 0) throw new ConfigError(problems);
	return {
		port: read.PORT,
		host: read.HOST,
		logLevel: read.LOG_LEVEL,
		installation: {
			imageRegistry: read.PRISM_IMAGE_REGISTRY,
			imageTag: read.PRISM_IMAGE_TAG,
			inlineCredentials: read.PRISM_INLINE_CREDENTIALS,
			serviceMonitors: read.PRISM_SERVICE_MONITORS,
		},
		limits: { bodyBytes: read.BODY_LIMIT_BYTES, requestTimeoutSeconds: read.REQUEST_TIMEOUT_SECONDS },
		shutdownGraceSeconds: read.SHUTDOWN_GRACE_SECONDS,
	};
}

type Environment = Static<typeof Environment>;

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
