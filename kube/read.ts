import { KindGuard } from "@sinclair/typebox";
import { Value, type ValueError } from "@sinclair/typebox/value";
import type { Described, KindDescriptor, KubeObject } from "../schemas/common.ts";
import { type Refusal, refusal } from "./refusal.ts";
import { conforms, withDefaults } from "./schema.ts";

// From an object as it arrives to an object that a hook can rely on: defaults applied as the API server applies them,
// and the schema checked. The API server did both already, but perhaps with an older definition than ours, and offline
// (`render`, unit tests) nobody did.

/** The object with its defaults, or a refusal that lists everything that the schema objects to. */
export const readObject = <Kind extends KindDescriptor>(kind: Kind, object: KubeObject): Described<Kind> | Refusal => {
	const spec = defaulted(kind, object);
	if (conforms<Kind["spec"]>(kind.spec, spec)) return { ...object, spec };
	return refusal("InvalidSpec", specProblems(kind, spec).join("; "));
};

/** The object's spec with the schema's defaults filled in; the object itself is not touched. */
export const defaulted = (kind: KindDescriptor, object: KubeObject): unknown =>
	withDefaults(kind.spec, object["spec"] ?? {});

/** What the schema objects to in a defaulted spec, each with its field. */
export const specProblems = (kind: KindDescriptor, spec: unknown): string[] => [
	...new Set([...Value.Errors(kind.spec, spec)].map((error) => describeError("spec", error))),
];

/** "spec.proxy.port: expected integer, got "grpc"". A value that might be a secret (a URL, a long text) is not quoted. */
const describeError = (root: string, error: ValueError): string => {
	const path = error.path.split("/").slice(1).map(decodePointer);
	const field = path.reduce((whole, part) => (/^\d+$/.test(part) ? `${whole}[${part}]` : `${whole}.${part}`), root);
	return `${field}: ${expectation(error)}${quoted(error.value)}`;
};

/** TypeBox says "Expected union value" of a choice and of a quantity, which helps nobody. */
const expectation = ({ schema, message }: ValueError): string => {
	if (!KindGuard.IsUnion(schema)) return lowerFirst(message);
	const choices = schema.anyOf.filter(KindGuard.IsLiteral).map((member) => String(member.const));
	return choices.length > 0 ? `must be one of ${choices.join(", ")}` : "must be a quantity such as 500m, 2 or 1Gi";
};

const decodePointer = (part: string): string => part.replaceAll("~1", "/").replaceAll("~0", "~");

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const quoted = (value: unknown): string => {
	if (typeof value === "number" || typeof value === "boolean") return `, got ${value}`;
	if (typeof value === "string" && value.length <= 40 && !/[:@=]/.test(value)) return `, got ${JSON.stringify(value)}`;
	return "";
};
