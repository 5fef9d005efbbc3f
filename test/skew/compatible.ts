import { isRecord, recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";

// Whether objects that were stored under one definition of a kind are still fine under another. What follows is every
// way in which they may not be; each finding is "<path>: <what>".

export interface Finding {
	readonly path: string;
	readonly what: string;
}

export const incompatibilities = (before: KubeObject, after: KubeObject | undefined): Finding[] => {
	if (after === undefined) return [{ path: "", what: "the kind is gone" }];
	const same = (...path: string[]): Finding[] =>
		JSON.stringify(valueAt(before, ...path)) === JSON.stringify(valueAt(after, ...path))
			? []
			: [{ path: path.join("."), what: "changed" }];
	return [
		...same("spec", "group"),
		...same("spec", "scope"),
		...same("spec", "names", "kind"),
		...same("spec", "names", "plural"),
		...recordsAt(before, "spec", "versions").flatMap((version) => versionFindings(version, after)),
	];
};

const versionFindings = (before: Record<string, unknown>, definition: KubeObject): Finding[] => {
	const path = String(before["name"]);
	const after = recordsAt(definition, "spec", "versions").find(({ name }) => name === before["name"]);
	if (after === undefined) return [{ path, what: "the version is gone" }];
	const lost = (what: string, isThere: (version: unknown) => boolean): Finding[] =>
		isThere(before) && !isThere(after) ? [{ path, what: `${what} is gone` }] : [];
	return [
		...lost("service of the version", (version) => valueAt(version, "served") === true),
		...lost("the status subresource", (version) => valueAt(version, "subresources", "status") !== undefined),
		...lost("the scale subresource", (version) => valueAt(version, "subresources", "scale") !== undefined),
		...schemaFindings(valueAt(before, "schema", "openAPIV3Schema"), valueAt(after, "schema", "openAPIV3Schema"), path),
	];
};

const LOWER = ["minimum", "minLength", "minItems", "minProperties"];
const UPPER = ["maximum", "maxLength", "maxItems", "maxProperties"];
const SAME = [
	"type",
	"format",
	"x-kubernetes-list-type",
	"x-kubernetes-list-map-keys",
	"x-kubernetes-int-or-string",
	"default",
];

const schemaFindings = (before: unknown, after: unknown, path: string): Finding[] => {
	if (!isRecord(before) || !isRecord(after)) return [];
	const at = (what: string): Finding => ({ path, what });
	const properties = isRecord(before["properties"]) ? before["properties"] : {};
	const now = isRecord(after["properties"]) ? after["properties"] : {};
	return [
		...SAME.filter((word) => JSON.stringify(before[word]) !== JSON.stringify(after[word])).map((word) =>
			at(`${word} changed`),
		),
		...words(after["required"])
			.filter((name) => !words(before["required"]).includes(name))
			.map((name) => at(`${name} became required`)),
		...(isTightened(before["enum"], after["enum"]) ? [at("a value of the enum is gone")] : []),
		...LOWER.filter((word) => numberIn(after, word, -Infinity) > numberIn(before, word, -Infinity)).map((word) =>
			at(`${word} was raised`),
		),
		...UPPER.filter((word) => numberIn(after, word, Infinity) < numberIn(before, word, Infinity)).map((word) =>
			at(`${word} was lowered`),
		),
		...(after["pattern"] !== undefined && after["pattern"] !== before["pattern"] ? [at("pattern changed")] : []),
		...(before["nullable"] === true && after["nullable"] !== true ? [at("null is not allowed any more")] : []),
		...rules(after)
			.filter((rule) => !rules(before).includes(rule) && !isNoStricter(rule, before, properties))
			.map((rule) => at(`a rule is new: ${rule}`)),
		...(before[OPEN] === true && after[OPEN] !== true ? [at("unknown fields are dropped now")] : []),
		...Object.keys(properties).flatMap((name) => {
			const place = `${path}.${name}`;
			if (now[name] !== undefined) return schemaFindings(properties[name], now[name], place);
			return after[OPEN] === true ? [] : [{ path: place, what: "the field is gone" }];
		}),
		...schemaFindings(before["items"], after["items"], `${path}[]`),
		...schemaFindings(before["additionalProperties"], after["additionalProperties"], `${path}{}`),
	];
};

/** A rule about a field that is new, or about a value that is; one that another was, with more let through; or a pattern, as it was, in words. */
const isNoStricter = (rule: string, before: Record<string, unknown>, properties: Record<string, unknown>): boolean => {
	const alternatives = rule.split(" || ");
	const isNewField = (part: string) => {
		const [, field] = /^!has\(self\.(\w+)\)$/.exec(part) ?? [];
		return field !== undefined && properties[field] === undefined;
	};
	const ends = [alternatives[0] ?? "", alternatives.at(-1) ?? ""];
	if (ends.some((part) => part.split(" && ").every(isNewField))) return true;
	const [, field = "", value] = /^self\.(\w+) != '(.*)'$/.exec(alternatives[0] ?? "") ?? [];
	const values = valueAt(properties, field, "enum");
	if (value !== undefined && Array.isArray(values) && !values.includes(value)) return true;
	if (rules(before).some((old) => rule.endsWith(` || ${old}`))) return true;
	const pattern = before["pattern"];
	return typeof pattern === "string" && rule === `self.matches('${pattern.replaceAll("\\.", "[.]")}')`;
};

const OPEN = "x-kubernetes-preserve-unknown-fields";

const words = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** An enum where there was none allows less, too. */
const isTightened = (before: unknown, after: unknown): boolean => {
	if (!Array.isArray(after)) return false;
	if (!Array.isArray(before)) return true;
	return before.some((value) => !after.includes(value));
};

const numberIn = (schema: Record<string, unknown>, word: string, fallback: number): number =>
	typeof schema[word] === "number" ? schema[word] : fallback;

const rules = (schema: Record<string, unknown>): string[] =>
	recordsAt(schema, "x-kubernetes-validations").map(({ rule }) => String(rule));
