import { Environment } from "@marcbachmann/cel-js";
import { KindGuard, type TSchema } from "@sinclair/typebox";
import type { CelRule, KindDescriptor, KubeObject } from "../schemas/common.ts";
import { wrongText } from "../schemas/messages/specs.ts";
import { isRecord } from "./object.ts";
import { defaulted, specProblems } from "./received-object.ts";

// Validates an object as the API server would: unknown fields, types and bounds, and the CEL rules. The API server is the
// reference: a test compares both for every rule.

/** What is wrong with a field of an object, or with the object as a whole. */
export interface Problem {
	/** "": the object. */
	readonly field: string;
	readonly words: string;
}

/** Everything that is wrong with an object, each entry beginning with the field. Empty: it would be accepted. */
export const objectProblems = (kind: KindDescriptor, object: KubeObject): string[] =>
	problemsOf(kind, object).map(lineOf);

const lineOf = ({ field, words }: Problem): string => `${field || "object"}: ${words}`;

/** The same, field by field. */
export const problemsOf = (kind: KindDescriptor, object: KubeObject): Problem[] => {
	const unknown = unknownFields(kind.spec, object["spec"] ?? {}, "spec");
	const wrong = specProblems(kind, object).map((problem) => ({ field: problem.field, words: wrongText(problem) }));
	// A rule may rely on types that are not there: as in the API server, rules come after the rest is right.
	const broken = wrong.length > 0 ? [] : rulesBroken(kind, { ...object, spec: defaulted(kind, object) });
	return [...unknown, ...wrong, ...broken];
};

// ── Unknown fields ──────────────────────────────────────────────────────────────────────────────────────────────────

const unknownFields = (schema: TSchema, value: unknown, path: string): Problem[] => {
	if (KindGuard.IsObject(schema) && isRecord(value)) {
		return Object.entries(value).flatMap(([name, field]) => {
			const property = schema.properties[name];
			if (property === undefined) return [{ field: `${path}.${name}`, words: "unknown field" }];
			return unknownFields(property, field, `${path}.${name}`);
		});
	}
	return childrenOf(schema, value).flatMap(([item, below, step]) => unknownFields(item, below, `${path}${step}`));
};

/** Schemas and values one level below a list or a map, with the step in the path. */
const childrenOf = (schema: TSchema, value: unknown): [schema: TSchema, value: unknown, step: string][] => {
	if (KindGuard.IsArray(schema) && Array.isArray(value))
		return value.map((item: unknown, index) => [schema.items, item, `[${index}]`]);
	const [entry] = KindGuard.IsRecord(schema) ? Object.values(schema.patternProperties) : [];
	if (entry === undefined || !isRecord(value)) return [];
	return Object.entries(value).map(([name, field]) => [entry, field, `.${name}`]);
};

// ── Rules ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The CEL rules that a defaulted, otherwise valid object breaks. */
export const brokenRules = (kind: KindDescriptor, object: KubeObject): string[] =>
	rulesBroken(kind, object).map(lineOf);

const rulesBroken = (kind: KindDescriptor, object: KubeObject): Problem[] => {
	const { metadata, spec } = object;
	const whole = { metadata: { name: metadata.name }, spec };
	return [...checked(kind.rules, whole, ""), ...rulesBelow(kind.spec, spec, "spec")];
};

const rulesBelow = (schema: TSchema, value: unknown, path: string): Problem[] => {
	if (value === undefined) return [];
	const own = checked(rulesOf(schema), value, path);
	if (KindGuard.IsObject(schema) && isRecord(value)) {
		const below = Object.entries(schema.properties).flatMap(([name, property]) =>
			rulesBelow(property, value[name], `${path}.${name}`),
		);
		return [...own, ...below];
	}
	return [
		...own,
		...childrenOf(schema, value).flatMap(([item, below, step]) => rulesBelow(item, below, `${path}${step}`)),
	];
};

const rulesOf = (schema: TSchema): readonly CelRule[] => {
	const list: unknown = schema["x-kubernetes-validations"];
	return Array.isArray(list) ? list.filter(isCelRule) : [];
};

const isCelRule = (value: unknown): value is CelRule =>
	isRecord(value) && typeof value["rule"] === "string" && typeof value["message"] === "string";

/** Transition rules (with oldSelf) need two objects. */
const checked = (rules: readonly CelRule[], self: unknown, path: string): Problem[] =>
	rules
		.filter(({ rule }) => !rule.includes("oldSelf") && !holds(rule, self))
		.map(({ message, fieldPath = "" }) => ({ field: `${path}${fieldPath}`.replace(/^\./, ""), words: message }));

const CEL = new Environment({ unlistedVariablesAreDyn: true });

const holds = (rule: string, self: unknown): boolean => CEL.evaluate(rule, { self: celValue(self) }) === true;

/** CEL distinguishes integers from other numbers; JSON does not. */
const celValue = (value: unknown): unknown => {
	if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
	if (Array.isArray(value)) return value.map(celValue);
	if (!isRecord(value)) return value;
	return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, celValue(field)]));
};
