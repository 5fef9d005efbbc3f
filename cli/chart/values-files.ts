import { type TObject, type TSchema, TypeGuard } from "@sinclair/typebox";
import { dump } from "js-yaml";
import { isRecord } from "../../kube/object.ts";

// What is made of the definition of the values: values.yaml, its schema, and the table of the chart's page.

const entries = (schema: TObject): [string, TSchema][] => Object.entries<TSchema>(schema.properties);
const descriptionOf = (schema: TSchema): string => schema.description ?? "";

/** A group has fields of ours; an object of Kubernetes' own is a value. */
const isGroup = (schema: TSchema): schema is TObject => TypeGuard.IsObject(schema) && schema.default === undefined;

export const valuesYaml = (values: TObject): string =>
	`${[`# ${descriptionOf(values)}`, ...lines(values, "")].join("\n")}\n`;

const lines = (schema: TObject, indent: string): string[] =>
	entries(schema).flatMap(([name, field]) => {
		const comment = wrapped(descriptionOf(field), 110 - indent.length).map((line) => `${indent}# ${line}`);
		const gap = indent === "" ? [""] : [];
		if (isGroup(field)) {
			const head = entries(field).every(([, own]) => own.default === undefined && !isGroup(own))
				? `${name}: {}`
				: `${name}:`;
			return [...gap, ...comment, `${indent}${head}`, ...lines(field, `${indent}  `)];
		}
		if (field.default === undefined) return [...gap, ...comment, `${indent}# ${name}:`];
		return [...gap, ...comment, ...assignment(name, field.default).map((line) => indent + line)];
	});

const assignment = (name: string, value: unknown): string[] =>
	dump({ [name]: value }, { lineWidth: -1, seqNoIndent: true })
		.trimEnd()
		.split("\n");

const wrapped = (sentence: string, width: number): string[] => {
	const all: string[] = [];
	for (const word of sentence.split(" ")) {
		const last = all.at(-1);
		if (last !== undefined && last.length + word.length < width) all[all.length - 1] = `${last} ${word}`;
		else all.push(word);
	}
	return all;
};

/** What `helm` checks values against: strict, so that a misspelt one is told and not ignored. */
export const valuesSchema = (values: TObject): string => {
	const schema: unknown = JSON.parse(JSON.stringify(values));
	return `${JSON.stringify({ $schema: "http://json-schema.org/draft-07/schema#", ...withoutRequired(schema) }, null, 2)}\n`;
};

/** Every value has a default: none has to be given, and `null` is how Helm's users remove one. */
const withoutRequired = (schema: unknown): Record<string, unknown> => {
	if (!isRecord(schema)) return {};
	const { required: _required, properties, ...own } = schema;
	if (!isRecord(properties) || own["additionalProperties"] !== false) return schema;
	return {
		...own,
		properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, withoutRequired(field)])),
	};
};

/** Rows of a table of all values: name, default and what it is. */
export const valuesTable = (values: TObject): string[] => [
	"| value | default | what it is |",
	"|---|---|---|",
	...rows(values, "").map(([name, fallback, sentence]) => `| \`${name}\` | ${fallback} | ${escaped(sentence)} |`),
];

const rows = (schema: TObject, prefix: string): [name: string, fallback: string, sentence: string][] =>
	entries(schema).flatMap(([name, field]) => {
		const path = `${prefix}${name}`;
		if (isGroup(field)) return [[path, "", descriptionOf(field)], ...rows(field, `${path}.`)];
		const fallback: unknown = field.default;
		return [[path, fallback === undefined ? "" : `\`${JSON.stringify(fallback)}\``, descriptionOf(field)]];
	});

const escaped = (sentence: string): string => sentence.replaceAll("|", "\\|").replaceAll("<", "&lt;");
