import { createMemoryStore } from "../../local/memory.ts";
import { systemClock } from "../../local/store.ts";
import { describeCollection } from "./collection-contract.ts";

describeCollection("in memory", async () => {
	const store = createMemoryStore({ clock: systemClock, kinds: [] });
	return { store, stop: () => store.close() };
});
