import { FormatRegistry, KindGuard, type TSchema } from "@sinclair/typebox";
import fc from "fast-check";
import { isRecord } from "../../kube/object.ts";
import { TIMESTAMP_PATTERN } from "../../schemas/common.ts";

// TypeBox schema → fast-check arbitrary of what a user may write: a field with a default may be left out.

// The API server checks this format; TypeBox refuses every format that nobody told it about.
FormatRegistry.Set("date-time", (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value));

type Arbitrary = fc.Arbitrary<unknown>;

export const arbitraryOf = (schema: TSchema): Arbitrary => {
	if (KindGuard.IsObject(schema))
		return objectArbitrary(schema.properties, schema.required ?? []).map((value) => together(schema["checked"], value));
	if (KindGuard.IsRecord(schema)) return mapArbitrary(schema);
	if (KindGuard.IsArray(schema)) return listArbitrary(schema, schema.items);
	if (KindGuard.IsUnion(schema)) return unionArbitrary(schema.anyOf);
	if (KindGuard.IsString(schema)) return textArbitrary(schema);
	if (KindGuard.IsInteger(schema)) return integerArbitrary(schema);
	if (KindGuard.IsNumber(schema))
		return fc.double({ min: numberOf(schema, "minimum", 0), max: numberOf(schema, "maximum", 1e6), noNaN: true });
	if (KindGuard.IsBoolean(schema)) return fc.boolean();
	if (KindGuard.IsUnknown(schema))
		return fc.oneof(fc.string({ maxLength: 8 }), fc.nat(9999), fc.jsonValue({ maxDepth: 1 }));
	throw new TypeError(`no arbitrary for ${String(schema["type"])}`);
};

/** Out of how many a field that may be left out is there once: a stack with all of its fields is of no more use. */
const LEFT_OUT = 1;

const objectArbitrary = (properties: Readonly<Record<string, TSchema>>, required: readonly string[]): Arbitrary =>
	fc
		.tuple(
			...Object.entries(properties).map(([name, property]) => {
				const field = arbitraryOf(property).map((value): [string, unknown][] => [[name, value]]);
				const mustBe = required.includes(name) && property["default"] === undefined;
				return mustBe ? field : fc.oneof({ weight: LEFT_OUT, arbitrary: NOTHING }, { weight: 1, arbitrary: field });
			}),
		)
		.map((fields) => Object.fromEntries(fields.flat()));

const NOTHING = fc.constant<[string, unknown][]>([]);

/** Some of what an arbitrary makes, made once: matching texts are what takes the time. */
const someOf = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> =>
	fc.constantFrom(...new Set(fc.sample(arbitrary, { numRuns: 24, seed: 1 })));

const KEY = someOf(fc.stringMatching(/^[a-z][a-z0-9]{0,6}([-._/][a-z0-9]{1,4})?$/));

const mapArbitrary = (schema: TSchema & { patternProperties: Record<string, TSchema> }): Arbitrary => {
	const [value] = Object.values(schema.patternProperties);
	if (value === undefined) throw new TypeError("a map without a value schema");
	return fc.dictionary(schema["checked"] === "resourceNames" ? RESOURCE : KEY, arbitraryOf(value), { maxKeys: 3 });
};

/** Fields that go together: those that were made up independently seldom do. */
const together = (checked: unknown, value: unknown): unknown => {
	if (!isRecord(value) || typeof checked !== "string") return value;
	const { minDomains: _minDomains, ...rest } = value;
	if (checked === "spread") return rest["whenUnsatisfiable"] === "DoNotSchedule" ? value : rest;
	if (checked === "fieldRequirement") return { key: "metadata.name", operator: "In", values: ["node-1"] };
	if (!checked.endsWith("Requirement")) return value;
	const values = { In: ["a", "b"], NotIn: ["a"], Gt: ["1"], Lt: ["9"] }[String(value["operator"])];
	const { values: given, ...others } = value;
	if (values === undefined) return others;
	const isSome = Array.isArray(given) && given.length > 0 && !"GtLt".includes(String(value["operator"]));
	return { ...others, values: isSome ? given : values };
};

const RESOURCE = fc.constantFrom("cpu", "memory", "ephemeral-storage");

const LONGEST_LIST = 3;

const listArbitrary = (schema: TSchema, items: TSchema): Arbitrary => {
	const bounds = { minLength: numberOf(schema, "minItems", 0), maxLength: LONGEST_LIST };
	const item = arbitraryOf(items);
	if (schema["x-kubernetes-list-type"] === "set") return fc.uniqueArray(item, bounds);
	const keys: unknown = schema["x-kubernetes-list-map-keys"];
	if (!Array.isArray(keys)) return fc.array(item, bounds);
	const keyOf = (entry: unknown) => JSON.stringify(keys.map((key) => (isRecord(entry) ? entry[String(key)] : null)));
	return fc.uniqueArray(item, { ...bounds, selector: keyOf });
};

