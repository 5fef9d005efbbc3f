import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { ValueErrorType } from "@sinclair/typebox/errors";
import { Value } from "@sinclair/typebox/value";
import type { ObjectMeta } from "../../schemas/common.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { fieldOf, LabelSelectorShape } from "./controller-shapes.ts";

// The answers that hooks may give, read as strictly as Metacontroller reads version v2: a field that it does not know,
// or that comes twice, fails the sync. Inside of an object it does not look. For development and tests only.

const closed = { additionalProperties: false };

/** A child as a hook may answer it: whether it has a name, the API server checks. */
export interface AnsweredObject {
	apiVersion?: string;
	kind: string;
	metadata?: Partial<ObjectMeta>;
	[field: string]: unknown;
}

const AnyObject = Type.Unsafe<AnsweredObject>(
	Type.Object({
		apiVersion: Type.Optional(Type.String()),
		kind: Type.String({ minLength: 1 }),
		metadata: Type.Optional(Type.Object({ name: Type.Optional(Type.String()) })),
	}),
);
const Values = Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()])));

const common = {
	status: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
	resyncAfterSeconds: Type.Optional(Type.Number()),
	finalized: Type.Optional(Type.Boolean()),
};

export const CompositeAnswer = Type.Object({ ...common, children: Type.Optional(Type.Array(AnyObject)) }, closed);

export const DecoratorAnswer = Type.Object(
	{ ...common, labels: Values, annotations: Values, attachments: Type.Optional(Type.Array(AnyObject)) },
	closed,
);

export const CustomizeAnswer = Type.Object(
	{
		relatedResources: Type.Optional(
			Type.Array(
				Type.Object(
					{
						apiVersion: Type.String(),
						resource: Type.String(),
						namespace: Type.Optional(Type.String()),
						names: Type.Optional(Type.Array(Type.String())),
						labelSelector: Type.Optional(LabelSelectorShape),
						namespaceSelector: Type.Optional(LabelSelectorShape),
					},
					closed,
				),
			),
		),
	},
	closed,
);

export const readEnvelope = <Schema extends TSchema>(text: string, schema: Schema, strict: boolean): Static<Schema> => {
	const parsed: unknown = JSON.parse(text);
	const envelope = withoutNulls(parsed ?? {});
	const errors = [...Value.Errors(schema, envelope)];
	const wrong = errors.find(({ type }) => type !== ValueErrorType.ObjectAdditionalProperties);
	if (wrong) throw new Error(`${fieldOf(wrong.path) || "the answer"}: ${wrong.message}`);
	if (!strict) return envelope;
	const unknown = errors.map(({ path }) => `unknown field "${fieldOf(path)}"`);
	const twice = duplicates(text).map((path) => `duplicate field "${fieldOf(path)}"`);
	if (unknown.length + twice.length > 0) throw new Error([...unknown, ...twice].join(", "));
	return envelope;
};

/** A null stands for "left out", in the envelope and in a rule; in labels and inside of objects it means something. */
const withoutNulls = (value: unknown): unknown => {
	if (!isJsonObject(value)) return value;
	const given = dropNulls(value);
	const rules = given["relatedResources"];
	if (!Array.isArray(rules)) return given;
	return { ...given, relatedResources: rules.map((rule) => (isJsonObject(rule) ? dropNulls(rule) : rule)) };
};

const dropNulls = (object: JsonObject): JsonObject =>
	Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));

// ── Duplicates ──────────────────────────────────────────────────────────────────────────────────────────────────────

interface Level {
	/** Where the object or list is. */
	readonly path: string;
	/** The keys of an object so far; undefined in a list. */
	readonly keys: Set<string> | undefined;
	/** Key or index of the value that comes next. */
	next: string | number;
}

/** Pointers to the fields that occur twice in a valid JSON text, apart from those inside of children and attachments. */
const duplicates = (text: string): string[] => {
	const found: string[] = [];
	const levels: Level[] = [];
	const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
	for (const [index, token] of tokens.entries()) {
		const level = levels.at(-1);
		if (token === "{" || token === "[") {
			const path = level ? `${level.path}/${level.next}` : "";
			levels.push(token === "{" ? { path, keys: new Set(), next: "" } : { path, keys: undefined, next: 0 });
		} else if (token === "}" || token === "]") levels.pop();
		else if (token === "," && typeof level?.next === "number") level.next += 1;
		else if (level?.keys && tokens[index + 1] === ":") {
			level.next = String(JSON.parse(token));
			const path = `${level.path}/${level.next}`;
			if (level.keys.has(level.next) && !/^\/(children|attachments)\//.test(path)) found.push(path);
			level.keys.add(level.next);
		}
	}
	return found;
};
