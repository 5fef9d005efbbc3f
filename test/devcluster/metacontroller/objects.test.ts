import { expect, it } from "vitest";
import {
	describe,
	groupOf,
	kindKey,
	messageOf,
	objectKey,
	objectMap,
} from "../../../devcluster/metacontroller/objects.ts";
import { configMap, thing } from "./bench.ts";

const cluster = { apiVersion: "v1", kind: "Namespace", metadata: { name: "team" } };

it.each([
	[thing("one"), "default/one", "Thing default/one", "Thing.test.prism.io/v1", "test.prism.io"],
	[cluster, "team", "Namespace team", "Namespace.v1", ""],
])("an object has a key, and its kind too", (object, key, described, kind, group) => {
	expect(objectKey(object)).toBe(key);
	expect(describe(object)).toBe(described);
	expect(kindKey(object)).toBe(kind);
	expect(groupOf(object.apiVersion)).toBe(group);
});

it.each([
	[new Error("why"), "why"],
	["text", "text"],
	[undefined, "undefined"],
])("the message of %o is %s", (error, message) => {
	expect(messageOf(error)).toBe(message);
});

it("objects are grouped and sorted, with an entry for each declared kind", () => {
	const later = configMap("b", { a: "later" }, { namespace: "x" });
	const map = objectMap(
		[configMap("b", {}, { namespace: "x" }), thing("one"), cluster, later, configMap("a", {}, { namespace: "y" })],
		[
			{ apiVersion: "v1", kind: "Secret" },
			{ apiVersion: "v1", kind: "ConfigMap" },
		],
	);
	expect(Object.entries(map).map(([kind, group]) => [kind, Object.keys(group)])).toEqual([
		["ConfigMap.v1", ["x/b", "y/a"]],
		["Namespace.v1", ["team"]],
		["Secret.v1", []],
		["Thing.test.prism.io/v1", ["default/one"]],
	]);
	expect(map["ConfigMap.v1"]?.["x/b"]).toBe(later);
});