const unionArbitrary = (members: readonly TSchema[]): Arbitrary => {
	if (members.every(KindGuard.IsLiteral)) return fc.constantFrom(...members.map((member): unknown => member["const"]));
	const [first, second] = members;
	if (first !== undefined && KindGuard.IsNull(second)) return fc.oneof(arbitraryOf(first), fc.constant(null));
	return quantityArbitrary(members);
};

const quantityArbitrary = (members: readonly TSchema[]): Arbitrary => {
	const least = numberOf(members.find(KindGuard.IsInteger) ?? {}, "minimum", 0);
	const pattern = new RegExp(members.find(KindGuard.IsString)?.pattern ?? "");
	return QUANTITY.filter((value) => (typeof value === "number" ? value >= least : pattern.test(String(value))));
};

const QUANTITY: Arbitrary = fc.oneof(
	fc.nat(100_000),
	fc
		.tuple(
			fc.constantFrom("", "+", "-"),
			fc.nat(5000),
			fc.constantFrom("", ".", ".5", ".25", ".125"),
			fc.constantFrom("", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "E2", "e-1"),
		)
		.map((parts) => parts.join("")),
);

const textArbitrary = (schema: TSchema): Arbitrary => {
	const maxLength = Math.min(numberOf(schema, "maxLength", 12), 253);
	const minLength = numberOf(schema, "minLength", 0);
	const fits = (text: string) => text.length >= minLength && text.length <= maxLength;
	if (typeof schema["pattern"] !== "string")
		return fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 12) });
	const { pattern } = schema;
	if (pattern === TIMESTAMP_PATTERN) return TIMESTAMP;
	const short = someOf(fc.stringMatching(new RegExp(pattern), { maxLength: 12 }).filter(fits));
	if (pattern !== NAME_PATTERN) return short;
	return fc.oneof({ weight: 4, arbitrary: short }, { weight: 1, arbitrary: LONG_NAME.filter(fits) });
};

/** Around the laws' own time, and far from it; some that no calendar has. */
const TIMESTAMP = fc.constantFrom(
	"2026-01-01T00:00:00Z",
	"2025-12-31T23:59:30Z",
	"2026-01-01T00:10:00Z",
	"1999-12-31T23:59:59.5+02:00",
	"2100-01-01T00:00:00Z",
	"2026-13-99T99:99:99Z",
);

/** Names whose children's names have to be cut. */
const NAME_PATTERN = "^[a-z]([-a-z0-9]*[a-z0-9])?$";
const LONG_NAME = fc
	.constantFrom(40, 50, 55, 56, 62, 63)
	.map((length) => `${"a-name-".repeat(9).slice(0, length - 1)}x`);

const integerArbitrary = (schema: TSchema): Arbitrary => {
	const min = numberOf(schema, "minimum", 0);
	const max = numberOf(schema, "maximum", 2 ** 31 - 1);
	return fc.oneof(
		{ weight: 3, arbitrary: fc.integer({ min, max: Math.min(max, min + 5) }) },
		{ weight: 1, arbitrary: fc.integer({ min, max }) },
	);
};

const numberOf = (schema: Readonly<Record<string, unknown>>, keyword: string, fallback: number): number =>
	typeof schema[keyword] === "number" ? schema[keyword] : fallback;

// ── Nearly right ────────────────────────────────────────────────────────────────────────────────────────────────────

const WRONG: fc.Arbitrary<unknown> = fc.constantFrom(
	null,
	-1,
	1e12,
	0.5,
	"Not A Name!",
	"",
	[],
	{},
	[null],
	true,
	"x".repeat(300),
);

/** The value with one of its parts replaced by something that is likely to be wrong there. */
export const nearly = (valid: Arbitrary): Arbitrary =>
	fc
		.tuple(valid, WRONG, fc.array(fc.nat(7), { minLength: 1, maxLength: 4 }))
		.map(([value, wrong, path]) => replaced(value, path, wrong));

const replaced = (value: unknown, [step, ...rest]: readonly number[], wrong: unknown): unknown => {
	if (step === undefined) return wrong;
	if (Array.isArray(value) && value.length > 0)
		return value.map((item: unknown, index) => (index === step % value.length ? replaced(item, rest, wrong) : item));
	if (!isRecord(value)) return wrong;
	const names = Object.keys(value);
	const name = names[step % Math.max(names.length, 1)] ?? "unknown";
	return { ...value, [name]: replaced(value[name], rest, wrong) };
};
