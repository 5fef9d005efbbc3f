import { type TSchema, Type } from "@sinclair/typebox";
import { describe, expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { isRecord } from "../../kube/object.ts";
import { toStructural } from "../../kube/structural.ts";
import { Choice, FreeForm, ListBy, MapOf, QUANTITY_PATTERN, Quantity, rules, Worded } from "../../schemas/common.ts";

describe("structural schemas", () => {
	const rule = { rule: "self.size() > 0", message: "must not be empty" };

	it.each<{ reason: string; schema: TSchema; structural: unknown }>([
		{
			reason: "text",
			schema: Type.String({ pattern: "^a", maxLength: 3 }),
			structural: { type: "string", pattern: "^a", maxLength: 3 },
		},
		{
			reason: "integer",
			schema: Type.Integer({ minimum: 1, format: "int32" }),
			structural: { type: "integer", minimum: 1, format: "int32" },
		},
		{ reason: "number", schema: Type.Number(), structural: { type: "number" } },
		{ reason: "boolean", schema: Type.Boolean({ default: false }), structural: { type: "boolean", default: false } },
		{
			reason: "choice",
			schema: Choice(["a", "b"], { default: "a" }),
			structural: { type: "string", enum: ["a", "b"], default: "a" },
		},
		{
			reason: "map",
			schema: MapOf(Type.String(), { maxProperties: 2 }),
			structural: { type: "object", maxProperties: 2, additionalProperties: { type: "string" } },
		},
		{
			reason: "anything",
			schema: FreeForm({ description: "x" }),
			structural: { description: "x", "x-kubernetes-preserve-unknown-fields": true },
		},
		{
			reason: "a quantity is an integer or a string",
			schema: Quantity({ description: "q" }),
			structural: {
				description: "q",
				"x-kubernetes-int-or-string": true,
				maxLength: 64,
				pattern: QUANTITY_PATTERN,
			},
		},
		{
			reason: "an integer or null",
			schema: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], { description: "x" }),
			structural: { description: "x", type: "integer", minimum: 0, nullable: true },
		},
		{
			reason: "a form that is told in words is a rule",
			schema: Worded("^a+$", "must be all a"),
			structural: {
				type: "string",
				"x-kubernetes-validations": [{ rule: "self.matches('^a+$')", message: "must be all a" }],
			},
		},
		{
			reason: "a list by key",
			schema: ListBy(Type.Object({ name: Type.String() }), ["name"], { maxItems: 2 }),
			structural: {
				type: "array",
				maxItems: 2,
				"x-kubernetes-list-type": "map",
				"x-kubernetes-list-map-keys": ["name"],
				items: { type: "object", required: ["name"], properties: { name: { type: "string" } } },
			},
		},
		{
			reason: "what has a default is not required",
			schema: Type.Object({
				must: Type.String(),
				may: Type.Optional(Type.String()),
				has: Type.String({ default: "x" }),
			}),
			structural: {
				type: "object",
				required: ["must"],
				properties: { must: { type: "string" }, may: { type: "string" }, has: { type: "string", default: "x" } },
			},
		},
		{
			reason: "a default is written out, for the rules are checked against it as it stands",
			schema: Type.Object({ inner: Type.Object({ port: Type.Integer({ default: 1 }) }, { default: {} }) }),
			structural: {
				type: "object",
				properties: {
					inner: { type: "object", default: { port: 1 }, properties: { port: { type: "integer", default: 1 } } },
				},
			},
		},
		{
			reason: "rules",
			schema: Type.String(rules(rule)),
			structural: { type: "string", "x-kubernetes-validations": [rule] },
		},
	])("are made of: $reason", ({ schema, structural }) => {
		expect(toStructural(schema)).toEqual(structural);
	});

	it.each<{ reason: string; schema: TSchema }>([
		{ reason: "a union of objects", schema: Type.Union([Type.Object({}), Type.String()]) },
		{ reason: "a union of two texts", schema: Type.Union([Type.String(), Type.String({ maxLength: 3 })]) },
		{ reason: "a union of null and a text", schema: Type.Union([Type.Null(), Type.String()]) },
		{ reason: "a union of three", schema: Type.Union([Type.String(), Type.Integer(), Type.Boolean()]) },
		{ reason: "an intersection", schema: Type.Intersect([Type.Object({}), Type.Object({})]) },
		{ reason: "a tuple", schema: Type.Tuple([Type.String()]) },
		{ reason: "a literal alone", schema: Type.Literal("a") },
		{ reason: "null", schema: Type.Null() },
		{ reason: "any", schema: Type.Any() },
		{ reason: "a date", schema: Type.Date() },
		{ reason: "a reference", schema: Type.Ref("Other") },
		{ reason: "not", schema: Type.Not(Type.String()) },
		{ reason: "deep inside", schema: Type.Object({ list: Type.Array(MapOf(Type.Null(), { maxProperties: 1 })) }) },
	])("can't be made of $reason", ({ schema }) => {
		expect(() => toStructural(schema)).toThrow(/cannot make/);
	});

	it.each(REGISTRY.map(({ parent }) => parent))(
		"of $kind bound every list, map and text, and describe every field",
		(kind) => {
			const unbounded = (value: unknown, path: string): string[] => {
				if (!isRecord(value)) return [];
				const { type, properties, items, additionalProperties } = value;
				return [
					...(type === "array" && value["maxItems"] === undefined ? [`${path}: list`] : []),
					...(isRecord(additionalProperties) && value["maxProperties"] === undefined ? [`${path}: map`] : []),
					...(type === "string" && !("maxLength" in value || "enum" in value || "format" in value)
						? [`${path}: text`]
						: []),
					...Object.entries(isRecord(properties) ? properties : {}).flatMap(([name, field]) =>
						unbounded(field, `${path}.${name}`),
					),
					...unbounded(items, `${path}[]`),
					...unbounded(additionalProperties, `${path}.*`),
				];
			};
			expect([
				...unbounded(toStructural(kind.spec), "spec"),
				...unbounded(toStructural(kind.status), "status"),
			]).toEqual([]);
		},
	);
});
