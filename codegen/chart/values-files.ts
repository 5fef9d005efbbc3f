import { type TObject, type TSchema, TypeGuard } from "@sinclair/typebox";
import { dump } from "js-yaml";
import { isRecord } from "../../kube/object.ts";
import { wrapped } from "../../plugin/text/paint.ts";
import { cell, code, generatedPage, table } from "../generated.ts";

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

/** What `helm` checks values against: strict, so that a misspelled one is rejected and not ignored. */
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

/** All values: name, default and description. */
const valuesTable = (values: TObject): string[] => table(["value", "default", "description"], rows(values, ""));

const rows = (schema: TObject, prefix: string): string[][] =>
	entries(schema).flatMap(([name, field]) => {
		const path = `${prefix}${name}`;
		const sentence = cell(descriptionOf(field));
		if (isGroup(field)) return [[code(path), "", sentence], ...rows(field, `${path}.`)];
		const fallback: unknown = field.default;
		return [[code(path), fallback === undefined ? "" : code(JSON.stringify(fallback)), sentence]];
	});

/** The chart's README. */
export const chartPage = (values: TObject): string =>
	generatedPage(
		"prism-operator",
		[
			"For administrators who install the operator with Helm.",
			"",
			"The chart installs the Prism operator: the CRDs PrismStack, PatternRunner, BackendConfig, PrismShard, PrismNamespace,",
			"PrismPlugin and PrismRoster, their controllers, and the webhook server that reconciles them.",
			"",
			"The operator's pods have no service-account token and no RBAC permissions.",
			"[Metacontroller](https://metacontroller.github.io/metacontroller/) 4.17 or newer applies all changes for the operator. Use the",
			"cluster's own Metacontroller, or install one with `metacontroller.enabled=true`.",
			"",
			"```sh",
			"helm install prism-operator charts/prism-operator --namespace prism-system --create-namespace",
			"```",
			"",
			"No image is published before the first release. Until then, build and push the images of the operator and of the probe, and",
			"set `image.repository` and `image.tag`.",
			"",
			"[docs/install.md](../../docs/install.md) describes how to install with an existing Metacontroller, rotate tokens and",
			"certificates, upgrade, and uninstall without leftovers. For metrics, traces, alerts and dashboards, see",
			"[docs/observability.md](../../docs/observability.md).",
			"",
			"## Values",
			"",
			"Helm validates values with `values.schema.json`, and rejects unknown names.",
			"",
			...valuesTable(values),
		],
		": codegen/chart/values-files.ts and codegen/chart/values.ts",
	);
