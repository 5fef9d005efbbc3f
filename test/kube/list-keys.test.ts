import { expect, it } from "vitest";
import { mergeKeyOf, tellingKeyOf } from "../../kube/list-keys.ts";

it.each([
	{ items: [{ name: "a" }, { name: "b" }], key: "name" },
	{ items: [{ name: "a", containerPort: 1 }], key: "containerPort" },
	{ items: [{ name: "a", containerPort: 1 }, { name: "b" }], key: "name" },
	{ items: [{ name: "a", mountPath: "/a" }], key: "mountPath" },
	{ items: [{ name: "a" }, { name: "a" }], key: "name" },
	{ items: [{ name: "a" }, { value: "b" }], key: undefined },
	{ items: [{ type: "Resource" }], key: undefined },
	{ items: [{ name: "a" }, "b"], key: undefined },
	{ items: ["a"], key: undefined },
])("Metacontroller merges $items by $key", ({ items, key }) => {
	expect(mergeKeyOf(items)).toBe(key);
});

it.each([
	{ lists: [[{ name: "a" }, { name: "b" }], [{ name: "b" }]], key: "name" },
	{
		lists: [
			[
				{ port: 1, name: "a" },
				{ port: 1, name: "b" },
			],
		],
		key: "name",
	},
	{ lists: [[{ topologyKey: "zone" }, { topologyKey: "host" }]], key: "topologyKey" },
	{ lists: [[{ type: "Resource" }, { type: "Pods" }]], key: "type" },
	{ lists: [[{ type: "Pods" }, { type: "Pods" }]], key: undefined },
	{ lists: [[{ name: "a" }], [{ name: "a" }, { name: "a" }]], key: undefined },
	{ lists: [[{ name: { first: "a" } }]], key: undefined },
	{ lists: [["a", "b"]], key: undefined },
])("items of $lists are told apart by $key", ({ lists, key }) => {
	expect(tellingKeyOf(...lists)).toBe(key);
});
