import { startGarbageCollector } from "../../../devcluster/controllers/garbage-collector.ts";
import { createInformers } from "../../../devcluster/controllers/informer.ts";
import { createMemoryStore } from "../../../devcluster/memory/memory.ts";
import { systemTime } from "../../../server/time.ts";
import { startTestControllers } from "../../cluster.ts";
import { describeCollection } from "../collection-contract.ts";

describeCollection("the stand-in in memory", async () => {
	const store = createMemoryStore({ clock: systemTime, kinds: [] });
	const informers = createInformers(store, systemTime);
	const resources = [await store.resourceOf("v1", "ConfigMap")];
	const collector = await startGarbageCollector({ store, informers, clock: systemTime, resources });
	return {
		store,
		async stop() {
			await collector.stop();
			informers.stop();
			await store.close();
		},
	};
});

describeCollection("the real one", async () => {
	const cluster = await startTestControllers();
	return { store: cluster.store, stop: () => cluster.stop() };
});
