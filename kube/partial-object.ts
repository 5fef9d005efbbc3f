import { KindGuard, type Static, type TObject, type TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { KindDescriptor, KubeObject } from "../schemas/common.ts";
import { asRecord, isRecord } from "./object.ts";

// A custom resource that another release, or a user, may have written: only the fields of its schema, typed as optional. So code can
// read only fields that exist.

/** Any field may be missing. */
export type Seen<T> = T extends readonly (infer Item)[]
	? readonly Seen<Item>[]
	: T extends object
		? { readonly [Field in keyof T]?: Seen<T[Field]> }
		: T;

/** Spec and status of an object of a kind. */
export const seenOf = <Kind extends KindDescriptor>({ spec, status }: Kind, object: KubeObject) => ({
	spec: seen<Kind["spec"]>(spec, object["spec"]),
	status: seen<Kind["status"]>(status, object["status"]),
});

/** As much of a record as is by its schema. */
const seen = <Schema extends TObject>(schema: Schema, value: unknown): Seen<Static<Schema>> =>
	// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each scalar and each map in it was checked
	fieldsIn(schema, asRecord(value)) as Seen<Static<Schema>>;

const fieldsIn = ({ properties }: TObject, value: Record<string, unknown>): Record<string, unknown> =>
	Object.fromEntries(
		Object.entries<TSchema>(properties).flatMap(([name, field]) => {
			const part = seenIn(field, value[name]);
			return part === undefined ? [] : [[name, part]];
		}),
	);

const seenIn = (schema: TSchema, value: unknown): unknown => {
	if (KindGuard.IsObject(schema)) return isRecord(value) ? fieldsIn(schema, value) : undefined;
	if (KindGuard.IsArray(schema) && Array.isArray(value))
		return value.map((item) => seenIn(schema.items, item)).filter((item) => item !== undefined);
	return value !== undefined && Value.Check(schema, value) ? value : undefined;
};
