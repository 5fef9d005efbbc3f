import { expect, it } from "vitest";
import { metadataProblems } from "../../../plugin/validate/metadata.ts";
import { PrismNamespace } from "../../../schemas/prismnamespace.ts";

const problemsOf = (metadata: object, more: object = {}): string[] => {
	const object = { apiVersion: "prism.io/v1alpha1", kind: "PrismNamespace", metadata: { name: "it", ...metadata } };
	return metadataProblems(PrismNamespace, { ...object, ...more }).map(({ field, words }) => `${field}: ${words}`);
};

const NAME = "metadata.name: must be of lower-case letters, digits, - and ., and at most 253 characters";
const NAMESPACE = "metadata.namespace: must be of lower-case letters, digits and -, and at most 63 characters";
const KEY = "must be a key such as app or example.com/app";

it.each<[string, object, string[]]>([
	["a name, and fields that the API server sets", { uid: "1", managedFields: [], generation: 2 }, []],
	["another field", { label: {} }, ["metadata.label: unknown field"]],
	["a name of several labels, one of them long", { name: `a.${"b".repeat(100)}` }, []],
	["a name with capital letters", { name: "It" }, [NAME]],
	["a name with an empty label", { name: "a..b" }, [NAME]],
	["a name of 254 characters", { name: "a".repeat(254) }, [NAME]],
	["a namespace with a period", { namespace: "a.b" }, [NAMESPACE]],
	["a namespace of 64 characters", { namespace: "a".repeat(64) }, [NAMESPACE]],
	["labels and annotations", { labels: { "example.com/a": "B_1" }, annotations: { a: "any text!" } }, []],
	["labels that are no map", { labels: ["a"] }, ["metadata.labels: must be a map"]],
	["no labels at all", { labels: null }, []],
	["a label with a wrong key", { labels: { "a b": "c" } }, [`metadata.labels.a b: ${KEY}`]],
	[
		"an annotation without quotes",
		{ annotations: { "prism.io/paused": true } },
		['metadata.annotations.prism.io/paused: must be a string: quote it, "true"'],
	],
	["an annotation that is an object", { annotations: { a: { b: "c" } } }, ["metadata.annotations.a: must be a string"]],
	[
		"a label with a text",
		{ labels: { a: "some text" } },
		["metadata.labels.a: must be of letters, digits, -, _ and ., and at most 63 characters"],
	],
	[
		"too large annotations, in bytes",
		{ annotations: { a: "é".repeat(131_072) } },
		["metadata.annotations: has 262145 bytes, and may have 262144"],
	],
])("%s", (_, metadata, problems) => {
	expect(problemsOf(metadata)).toEqual(problems);
});

it("finds fields beside spec", () => {
	expect(problemsOf({}, { spec: {}, status: {}, specs: {} })).toEqual(["specs: unknown field"]);
});
