import type { TSchema } from "@sinclair/typebox";
import { type ValueError, ValueErrorType } from "@sinclair/typebox/errors";
import { Value } from "@sinclair/typebox/value";
import { isKubeObject } from "../../kube/object.ts";
import { brokenRules } from "../../kube/validation.ts";
import type { KindDescriptor } from "../../schemas/common.ts";
import { copyJson, isJsonObject, type JsonObject, objectAt } from "../json.ts";

// What the API server does with an object of a described kind before storing it: prune, default, validate, evaluate the
// CEL rules. Transition rules (those on oldSelf) are not evaluated; the real API server is the judge of those.

/** The part of a schema that pruning, defaulting and merging use. */
export interface SchemaNode {
	readonly type?: string;
	readonly default?: unknown;
	readonly properties?: Readonly<Record<string, SchemaNode>>;
	readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
	readonly items?: SchemaNode;
	readonly anyOf?: readonly SchemaNode[];
	readonly const?: unknown;
	readonly pattern?: string;
	readonly "x-kubernetes-list-map-keys"?: readonly string[];
}

/** The schema of one member of an object or map; undefined where the schema does not declare it. */
export const memberSchema = (schema: SchemaNode | undefined, key: string): SchemaNode | undefined =>
	schema?.properties?.[key] ?? Object.values(schema?.patternProperties ?? {})[0];

/** Copies spec and status without the fields that the schema does not declare, and with its defaults. */
export const conform = (
	descriptor: KindDescriptor,
	object: JsonObject,
): { object: JsonObject; undeclared: string[] } => {
	const undeclared: string[] = [];
	const conformed: JsonObject = {};
	for (const [key, value] of Object.entries(object)) {
		if (["apiVersion", "kind", "metadata"].includes(key)) conformed[key] = value;
		else if (key !== "spec" && key !== "status") undeclared.push(key);
	}
	for (const key of ["spec", "status"] as const) {
		const value = visit(descriptor[key], object[key], key, undeclared);
		if (value !== undefined) conformed[key] = value;
	}
	return { object: conformed, undeclared };
};

const visit = (schema: SchemaNode, value: unknown, path: string, undeclared: string[]): unknown => {
	// The API server also replaces a null by the default.
	const given =
		(value === undefined || value === null) && schema.default !== undefined ? copyJson(schema.default) : value;
	// What may not be null and has no default is dropped; only free-form parts may hold a null.
	if (given === null && (schema.type !== undefined || schema.anyOf !== undefined)) return undefined;
	if (Array.isArray(given) && schema.items) {
		const { items } = schema;
		return given.map((item, index) => visit(items, item, `${path}[${index}]`, undeclared));
	}
	if (!isJsonObject(given) || (!schema.properties && !schema.patternProperties)) return given;
	const result: JsonObject = {};
	for (const [key, member] of Object.entries(given)) {
		const known = memberSchema(schema, key);
		if (known) result[key] = visit(known, member, `${path}.${key}`, undeclared);
		else undeclared.push(`${path}.${key}`);
	}
	for (const [key, member] of Object.entries(schema.properties ?? {})) {
		if (key in result) continue;
		const added = visit(member, undefined, `${path}.${key}`, undeclared);
		if (added !== undefined) result[key] = added;
	}
	return result;
};

// ── Validation ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** What is wrong with spec and status, in the API server's words; empty when nothing is. */
export const violations = (descriptor: KindDescriptor, object: JsonObject): string[] => {
	const found = new Map<string, string>();
	for (const key of ["spec", "status"] as const) {
		if (key === "status" && object[key] === undefined) continue;
		if (object[key] === undefined) {
			found.set(key, `${key}: Required value`);
			continue;
		}
		for (const error of Value.Errors(descriptor[key] as TSchema, object[key])) {
			// The server checks other formats by itself; TypeBox knows none unless it was registered.
			if (error.type === ValueErrorType.StringFormatUnknown) continue;
			const path = dotted(key, error.path);
			// A missing field is reported first as missing and then as of the wrong type.
			if (!found.has(path)) found.set(path, message(path, error));
		}
		for (const [path, entry] of duplicates(descriptor[key], object[key], key)) {
			found.set(path, `${path}: Duplicate value: ${entry}`);
		}
	}
	return found.size > 0 ? [...found.values()] : ruleViolations(descriptor, object);
};

