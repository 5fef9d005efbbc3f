import { expect, test } from "vitest";
import { createInformers, type InformerEvent } from "../../../devcluster/controllers/informer.ts";
import { createMemoryStore } from "../../../devcluster/memory/memory.ts";
import { ApiError, type Store } from "../../../devcluster/store.ts";
import { createManualClock } from "../../clock.ts";
import { configMap } from "../widget.ts";

const start = async (faulty: (store: Store) => Partial<Store> = () => ({})) => {
	const clock = createManualClock();
	const store = createMemoryStore({ clock, kinds: [], history: 2 });
	const log: string[] = [];
	const informers = createInformers({ ...store, ...faulty(store) }, clock, (line) => void log.push(line));
	const resource = await store.resourceOf("v1", "ConfigMap");
	return { clock, store, log, informers, resource };
};

const cm = (name: string, data = {}) => configMap(name, data, "default");
const told = (events: readonly InformerEvent[]) => events.map(({ type, object }) => `${type} ${object.metadata.name}`);

test("is shared, filled when it is there, and follows every change", async () => {
	const { clock, store, informers, resource } = await start();
	const first = await store.create(cm("a"));
	const informer = await informers.get(resource);
	expect(await informers.get(resource)).toBe(informer);
	expect(informer.get("default", "a")).toEqual(first);
	const events: InformerEvent[] = [];
	informer.subscribe((event) => void events.push(event));
	const second = await store.update({ ...first, data: { b: "2" } });
	await store.delete(resource, "default", "a");
	await clock.settle();
	expect(told(events)).toEqual(["ADDED a", "MODIFIED a", "DELETED a"]);
	expect(events[1]).toMatchObject({ object: second, old: first });
	expect(informer.list()).toEqual([]);
});

test("knows what is owned by whom", async () => {
	const { clock, store, informers, resource } = await start();
	const informer = await informers.get(resource);
	const owner = { apiVersion: "v1", kind: "ConfigMap", name: "x", uid: "u1" };
	const owned = await store.create({ ...cm("a"), metadata: { ...cm("a").metadata, ownerReferences: [owner] } });
	await clock.settle();
	expect(informer.byOwner("u1")).toEqual([owned]);
	await store.update({ ...owned, metadata: { ...owned.metadata, ownerReferences: [] } });
	await clock.settle();
	expect(informer.byOwner("u1")).toEqual([]);
});

test("lists again when the watch has expired, and tells the difference", async () => {
	let lists = 0;
	const { clock, store, informers, resource } = await start((memory) => ({
		// The first list is told to have been long ago: since then more has happened than the history holds.
		list: async (...request) => ({
			...(await memory.list(...request)),
			...(lists++ === 0 && { resourceVersion: "0" }),
		}),
	}));
	for (const name of ["a", "b", "c"]) await store.create(cm(name));
	const informer = await informers.get(resource);
	const events: InformerEvent[] = [];
	informer.subscribe((event) => void events.push(event));
	await store.delete(resource, "default", "b");
	await store.create(cm("d"));
	await clock.advance(1000);
	expect(lists).toBe(2);
	expect(told(events)).toEqual(["ADDED a", "ADDED b", "ADDED c", "DELETED b", "ADDED d"]);
});

test("an object of the same name but another uid is another object", async () => {
	let expire = (): void => {};
	const { clock, store, informers, resource } = await start(() => ({
		watch: (_resource, _version, onEvent) =>
			new Promise((resolve) => {
				expire = () => {
					onEvent({ type: "EXPIRED" });
					resolve();
				};
			}),
	}));
	await store.create(cm("a"));
	const informer = await informers.get(resource);
	const events: InformerEvent[] = [];
	informer.subscribe((event) => void events.push(event));
	await store.delete(resource, "default", "a");
	await store.create(cm("a"));
	expire();
	await clock.advance(1000);
	expect(told(events)).toEqual(["ADDED a", "DELETED a", "ADDED a"]);
});

test("tries again, later and later, while listing fails", async () => {
	const attempts: number[] = [];
	const { clock, log, informers, resource } = await start((memory) => ({
		list: async (...request) => {
			attempts.push(clock.now() - began);
			if (attempts.length < 4) throw new ApiError(500, "", "not now");
			return memory.list(...request);
		},
	}));
	const began = clock.now();
	const ready = informers.get(resource);
	await clock.advance(5000);
	await ready;
	expect(attempts).toEqual([0, 200, 600, 1400]);
	expect(log).toEqual(Array.from({ length: 3 }, () => "cannot list and watch configmaps: not now"));
});

test("a handler that fails harms nobody else", async () => {
	const { clock, store, informers, resource, log } = await start();
	const informer = await informers.get(resource);
	const events: InformerEvent[] = [];
	informer.subscribe(() => {
		throw new Error("oh");
	});
	informer.subscribe((event) => void events.push(event));
	await store.create(cm("a"));
	await clock.settle();
	expect(told(events)).toEqual(["ADDED a"]);
	expect(log.join()).toContain("oh");
});

test("stops", async () => {
	const { clock, store, informers, resource } = await start();
	const informer = await informers.get(resource);
	informers.stop();
	await store.create(cm("a"));
	await clock.advance(60_000);
	expect(informer.list()).toEqual([]);
});
