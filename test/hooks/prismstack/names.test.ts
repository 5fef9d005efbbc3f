import fc from "fast-check";
import { expect, it } from "vitest";
import { entryName, newName } from "../../../hooks/prismstack/names.ts";
import { objectMap } from "../../../kube/offline.ts";
import { object } from "../situations.ts";

it.each([
	["shop", "redis", "shop-redis"],
	["shop", "a-b", /^shop-a-b-[0-9a-f]{8}$/],
	["a-b", "c", /^a-b-c-[0-9a-f]{8}$/],
])("entry %s of stack %s is named so that no other is", (stack, entry, name) => {
	expect(newName(stack, entry)).toMatch(name);
});

it("no two pairs meet", () => {
	const name = fc.stringMatching(/^[a-c](?:-?[a-c]){0,3}$/);
	fc.assert(
		fc.property(name, name, name, name, (one, two, three, four) => {
			if (one === three && two === four) return;
			expect(newName(one, two)).not.toBe(newName(three, four));
		}),
	);
});

it("a child that is there keeps the name that it was made under", () => {
	const stack = { name: "shop", namespace: "prism" };
	const there = objectMap([object("BackendConfig", {}, { name: "shop-a-b" })]);
	expect(entryName(stack, there, "BackendConfig", "a-b")).toBe("shop-a-b");
	expect(entryName(stack, there, "PrismNamespace", "a-b")).toBe(newName("shop", "a-b"));
	expect(entryName({ ...stack, namespace: "other" }, there, "BackendConfig", "a-b")).toBe(newName("shop", "a-b"));
});
