import { KindGuard, type TSchema } from "@sinclair/typebox";
import { isRecord } from "../../kube/object.ts";
import { dropped, type Noted, type Path } from "./notes.ts";

// Conversions that all kinds share.

export type Fields = Readonly<Record<string, unknown>>;

/** The result of a field: the fields that replace it, or none. */
export type Rewrite = (value: unknown, at: Path) => Noted<Fields | undefined>;

/** Converts the fields of an object in their order; fields without a rewrite stay. A later field replaces an earlier one with the same name. */
export function* rewritten(value: unknown, at: Path, rewrites: Readonly<Record<string, Rewrite>>): Noted<unknown> {
	if (!isRecord(value)) return value;
	const fields: [name: string, value: unknown][] = [];
	for (const [name, field] of Object.entries(value)) {
		const rewrite = Object.hasOwn(rewrites, name) ? rewrites[name] : undefined;
		if (rewrite === undefined) fields.push([name, field]);
		else fields.push(...Object.entries((yield* rewrite(field, [...at, name])) ?? {}));
	}
	return Object.fromEntries(fields);
}

/** Converts only the value of a field. */
export const within = (name: string, convert: (value: unknown, at: Path) => Noted<unknown>): Rewrite =>
	function* rewrite(value, at) {
		const result = yield* convert(value, at);
		return result === undefined ? undefined : { [name]: result };
	};

/** The items of a list. */
export const eachItem = (convert: (value: unknown, at: Path) => Noted<unknown>) =>
	function* items(value: unknown, at: Path): Noted<unknown> {
		if (!Array.isArray(value)) return value;
		const converted: unknown[] = [];
		for (const [index, item] of value.entries()) converted.push(yield* convert(item, [...at, index]));
		return converted;
	};

/** The value without fields that the schema does not have. */
export function* known(schema: TSchema, value: unknown, at: Path, kind: string): Noted<unknown> {
	if (KindGuard.IsObject(schema) && isRecord(value)) {
		const fields: [name: string, value: unknown][] = [];
		for (const [name, field] of Object.entries(value)) {
			const property = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
			if (property === undefined)
				yield dropped(
					[...at, name],
					field,
					`${kind} has no such field`,
					`Remove it, or see kubectl explain ${kind.toLowerCase()}.spec`,
				);
			else fields.push([name, yield* known(property, field, [...at, name], kind)]);
		}
		return Object.fromEntries(fields);
	}
	if (KindGuard.IsArray(schema) && Array.isArray(value))
		return yield* eachItem((item, path) => known(schema.items, item, path, kind))(value, at);
	const [entry] = KindGuard.IsRecord(schema) ? Object.values(schema.patternProperties) : [];
	if (entry === undefined || !isRecord(value)) return value;
	const entries: [name: string, value: unknown][] = [];
	for (const [name, field] of Object.entries(value))
		entries.push([name, yield* known(entry, field, [...at, name], kind)]);
	return Object.fromEntries(entries);
}
