import { describe, expect, it } from "vitest";
import { KINDS } from "../../hooks/index.ts";
import { customResourceDefinition } from "../../kube/crd.ts";
import { isRecord, recordsAt, valueAt } from "../../kube/object.ts";

// Kubernetes' API conventions, as kube-api-linter checks them in Go types, checked in the CRDs. Of its rules those are left out that
// only Go has (tags, pointers, markers), those that test/kube/structural.test.ts checks (bounds and descriptions), and two that the
// request for this API contradicts: it has booleans and status.phase.

interface Field {
	readonly name: string;
	/** ".spec.proxy.args[]" */
	readonly path: string;
	readonly schema: Readonly<Record<string, unknown>>;
}

const fieldsBelow = (schema: unknown, path: string, name: string): Field[] => {
	if (!isRecord(schema)) return [];
	const { properties, items, additionalProperties } = schema;
	return [
		{ name, path, schema },
		...Object.entries(isRecord(properties) ? properties : {}).flatMap(([key, field]) =>
			fieldsBelow(field, `${path}.${key}`, key),
		),
		...fieldsBelow(items, `${path}[]`, ""),
		...fieldsBelow(additionalProperties, `${path}.*`, ""),
	];
};

const wordsOf = (value: unknown): string[] =>
	Array.isArray(value) ? value.filter((word) => typeof word === "string") : [];

/** What is wrong with a field, by the name of kube-api-linter's rule. */
const RULES: Readonly<Record<string, (field: Field) => boolean>> = {
	integers: ({ schema }) => schema["type"] === "integer" && !["int32", "int64"].includes(String(schema["format"])),
	nofloats: ({ schema, path }) => schema["type"] === "number" && path.startsWith(".spec"),
	nonullable: ({ schema }) => schema["nullable"] === true,
	notimestamp: ({ name }) => /timestamp$/i.test(name),
	jsontags: ({ name }) => name !== "" && !/^[a-z][a-zA-Z0-9]*$/.test(name),
	enums: ({ schema }) => wordsOf(schema["enum"]).some((word) => !/^([A-Z][A-Za-z0-9]*)?$/.test(word)),
	// A list without a type is atomic: whoever applies it owns all of it.
	ssatags: ({ schema }) =>
		schema["type"] === "array" &&
		schema["x-kubernetes-list-type"] === undefined &&
		isRecord(valueAt(schema, "items", "properties", "name")),
	defaultorrequired: ({ schema }) =>
		wordsOf(schema["required"]).some((name) => valueAt(schema, "properties", name, "default") !== undefined),
};

/** Fields that are left as they are, by the end of their path, and why. */
const EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
	integers: {
		".spec.weight": "of PrismRosters, bounded below int32; a format that comes later is a change of the kind",
	},
	nonullable: {
		".podSecurity.fsGroup": "null is OpenShift's: no group at all, where leaving it out means the default",
		".podSecurity.runAsUser": "the same for the user",
	},
	enums: {
		".autoscaling.scaler": "words of MEMO-036",
		".deployment.type": "words of ADR-037",
		".plugins[].deployment": "the same",
		".probe.type": "protocols are written in lower case there",
		".resource.name": "names of resources, as Kubernetes has them",
		".containerResource.name": "the same",
		".resourceFieldRef.resource": "the same",
		".hold.by": "internal: fields of workloads",
	},
	ssatags: {
		".imagePullSecrets": "two of one name were accepted from the beginning, which a list by name rejects",
		".source.pullSecrets": "the same",
		".metrics": "a name is the metric's, which two may share",
		".triggers": "a name is optional, as KEDA has it",
		".missing": "the operator alone writes it, whole",
		".delayed": "the same",
	},
};

const faultsOf = (schema: unknown): string[] =>
	fieldsBelow(valueAt(schema, "properties", "spec"), ".spec", "spec")
		.concat(fieldsBelow(valueAt(schema, "properties", "status"), ".status", "status"))
		.flatMap((field) =>
			Object.entries(RULES).flatMap(([rule, isBroken]) => (isBroken(field) ? [`${rule} ${field.path}`] : [])),
		);

const exceptionOf = (fault: string): string | undefined => {
	const [rule = "", path = ""] = fault.split(" ");
	const ending = Object.keys(EXCEPTIONS[rule] ?? {}).find((known) => path.endsWith(known));
	return ending === undefined ? undefined : `${rule} ${ending}`;
};

const versionOf = (definition: unknown): unknown => recordsAt(definition, "spec", "versions")[0];
const schemaOf = (definition: unknown): unknown => valueAt(versionOf(definition), "schema", "openAPIV3Schema");
const DEFINITIONS = KINDS.map((kind) => [kind.kind, customResourceDefinition(kind)] as const);

describe("the CRDs", () => {
	it.each(DEFINITIONS)("%s keeps to Kubernetes' conventions", (_kind, definition) => {
		expect(faultsOf(schemaOf(definition)).filter((fault) => exceptionOf(fault) === undefined)).toEqual([]);
	});

	it("have no exception listed that is none", () => {
		const used = new Set(DEFINITIONS.flatMap(([, definition]) => faultsOf(schemaOf(definition)).map(exceptionOf)));
		const listed = Object.entries(EXCEPTIONS).flatMap(([rule, endings]) =>
			Object.keys(endings).map((ending) => `${rule} ${ending}`),
		);
		expect(listed.filter((exception) => !used.has(exception))).toEqual([]);
	});

	it.each(DEFINITIONS.filter(([kind]) => kind !== "PrismRoster"))(
		"%s has a status of its own: none of it required, conditions by type, the generation that it is about",
		(_kind, definition) => {
			const status = valueAt(schemaOf(definition), "properties", "status");
			expect(valueAt(versionOf(definition), "subresources", "status")).toEqual({});
			expect(valueAt(status, "required")).toBeUndefined();
			expect(valueAt(status, "properties", "conditions")).toMatchObject({
				"x-kubernetes-list-type": "map",
				"x-kubernetes-list-map-keys": ["type"],
			});
			expect(valueAt(status, "properties", "observedGeneration")).toMatchObject({ format: "int64" });
		},
	);

	it("have one version, which is served and stored", () => {
		for (const [, definition] of DEFINITIONS)
			expect(recordsAt(definition, "spec", "versions")).toMatchObject([{ served: true, storage: true }]);
	});
});

describe("a schema", () => {
	const named = { type: "object", properties: { name: { type: "string" } } };
	it.each<[string, Record<string, unknown>]>([
		["integers .spec.x", { x: { type: "integer" } }],
		["nofloats .spec.x", { x: { type: "number" } }],
		["nonullable .spec.x", { x: { type: "string", nullable: true } }],
		["notimestamp .spec.readyTimestamp", { readyTimestamp: { type: "string" } }],
		["jsontags .spec.x_y", { x_y: { type: "string" } }],
		["enums .spec.x", { x: { type: "string", enum: ["One", "two"] } }],
		["ssatags .spec.x[].y", { x: { type: "array", items: { properties: { y: { type: "array", items: named } } } } }],
		[
			"defaultorrequired .spec.x.*",
			{ x: { additionalProperties: { required: ["y"], properties: { y: { type: "string", default: "" } } } } },
		],
	])("with a fault: %s", (fault, properties) => {
		expect(faultsOf({ properties: { spec: { properties } } })).toEqual([fault]);
	});
});
