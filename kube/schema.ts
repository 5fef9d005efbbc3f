import { KindGuard, type Static, type TSchema } from "@sinclair/typebox";
import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import { Value } from "@sinclair/typebox/value";
import { isRecord } from "./object.ts";

// Defaults and checks of a schema, optimized for objects that are read at every sync. TypeBox walks through each level twice, so it
// visits a field ten levels deep a thousand times, and copies the whole value first. Here, both are compiled once per schema; no
// value is cached.

// ── Check ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Whether a value conforms to the schema. Compiled at the first check: compiling all schemas at startup would delay each command by
 * 50 ms.
 */
export const checkOf = <Schema extends TSchema>(schema: Schema) => {
	let check: TypeCheck<TSchema> | undefined;
	return (value: unknown): value is Static<Schema> => {
		check ??= TypeCompiler.Compile<TSchema>(schema);
		return check.Check(value);
	};
};

// ── Defaults ────────────────────────────────────────────────────────────────────────────────────────────────────────

type Fill = (value: unknown) => unknown;

/** Adds the defaults of the schema to a value, like the API server. Unchanged parts are shared, not copied. */
export const defaultsOf = (schema: TSchema): Fill => fillOf(schema) ?? ((value) => value);

/** `undefined`: the schema has no default, so every value stays unchanged. */
const fillOf = (schema: TSchema): Fill | undefined => {
	const own = ownDefault(schema);
	if (KindGuard.IsObject(schema)) return then(own, fieldsOf(schema.properties));
	if (KindGuard.IsArray(schema)) return then(own, itemsOf(schema.items));
	if (KindGuard.IsRecord(schema)) {
		const [entry] = Object.values(schema.patternProperties);
		// As in TypeBox: entries are processed only if they have a default of their own.
		return then(own, entry !== undefined && "default" in entry ? entriesOf(entry) : undefined);
	}
	if (isPlain(schema)) return own;
	return (value) => Value.Default(schema, Value.Clone(value));
};

/** Whether nothing below a schema can have a default. */
const isPlain = (schema: TSchema): boolean => {
	if (KindGuard.IsUnion(schema)) return schema.anyOf.every((member) => isScalar(member) && !("default" in member));
	return isScalar(schema);
};

const SCALARS = ["String", "Integer", "Number", "Boolean", "Literal", "Unknown", "Any", "Null"] as const;
const isScalar = (schema: TSchema): boolean => SCALARS.some((kind) => KindGuard[`Is${kind}`](schema));

const then = (first: Fill | undefined, second: Fill | undefined): Fill | undefined => {
	if (first === undefined) return second;
	return second === undefined ? first : (value) => second(first(value));
};

const ownDefault = (schema: TSchema): Fill | undefined => {
	if (!("default" in schema)) return undefined;
	const byDefault: unknown = schema["default"];
	if (!isRecord(byDefault)) return (value) => (value === undefined ? byDefault : value);
	const isEmpty = Object.keys(byDefault).length === 0;
	return (value) => {
		if (value === undefined) return byDefault;
		return isRecord(value) && !isEmpty ? { ...byDefault, ...value } : value;
	};
};

const fieldsOf = (properties: Readonly<Record<string, TSchema>>): Fill | undefined => {
	const fields = Object.entries(properties).flatMap(([name, schema]) => {
		const fill = fillOf(schema);
		return fill === undefined ? [] : [{ name, fill }];
	});
	if (fields.length === 0) return undefined;
	return (value) => {
		if (!isRecord(value)) return value;
		let filled: Record<string, unknown> | undefined;
		for (const { name, fill } of fields) {
			const before = value[name];
			const after = fill(before);
			if (after === before) continue;
			filled ??= { ...value };
			filled[name] = after;
		}
		return filled ?? value;
	};
};

const entriesOf = (schema: TSchema): Fill | undefined => {
	const fill = fillOf(schema);
	if (fill === undefined) return undefined;
	return (value) =>
		isRecord(value) ? Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, fill(entry)])) : value;
};

const itemsOf = (schema: TSchema): Fill | undefined => {
	const fill = fillOf(schema);
	if (fill === undefined) return undefined;
	return (value) => {
		if (!Array.isArray(value)) return value;
		const items: readonly unknown[] = value;
		const filled = items.map(fill);
		return filled.every((item, index) => item === items[index]) ? value : filled;
	};
};
