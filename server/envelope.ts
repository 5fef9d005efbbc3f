import { KindGuard, type Static, type TObject, type TRecord, type TSchema } from "@sinclair/typebox";
import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import type { FastifySchemaCompiler } from "fastify";
import type { Row } from "../kube/hook.ts";
import { isRecord } from "../kube/object.ts";
import type { KubeObject } from "../schemas/common.ts";
import { noRequest, Refusal } from "./rejected-request.ts";

// Whether a body is a request of Metacontroller, and the first violation. TypeBox's own list of errors walks through everything that
// is valid, at microseconds per field, and continues to the last error of a million.

interface Place {
	readonly schema: TSchema;
	readonly value: unknown;
	/** JSON pointer. */
	readonly path: string;
}

export const compileEnvelope: FastifySchemaCompiler<TSchema> = ({ schema }) => envelopeCheck(schema);

/** Returns a function that throws a `Refusal` for what is no request. */
export const checkRequest = <Schema extends TSchema>(schema: Schema): ((value: unknown) => Static<Schema>) => {
	const check = envelopeCheck(schema);
	const isRequest = (value: unknown): value is Static<Schema> => check(value).error === undefined;
	return (value) => {
		if (isRequest(value)) return value;
		const [violation = { instancePath: "" }] = check(value).error ?? [];
		throw noRequest(violation);
	};
};

const envelopeCheck = (schema: TSchema) => {
	const checks = new Map<TSchema, TypeCheck<TSchema>>();
	const checkOf = (part: TSchema) => {
		const known = checks.get(part);
		if (known !== undefined) return known;
		const check = TypeCompiler.Compile(part);
		checks.set(part, check);
		return check;
	};
	const isWrong = (place: Place) => !checkOf(place.schema).Check(place.value);

	const firstWrong = (outer: Place): Place => {
		for (const part of parts(outer)) {
			if (isWrong(part)) return firstWrong(part);
		}
		return outer;
	};

	const failure = ({ schema: expected, value: found, path }: Place) => {
		const first = found === undefined ? undefined : checkOf(expected).Errors(found).First();
		return {
			keyword: "type",
			instancePath: `${path}${first?.path ?? ""}`,
			schemaPath: "",
			params: {},
			message: first?.message ?? "expected required property",
		};
	};

	checkOf(schema);
	return (value: unknown) => {
		if (!isWrong({ schema, value, path: "" })) return { value };
		return { error: [failure(firstWrong({ schema, value, path: "" }))] };
	};
};

/** A controller whose URL names another controller's webhook would have a spec of another kind evaluated. */
export function checkedParent({ parent: { group, version, kind } }: Row, parent: KubeObject): KubeObject {
	const apiVersion = `${group}/${version}`;
	if (parent.apiVersion === apiVersion && parent.kind === kind) return parent;
	const field = parent.kind === kind ? "/parent/apiVersion" : "/parent/kind";
	throw new Refusal("PRISM_ERR_WRONG_KIND", { value: `${kind} ${apiVersion}`, field });
}

function* parts({ schema, value, path }: Place): Generator<Place> {
	if (!isRecord(value)) return;
	if (KindGuard.IsObject(schema)) yield* fields(schema, value, path);
	if (KindGuard.IsRecord(schema)) yield* entries(schema, value, path);
}

function* fields(
	{ properties, required = [], additionalProperties }: TObject,
	value: Record<string, unknown>,
	path: string,
) {
	if (typeof additionalProperties === "object") yield* others(additionalProperties, value, path);
	for (const [name, schema] of Object.entries(properties)) {
		if (Object.hasOwn(value, name) || required.includes(name)) {
			yield { schema, value: value[name], path: `${path}/${escaped(name)}` };
		}
	}
}

function* entries({ patternProperties }: TRecord, value: Record<string, unknown>, path: string) {
	const [schema] = Object.values(patternProperties);
	if (schema !== undefined) yield* others(schema, value, path);
}

function* others(schema: TSchema, value: Record<string, unknown>, path: string) {
	for (const name of Object.keys(value)) yield { schema, value: value[name], path: `${path}/${escaped(name)}` };
}

const escaped = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");
