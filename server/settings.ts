import { type Static, type TObject, type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { envSchema } from "env-schema";
import type { LevelWithSilent } from "pino";
import { compact } from "../kube/object.ts";

// Configuration by environment variables: types of variables, and their parser. `description` and `allowed` are the text of the
// variable's row in the documentation, and of its error.

/** Values of a path variable that mean "no file". */
export const UNSET = "none";

export const known = (value: string): string | undefined => (value === UNSET ? undefined : value);

export const integer = (description: string, fallback: number, [minimum, maximum]: readonly [number, number]) =>
	Type.Integer({
		minimum,
		maximum,
		default: fallback,
		description,
		allowed: `an integer from ${minimum} to ${maximum}`,
	});

export const flag = (description: string, fallback = false) =>
	Type.Boolean({ default: fallback, description, allowed: "true or false" });

/** Empty: no default. */
export const text = (
	description: string,
	fallback: string,
	allowed: string,
	form: { readonly pattern?: string; readonly minLength?: number; readonly maxLength?: number } = {},
) => Type.String({ ...form, default: fallback, description, allowed });

export const words = <Word extends string>(description: string, fallback: NoInfer<Word>, list: readonly Word[]) =>
	Type.Unsafe<Word>({
		type: "string",
		enum: [...list],
		default: fallback,
		description,
		allowed: list.length === 1 ? `${list[0]} only` : `one of ${list.join(", ")}`,
	});

export const file = (description: string) => text(description, UNSET, `a path, or ${UNSET}`, { maxLength: 4096 });

export const port = (description: string, fallback: number) => integer(description, fallback, [0, 65_535]);

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] satisfies LevelWithSilent[];
export const logLevel = (description: string) => words<LevelWithSilent>(description, "info", LOG_LEVELS);

export interface Variable {
	readonly name: string;
	readonly default: string;
	readonly allowed: string;
	readonly description: string;
}

/** Every variable, in the order of the documentation. */
export const variablesOf = ({ properties }: TObject): readonly Variable[] =>
	Object.entries<TSchema>(properties).map(([name, schema]) => ({
		name,
		default: String(schema.default ?? ""),
		allowed: String(schema["allowed"]),
		description: schema.description ?? "",
	}));

// ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export class ConfigError extends Error {
	override readonly name = "ConfigError";
	readonly problems: readonly string[];
	constructor(problems: readonly string[]) {
		super(`cannot read the configuration: ${problems.join("; ")}`);
		this.problems = problems;
	}
}

/** Errors of env-schema. Its message quotes no values, and neither do problems from it: a value can be a secret. */
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

/**
 * Kubernetes sets variables in a pod for every Service of its namespace: a Service "prism-gateway" causes
 * PRISM_GATEWAY_SERVICE_HOST, PRISM_GATEWAY_PORT_8080_TCP_ADDR, ... Those are no typing errors.
 */
const SERVICE_LINK =
	/^PRISM_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

/** An empty or blank variable counts as not set. `ours` recognizes names that only this program uses. */
export function readVariables<Schema extends TObject>(
	schema: Schema,
	env: Readonly<Record<string, string | undefined>>,
	ours: RegExp,
) {
	const data = Object.fromEntries(
		Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ""),
	);
	const variables = variablesOf(schema);
	const named = (name: string) => variables.find((variable) => variable.name === name);
	const prism = variables.map(({ name }) => name).filter((name) => name.startsWith("PRISM_"));
	/** The problem with a variable, and the allowed values. */
	const problemOf = (name: string, cause: string) =>
		`${name}: ${cause} (allowed: ${named(name)?.allowed ?? "another value"})`;
	const { values, rejections } = valuesOf(schema, data);
	return {
		/** All variables, if none was rejected. */
		values,
		/** Problems with values, and unknown names. */
		problems: rejections.map(({ name, cause }) => problemOf(name, cause)),
		unknown: Object.keys(data)
			.filter((name) => ours.test(name) && named(name) === undefined && !SERVICE_LINK.test(name))
			.toSorted()
			.map((name) => `${name}: there is no such variable (known: ${prism.join(", ")})`),
		/** The text of a variable, or its default; undefined when it was rejected or has neither. */
		accepted: (name: keyof Static<Schema>): string | undefined => {
			if (rejections.some((rejection) => rejection.name === name)) return undefined;
			return data[String(name)] ?? (named(String(name))?.default || undefined);
		},
		problemOf,
	};
}

function valuesOf<Schema extends TObject>(schema: Schema, data: Readonly<Record<string, string | undefined>>) {
	try {
		const values = envSchema<Static<Schema>>({
			// A copy, because env-schema modifies its argument.
			schema: { ...schema },
			data,
			env: false,
			ajv: { customOptions: (ajv) => ajv.addKeyword("allowed").addKeyword("rejected") },
		});
		return { values, rejections: [] };
	} catch (error) {
		if (!Value.Check(Rejection, error)) throw error;
		const rejections = error.errors.map(({ params, instancePath, keyword, message }) => {
			const name = params.missingProperty ?? instancePath.slice(1);
			return { name, cause: causeOf(keyword, schema.properties[name]?.["rejected"] ?? message) };
		});
		return { values: undefined, rejections };
	}
}

function causeOf(keyword: string, otherwise: unknown): string {
	if (keyword === "required") return "is needed";
	return keyword === "pattern" ? "has the wrong form" : String(otherwise);
}

/** A certificate and its key: one requires the other. */
export const halfPairs = <Name extends string>(
	read: Readonly<Record<Name, string>>,
	cert: Name,
	key: Name,
): string[] => {
	const [hasCert, hasKey] = [known(read[cert]) !== undefined, known(read[key]) !== undefined];
	return compact([!hasCert && hasKey && `${key}: needs ${cert}`, hasCert && !hasKey && `${cert}: needs ${key}`]);
};
