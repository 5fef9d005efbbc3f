import { KindGuard, type TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { TIMESTAMP_PATTERN, wordsOf } from "../schemas/common.ts";

// TypeBox schema → Kubernetes structural schema (OpenAPI v3 as a CustomResourceDefinition takes it). TypeBox emits
// `const`, `anyOf` and `patternProperties`, none of which is structural; `required` would also name fields that have a
// default, which kubectl would then report as required although it can be omitted.

export type Structural = Readonly<Record<string, unknown>>;

/** Keywords that mean the same in both languages and are copied as they are. */
const SHARED_KEYWORDS = [
	"description",
	"default",
	"format",
	"pattern",
	"minLength",
	"maxLength",
	"minimum",
	"maximum",
	"minItems",
	"maxItems",
	"minProperties",
	"maxProperties",
	"x-kubernetes-list-type",
	"x-kubernetes-list-map-keys",
	"x-kubernetes-map-type",
	"x-kubernetes-preserve-unknown-fields",
	"x-kubernetes-validations",
] as const;

/** Throws on a construct that has no structural form: a schema's author finds out when generating, not a user. */
export const toStructural = (schema: TSchema): Structural => ({ ...sharedKeywords(schema), ...shapeOf(schema) });

const sharedKeywords = (schema: TSchema): Structural => ({
	...Object.fromEntries(
		SHARED_KEYWORDS.filter((keyword) => schema[keyword] !== undefined)
			.filter((keyword) => keyword !== "pattern" || wordsOf(schema) === undefined)
			.map((keyword) => (schema[keyword] === TIMESTAMP_PATTERN ? ["format", "date-time"] : [keyword, schema[keyword]])),
	),
	// The API server checks a default against the CEL rules as it is written, without the defaults inside it.
	...(schema["default"] !== undefined && { default: Value.Default(schema, Value.Clone(schema["default"])) }),
});

const shapeOf = (schema: TSchema): Structural => {
	if (KindGuard.IsObject(schema)) {
		const required = (schema.required ?? []).filter((name) => schema.properties[name]?.["default"] === undefined);
		return {
			type: "object",
			...(required.length > 0 && { required }),
			properties: Object.fromEntries(
				Object.entries(schema.properties).map(([name, property]) => [name, toStructural(property)]),
			),
		};
	}
	if (KindGuard.IsRecord(schema)) {
		const [value] = Object.values(schema.patternProperties);
		if (value === undefined) throw new TypeError("cannot make a map structural: it has no value schema");
		return { type: "object", additionalProperties: toStructural(value) };
	}
	if (KindGuard.IsArray(schema)) return { type: "array", items: toStructural(schema.items) };
	if (KindGuard.IsUnion(schema)) return unionShape(schema.anyOf);
	if (KindGuard.IsString(schema)) return { type: "string" };
	if (KindGuard.IsInteger(schema)) return { type: "integer" };
	if (KindGuard.IsNumber(schema)) return { type: "number" };
	if (KindGuard.IsBoolean(schema)) return { type: "boolean" };
	if (KindGuard.IsUnknown(schema)) return {};
	throw new TypeError(`cannot make a schema structural: ${String(schema["type"] ?? "unknown kind")}`);
};

const unionShape = (members: readonly TSchema[]): Structural => {
	if (members.every((member) => KindGuard.IsLiteral(member)))
		return { type: "string", enum: members.map((member): unknown => member["const"]) };
	const [first, second] = members;
	if (first !== undefined && second !== undefined && members.length === 2 && KindGuard.IsNull(second))
		return { ...toStructural(first), nullable: true };
	if (members.length === 2 && members.some(KindGuard.IsInteger) && members.some(KindGuard.IsString))
		return {
			"x-kubernetes-int-or-string": true,
			...members.filter(KindGuard.IsString).map(sharedKeywords)[0],
		};
	throw new TypeError(
		"cannot make a union structural: only a list of strings, integer-or-string, or one schema or null, is",
	);
};
