import { isRecord } from "../../kube/object.ts";
import { type Structural, toStructural } from "../../kube/structural.ts";
import type { KindDescriptor } from "../../schemas/common.ts";
import { cell, code, generatedPage, table } from "../generated.ts";

// The reference page of a kind, from the same schema as `kubectl explain`.

const named = (what: string, names: readonly string[]): string =>
	names.length === 0 ? "" : ` ${what}: ${names.map(code).join(", ")}.`;

export const referencePage = (kind: KindDescriptor): string =>
	generatedPage(kind.kind, [
		kind.description,
		"",
		`${code(`${kind.group}/${kind.version}`)}, namespaced.${named("Short name", kind.shortNames)}${named("Categories", kind.categories)}`,
		"",
		"## spec",
		"",
		...fieldTable(toStructural(kind.spec)),
		"",
		"## Rules",
		"",
		...rulesOf(kind).map((message) => `- ${message}`),
		"",
		"## status",
		"",
		...fieldTable(toStructural(kind.status)),
	]);

const fieldTable = (schema: Structural): string[] =>
	table(
		["field", "type", "default", "description"],
		rowsOf(schema, "").map(([path, ...rest]) => [code(path), ...rest]),
	);

type Row = [path: string, type: string, fallback: string, text: string];

/** Kubernetes' own affinity is explained by Kubernetes; its forty fields would bury ours. */
const FOLDED = /\.(affinity|podAffinity|podAntiAffinity|topologySpreadConstraints\[\]|tolerations\[\])$|^affinity$/;

const rowsOf = (schema: Structural, prefix: string): Row[] => {
	if (FOLDED.test(prefix)) return [];
	const properties = schema["properties"];
	if (!isRecord(properties)) return [];
	return Object.entries(properties).flatMap(([name, property]) => {
		if (!isRecord(property)) return [];
		const path = prefix === "" ? name : `${prefix}.${name}`;
		const own: Row = [path, typeOf(property), defaultOf(property), textOf(property)];
		return [own, ...rowsBelow(property, path)];
	});
};

const rowsBelow = (property: Structural, path: string): Row[] => {
	const { items } = property;
	if (isRecord(items)) return rowsOf(items, `${path}[]`);
	return rowsOf(property, path);
};

const typeOf = (property: Structural): string => {
	if (property["x-kubernetes-int-or-string"] === true) return "quantity";
	if (Array.isArray(property["enum"])) return property["enum"].map((value) => code(String(value))).join(" ");
	if (isRecord(property["additionalProperties"])) return "map";
	const { items } = property;
	if (isRecord(items)) return `list of ${typeOf(items)}`;
	return typeof property["type"] === "string" ? property["type"] : "any";
};

const defaultOf = (property: Structural): string =>
	property["default"] === undefined || isRecord(property["default"]) ? "" : code(JSON.stringify(property["default"]));

const textOf = (property: Structural): string =>
	typeof property["description"] === "string" ? cell(property["description"]) : "";

/** Messages of all CEL rules of a kind, in the order of the schema. */
const rulesOf = (kind: KindDescriptor): string[] => {
	const found = [...kind.rules.map(({ message }) => message), ...messagesIn(toStructural(kind.spec))];
	return [...new Set(found)];
};

const messagesIn = (schema: unknown): string[] => {
	if (Array.isArray(schema)) return schema.flatMap(messagesIn);
	if (!isRecord(schema)) return [];
	const own = schema["x-kubernetes-validations"];
	const messages = Array.isArray(own) ? own.filter(isRecord).map(({ message }) => String(message)) : [];
	return [...messages, ...Object.values(schema).flatMap(messagesIn)].filter((message) => message !== "undefined");
};
