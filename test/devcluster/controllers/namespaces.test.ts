import { expect, test } from "vitest";
import { createInformers } from "../../../devcluster/controllers/informer.ts";
import { startNamespaces } from "../../../devcluster/controllers/namespaces.ts";
import { createMemoryStore } from "../../../devcluster/memory/memory.ts";
import { createManualClock } from "../../clock.ts";
import { configMap } from "../widget.ts";

test("a deleted namespace takes its objects with it, and waits for what is held", async () => {
	const clock = createManualClock();
	const held = configMap("held", {}, "gone");
	held.metadata.finalizers = ["test.prism.io/hold"];
	const seed = [configMap("plain", {}, "gone"), held, configMap("plain", {}, "other")];
	const store = createMemoryStore({ clock, kinds: [], seed });
	const [namespaces, configMaps] = [
		await store.resourceOf("v1", "Namespace"),
		await store.resourceOf("v1", "ConfigMap"),
	];
	const informers = createInformers(store, clock);
	const controller = await startNamespaces({ store, informers, clock, resources: [configMaps] });
	await store.delete(namespaces, undefined, "gone");
	await clock.advance(5000);
	const left = async () =>
		(await store.list(configMaps)).items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
	expect(await left()).toEqual(["gone/held", "other/plain"]);
	expect(await store.get(namespaces, undefined, "gone")).toMatchObject({ status: { phase: "Terminating" } });
	const object = await store.get(configMaps, "gone", "held");
	if (object) await store.update({ ...object, metadata: { ...object.metadata, finalizers: [] } });
	await clock.advance(5000);
	expect(await left()).toEqual(["other/plain"]);
	expect(await store.get(namespaces, undefined, "gone")).toBeUndefined();
	await controller.stop();
	informers.stop();
});
