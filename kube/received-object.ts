import { KindGuard } from "@sinclair/typebox";
import { Value, type ValueError, ValueErrorType } from "@sinclair/typebox/value";
import { type Described, type KindDescriptor, type KubeObject, POSITIVE_PATTERN, wordsOf } from "../schemas/common.ts";
import type { FieldProblem } from "../schemas/findings/specs.ts";
import { problemText } from "../schemas/messages/specs.ts";
import { checkOf, defaultsOf } from "./schema.ts";
import { type Refusal, refusal } from "./spec-refusal.ts";
import { valueProblems, valuesOf } from "./spec-values.ts";

// Turns a received object into one that a hook can rely on: with the defaults of the API server, and checked against the schema.
// The API server did both already, but possibly with an older CRD; offline (`render`, unit tests), it did
// not.

const refused = (problems: readonly FieldProblem[]): Refusal =>
	refusal({ reason: "InvalidSpec", about: "fields", problems });

/** Reads objects of a kind: with defaults, or as a refusal that lists all violations of the schema. */
export const readerOf = <Kind extends KindDescriptor>(kind: Kind) => {
	const isSpec = checkOf<Kind["spec"]>(kind.spec);
	const withDefaults = defaultsOf(kind.spec);
	const quantityProblems = valuesOf(kind.spec);
	return (object: KubeObject): Described<Kind> | Refusal => {
		const lost = valueProblems(object["spec"], "spec");
		if (lost.length > 0) return refused(lost);
		const spec = withDefaults(object["spec"] ?? {});
		if (!isSpec(spec)) return refused(schemaProblems(kind, spec));
		const problems = quantityProblems(spec, "spec");
		return problems.length === 0 ? { ...object, spec } : refused(problems);
	};
};

/** The spec with the defaults of the schema; the object is not modified. */
export const defaulted = (kind: KindDescriptor, object: KubeObject): unknown =>
	defaultsOf(kind.spec)(object["spec"] ?? {});

/** All errors in an object's spec, whether or not the API server would accept it. */
export const specProblems = (kind: KindDescriptor, object: KubeObject): FieldProblem[] => {
	const lost = valueProblems(object["spec"], "spec");
	if (lost.length > 0) return lost;
	const spec = defaulted(kind, object);
	const wrong = schemaProblems(kind, spec);
	// A text that is no quantity is not too large, either.
	const others = valuesOf(kind.spec)(spec, "spec").filter(({ field }) => wrong.every((known) => known.field !== field));
	return [...wrong, ...others];
};

/** Violations of the schema in a defaulted spec, each once. */
const schemaProblems = (kind: KindDescriptor, spec: unknown): FieldProblem[] => {
	const problems = [...Value.Errors(kind.spec, spec)].map((error) => problemOf("spec", error));
	return [...new Map(problems.map((problem) => [problemText(problem), problem])).values()];
};

const problemOf = (root: string, error: ValueError): FieldProblem => {
	const path = error.path.split("/").slice(1).map(decodePointer);
	const field = path.reduce((whole, part) => (/^\d+$/.test(part) ? `${whole}[${part}]` : `${whole}.${part}`), root);
	return { field, expected: expectation(error), ...quoted(error.value) };
};

/** TypeBox reports "Expected union value" for enums and quantities, and prints patterns; neither helps a user. */
const expectation = ({ schema, message: words, type, value }: ValueError): FieldProblem["expected"] => {
	const told = type === ValueErrorType.StringPattern ? wordsOf(schema) : undefined;
	if (told !== undefined) return { words: told };
	if (!KindGuard.IsUnion(schema)) return { words };
	const oneOf = schema.anyOf.filter(KindGuard.IsLiteral).map((member) => String(member.const));
	if (oneOf.length > 0) return { oneOf };
	if (schema.anyOf.some(KindGuard.IsNull)) return { words: "expected integer or null" };
	if (schema.anyOf.some((member) => member["pattern"] === POSITIVE_PATTERN) && Number.isInteger(Number(value) || 0))
		return { positive: true };
	if (Number.isInteger(value) || (typeof value === "string" && value.startsWith("-")))
		return { words: "must not be below 0" };
	return typeof value === "number" ? { quoted: true } : { quantity: true };
};

const decodePointer = (part: string): string => part.replaceAll("~1", "/").replaceAll("~0", "~");

/** A value that can be a secret (a URL, a long text) is not quoted. */
const quoted = (got: unknown): Pick<FieldProblem, "got"> => {
	if (typeof got === "number" || typeof got === "boolean") return { got };
	return typeof got === "string" && got.length <= 40 && !/[:@=]/.test(got) ? { got } : {};
};
