import { expect, test } from "vitest";
import { createRegistry, PARTITIONS, partitionOf } from "../../../devcluster/proxy/registry.ts";
import { partitionOf as partitionOfOperator } from "../../../server/admin/messages.ts";

const registryOf = (count: number) => {
	const registry = createRegistry();
	for (let index = 0; index < count; index++) registry.add(`p-${String(index).padStart(3, "0")}`, "");
	return registry;
};

test.each([1, 2, 3, 7, 255, 256, 300])("%d proxies share all partitions, each of them in its range", (count) => {
	const registry = registryOf(count);
	for (const id of registry.ids()) {
		for (const { start, end } of registry.rangesOf(id)) {
			expect(start).toBeLessThanOrEqual(end);
			for (let partition = start; partition <= end; partition++) expect(registry.proxyOf(partition)).toBe(id);
		}
	}
	const sizes = registry.ids().flatMap((id) => registry.rangesOf(id).map(({ start, end }) => end - start + 1));
	expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(PARTITIONS);
	expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
});

test("without a proxy a partition is nobody's, and an unknown proxy has none", () => {
	const registry = registryOf(0);
	expect(registry.proxyOf(0)).toBeUndefined();
	expect(registry.rangesOf("p")).toEqual([]);
});

test("a proxy is known until it is removed, once, and in the order of the names", () => {
	const registry = createRegistry();
	for (const id of ["b", "a", "b"]) registry.add(id, "");
	expect(registry.ids()).toEqual(["a", "b"]);
	registry.remove("a");
	expect([registry.has("a"), registry.has("b"), registry.proxyOf(0)]).toEqual([false, true, "b"]);
});

test.each(["orders", "", "123456789"])("the partition of %o is the one that the operator sends", (name) => {
	expect(partitionOf(name)).toBe(partitionOfOperator(name));
});
