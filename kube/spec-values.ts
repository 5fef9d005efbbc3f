import { KindGuard, type TSchema } from "@sinclair/typebox";
import { AMOUNT_PATTERN, POSITIVE_PATTERN, QUANTITY_PATTERN } from "../schemas/common.ts";
import type { FieldProblem } from "../schemas/findings/specs.ts";
import { childLook, type Look } from "./child-values.ts";
import { isRecord } from "./object.ts";
import { GREATEST_QUANTITY, isStorable } from "./quantity.ts";

// Values that the schema accepts, but that would change in transit: JavaScript has no integers beyond 2^53, a field `__proto__` is
// lost when an object is copied, and each walk recurses as deep as the value does.

/** Levels that a spec may nest. */
export const MOST_LEVELS = 128;

/** Maximum number of reported problems of one spec. */
const MOST_PROBLEMS = 16;

/** The parts of a value that would change in transit; checked up to the maximum depth of a spec. */
export const valueProblems = (value: unknown, field: string): FieldProblem[] => {
	const found: FieldProblem[] = [];
	collect(value, field, 1, found);
	return found;
};

const collect = (value: unknown, field: string, level: number, found: FieldProblem[]): void => {
	if (found.length >= MOST_PROBLEMS) return;
	if (typeof value === "number") {
		if (Number.isInteger(value) && !Number.isSafeInteger(value)) found.push({ field, expected: { exact: true } });
		return;
	}
	if (typeof value !== "object" || value === null) return;
	if (level > MOST_LEVELS) {
		found.push({ field: shortened(field), expected: { levels: MOST_LEVELS } });
		return;
	}
	if (Array.isArray(value)) {
		for (const [index, item] of value.entries()) collect(item, `${field}[${index}]`, level + 1, found);
		return;
	}
	for (const [name, item] of Object.entries(value)) {
		if (name === "__proto__") found.push({ field: `${field}.${name}`, expected: { otherKey: true } });
		else collect(item, `${field}.${name}`, level + 1, found);
	}
};

/** The first fields of the path: the whole path of a deep value is not useful. */
const shortened = (field: string): string =>
	field
		.split(/(?=[.[])/)
		.slice(0, 3)
		.join("");

// ── By the schema ───────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Finds quantities that the API server would store with another value, and values that it would reject in a child. Compiled once per
 * schema, like the defaults.
 */
export const valuesOf = (schema: TSchema): Look => lookOf(schema) ?? (() => []);

/** `undefined`: there is nothing to look for in the schema. */
const lookOf = (schema: TSchema): Look | undefined => {
	if (isQuantity(schema)) return quantityAt;
	return both(childLook(schema), below(schema));
};

const both = (one: Look | undefined, other: Look | undefined): Look | undefined => {
	if (one === undefined || other === undefined) return one ?? other;
	return (value, field) => [...one(value, field), ...other(value, field)];
};

const below = (schema: TSchema): Look | undefined => {
	if (KindGuard.IsObject(schema)) return fieldsOf(schema.properties);
	if (KindGuard.IsArray(schema)) {
		const look = lookOf(schema.items);
		return (
			look &&
			((value, field) =>
				Array.isArray(value) ? value.flatMap((item: unknown, index) => look(item, `${field}[${index}]`)) : [])
		);
	}
	const [entry] = KindGuard.IsRecord(schema) ? Object.values(schema.patternProperties) : [];
	const look = entry && lookOf(entry);
	return (
		look &&
		((value, field) =>
			isRecord(value) ? Object.entries(value).flatMap(([name, item]) => look(item, `${field}.${name}`)) : [])
	);
};

const fieldsOf = (properties: Readonly<Record<string, TSchema>>): Look | undefined => {
	const fields = Object.entries(properties).flatMap(([name, schema]) => {
		const look = lookOf(schema);
		return look === undefined ? [] : [{ name, look }];
	});
	if (fields.length === 0) return undefined;
	return (value, field) =>
		isRecord(value) ? fields.flatMap(({ name, look }) => look(value[name], `${field}.${name}`)) : [];
};

const QUANTITIES: readonly unknown[] = [QUANTITY_PATTERN, AMOUNT_PATTERN, POSITIVE_PATTERN];

const isQuantity = (schema: TSchema): boolean =>
	KindGuard.IsUnion(schema) &&
	schema.anyOf.some((member) => KindGuard.IsString(member) && QUANTITIES.includes(member.pattern));

const quantityAt: Look = (value, field) =>
	(typeof value !== "string" && typeof value !== "number") || isStorable(value)
		? []
		: [{ field, expected: { quantityAtMost: String(GREATEST_QUANTITY) }, got: value }];
