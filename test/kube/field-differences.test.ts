import { describe, expect, test } from "vitest";
import { changesOf, differences } from "../../kube/field-differences.ts";
import type { KubeObject } from "../../schemas/common.ts";

describe("differences", () => {
	test.each([
		{ reason: "of equal values there are none", before: { a: [1, { b: 2 }] }, after: { a: [1, { b: 2 }] }, paths: [] },
		{ reason: "the order of fields is none", before: { a: 1, b: 2 }, after: { b: 2, a: 1 }, paths: [] },
		{ reason: "a value changed", before: { a: { b: 1 } }, after: { a: { b: 2 } }, paths: ["a.b 1 2"] },
		{ reason: "a field came, as a whole", before: {}, after: { a: { b: 1 } }, paths: ['a undefined {"b":1}'] },
		{ reason: "a field went", before: { a: null }, after: {}, paths: ["a null undefined"] },
		{ reason: "another type", before: { a: [1] }, after: { a: { b: 1 } }, paths: ['a [1] {"b":1}'] },
		{ reason: "scalars by their place", before: [1, 2], after: [1, 3, 4], paths: ["[1] 2 3", "[2] undefined 4"] },
		{
			reason: "items by their name, wherever they stand",
			before: [{ name: "a", x: 1 }, { name: "b" }],
			after: [{ name: "b" }, { name: "a", x: 2 }],
			paths: ["[name=a].x 1 2"],
		},
		{
			reason: "items by their place, where names are not unique",
			before: [{ name: "a" }, { name: "a" }],
			after: [{ name: "a" }, { name: "b" }],
			paths: ['[1].name "a" "b"'],
		},
	])("$reason", ({ before, after, paths }) => {
		const found = differences(before, after).map(
			(difference) => `${difference.path} ${JSON.stringify(difference.before)} ${JSON.stringify(difference.after)}`,
		);
		expect(found).toEqual(paths);
	});
});

describe("what sending a child changes", () => {
	const LAST = "metacontroller.k8s.io/last-applied-configuration";
	const wanted: KubeObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { x: "1" } };
	const observed = (data: Record<string, string>, last?: Record<string, string>): KubeObject => ({
		...wanted,
		metadata: {
			name: "a",
			uid: "u",
			labels: { "controller-uid": "u" },
			...(last && { annotations: { [LAST]: JSON.stringify({ ...wanted, data: last }) } }),
		},
		data,
	});
	const pathsOf = (object: KubeObject) => changesOf(object, wanted).map(({ path }) => path);

	test("is nothing, of what the API server and others put there", () => {
		expect(pathsOf(observed({ x: "1", other: "2" }, { x: "1" }))).toEqual([]);
	});
	test("is what it sets otherwise", () => expect(pathsOf(observed({ x: "2" }, { x: "1" }))).toEqual(["data.x"]));
	test("is what was sent last time, and is not any more", () => {
		expect(pathsOf(observed({ x: "1", old: "2" }, { x: "1", old: "2" }))).toEqual(["data.old"]);
	});
	test("is nothing that may be somebody else's, where nobody knows what was sent", () => {
		expect(pathsOf(observed({ x: "1", old: "2" }))).toEqual([]);
	});
});
