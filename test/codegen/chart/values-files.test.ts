import { expect, it } from "vitest";
import { flag, group, objects, text } from "../../../codegen/chart/fields.ts";
import { valuesSchema, valuesYaml } from "../../../codegen/chart/values-files.ts";
import { valueAt } from "../../../kube/object.ts";
import { parseDocuments } from "../../../yaml/manifests.ts";

const VALUES = group("Values.", {
	name: text("A name.", "it"),
	on: flag("A switch."),
	list: objects("Objects.", [{ a: 1 }]),
	inner: group("A group.", { text: text("Any text.", "yes") }),
});

it("values.yaml has the defaults, each below its description", () => {
	const yaml = valuesYaml(VALUES);
	expect(parseDocuments(yaml, "values.yaml")).toEqual([
		{ name: "it", on: false, list: [{ a: 1 }], inner: { text: "yes" } },
	]);
	expect(yaml.split("\n").slice(0, 5)).toEqual(["# Values.", "", "# A name.", "name: it", ""]);
	expect(yaml).toContain("inner:\n  # Any text.\n  text: 'yes'\n");
});

it("the schema needs no value, and knows all fields", () => {
	const schema: unknown = JSON.parse(valuesSchema(VALUES));
	expect(schema).toMatchObject({ additionalProperties: false });
	for (const place of [schema, valueAt(schema, "properties", "inner")]) expect(place).not.toHaveProperty("required");
	expect(valueAt(schema, "properties", "inner", "properties", "text")).toMatchObject({
		type: "string",
		default: "yes",
	});
});