/** The server evaluates rules only on what is otherwise valid. */
const ruleViolations = (descriptor: KindDescriptor, object: JsonObject): string[] =>
	isKubeObject(object) ? brokenRules(descriptor, object) : [];

/** Entries of lists by key whose key another entry has too: TypeBox does not check those. */
function* duplicates(schema: SchemaNode, value: unknown, path: string): Generator<[path: string, key: string]> {
	if (isJsonObject(value)) {
		for (const [key, member] of Object.entries(value)) {
			const known = memberSchema(schema, key);
			if (known) yield* duplicates(known, member, `${path}.${key}`);
		}
	}
	if (!Array.isArray(value) || !schema.items) return;
	const seen = new Set<string>();
	for (const [index, item] of value.entries()) {
		yield* duplicates(schema.items, item, `${path}[${index}]`);
		const keys = schema["x-kubernetes-list-map-keys"];
		if (!keys) continue;
		const entry = Object.fromEntries(keys.map((key) => [key, objectAt(item)[key]]));
		const id = JSON.stringify(entry);
		if (seen.has(id)) yield [`${path}[${index}]`, id];
		seen.add(id);
	}
}

/** "/rules/0/name" → "spec.rules[0].name" */
const dotted = (root: string, pointer: string): string =>
	pointer
		.split("/")
		.slice(1)
		.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
		.reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : `${path}.${part}`), root);

const message = (path: string, { type, schema, value }: ValueError): string => {
	const limit = (name: string) => String((schema as Readonly<Record<string, unknown>>)[name]);
	const shown = isJsonObject(value) || Array.isArray(value) ? JSON.stringify(value) : JSON.stringify(value ?? null);
	const size = Object.keys(Object(value)).length;
	const rejected = (rule: string) => `${path}: Invalid value: ${shown}: ${path} in body ${rule}`;
	switch (type) {
		case ValueErrorType.ObjectRequiredProperty:
			return `${path}: Required value`;
		case ValueErrorType.Union:
			return unionMessage(path, schema, shown);
		case ValueErrorType.IntegerMinimum:
		case ValueErrorType.NumberMinimum:
			return rejected(`should be greater than or equal to ${limit("minimum")}`);
		case ValueErrorType.IntegerMaximum:
		case ValueErrorType.NumberMaximum:
			return rejected(`should be less than or equal to ${limit("maximum")}`);
		case ValueErrorType.StringPattern:
			return rejected(`should match '${limit("pattern")}'`);
		case ValueErrorType.StringMinLength:
			return rejected(`should be at least ${limit("minLength")} chars long`);
		case ValueErrorType.StringMaxLength:
			return `${path}: Too long: may not be more than ${limit("maxLength")} bytes`;
		case ValueErrorType.ArrayMinItems:
			return rejected(`should have at least ${limit("minItems")} items`);
		case ValueErrorType.ArrayMaxItems:
			return `${path}: Too many: ${size}: must have at most ${limit("maxItems")} items`;
		case ValueErrorType.ObjectMaxProperties:
			return `${path}: Too many: ${size}: must have at most ${limit("maxProperties")} items`;
		case ValueErrorType.ObjectMinProperties:
			return rejected(`should have at least ${limit("minProperties")} properties`);
		default:
			return `${path}: Invalid value: "${jsonType(value)}": ${path} in body must be of type ${limit("type")}: "${jsonType(value)}"`;
	}
};

const unionMessage = (path: string, schema: SchemaNode, shown: string): string => {
	const choices = (schema.anyOf ?? []).map((member) => member.const).filter((choice) => choice !== undefined);
	// A quantity: a number, or a text of a certain form.
	const pattern = (schema.anyOf ?? []).map((member) => member.pattern).find((text) => text !== undefined);
	if (pattern !== undefined && shown.startsWith('"')) {
		return `${path}: Invalid value: ${shown}: ${path} in body should match '${pattern}'`;
	}
	if (choices.length === 0) return `${path}: Invalid value: ${shown}: ${path} in body is of no allowed type`;
	const supported = choices.map((choice) => JSON.stringify(choice)).join(", ");
	return `${path}: Unsupported value: ${shown}: supported values: ${supported}`;
};

const jsonType = (value: unknown): string => {
	if (value === null || value === undefined) return "null";
	if (Array.isArray(value)) return "array";
	if (Number.isInteger(value)) return "integer";
	return typeof value;
};
