import { describe, expect, test } from "vitest";
import { createMemoryStore } from "../../../devcluster/memory/memory.ts";
import type { WatchEvent } from "../../../devcluster/store.ts";
import { systemTime } from "../../../server/time.ts";
import { describeStore } from "../store-contract.ts";
import { configMap, Widget, widget } from "../widget.ts";

const start = () => createMemoryStore({ clock: systemTime, kinds: [Widget], history: 3 });

/** One and the same every time. */
const history = async () => {
	const store = createMemoryStore({ clock: { ...systemTime, now: () => 0 }, kinds: [Widget] });
	await store.create(widget("a", {}, "default"));
	return store.create({
		...configMap("", {}, "default"),
		metadata: { name: "", namespace: "default", generateName: "b-" },
	});
};

describeStore("in memory", async () => {
	const store = createMemoryStore({ clock: systemTime, kinds: [Widget] });
	return { store, stop: () => store.close() };
});

describe("the store in memory", () => {
	test("expires a watch that looks back too far", async () => {
		const store = start();
		const configMaps = await store.resourceOf("v1", "ConfigMap");
		const { resourceVersion } = await store.list(configMaps);
		for (const name of ["a", "b", "c", "d"]) await store.create(configMap(name, {}, "default"));
		const events: WatchEvent[] = [];
		await store.watch(configMaps, resourceVersion, (event) => void events.push(event), new AbortController().signal);
		expect(events).toEqual([{ type: "EXPIRED" }]);
	});

	test("nobody can change what is stored", async () => {
		const store = start();
		const sent = configMap("a", { key: "1" }, "default");
		const received = await store.create(sent);
		Object.assign(Object(sent["data"]), { key: "2" });
		expect(() => Object.assign(Object(received["data"]), { key: "3" })).toThrow(TypeError);
		expect(await store.get(await store.resourceOf("v1", "ConfigMap"), "default", "a")).toMatchObject({
			data: { key: "1" },
		});
	});

	test("is deterministic", async () => {
		expect(await history()).toEqual(await history());
	});

	test("starts with its seed, namespaces included, as it is", async () => {
		const seeded = { ...widget("a", { size: 2 }, "made"), status: { phase: "x" } };
		const store = createMemoryStore({ clock: systemTime, kinds: [Widget], seed: [seeded] });
		const found = await store.get(await store.resourceOf("test.prism.io/v1", "Widget"), "made", "a");
		expect(found).toMatchObject({
			spec: { size: 2, colour: "red" },
			status: { phase: "x" },
			metadata: { generation: 1 },
		});
		expect(await store.get(await store.resourceOf("v1", "Namespace"), undefined, "made")).toBeDefined();
	});
});
