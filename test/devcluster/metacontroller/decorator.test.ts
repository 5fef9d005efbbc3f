import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../devcluster/json.ts";
import { ApiError, type Store } from "../../../devcluster/store.ts";
import { configMap, crd, decorator, startBench, type ToyHook, thing } from "./bench.ts";

const finalizer = "metacontroller.io/decoratorcontroller-toy";
const controllers = [decorator(["sync"])];
const answer =
	(fixed: JsonObject): ToyHook =>
	() =>
		fixed;

describe("a decorated object", () => {
	it("gets labels, annotations, a status and attachments, and is then left in peace", async () => {
		const sync = answer({
			labels: { shard: "one" },
			annotations: { note: "x" },
			status: { phase: "Active" },
			attachments: [configMap("attached", { a: "1" })],
		});
		const bench = await startBench({
			controllers,
			hooks: { "/sync": sync },
			objects: [thing("one", {}, { labels: { own: "1" } })],
			resyncPeriodMs: 60_000,
		});
		const object = await bench.get("Thing", "one");
		expect(object).toMatchObject({
			metadata: { labels: { own: "1", shard: "one" }, annotations: { note: "x" } },
			status: { phase: "Active" },
		});
		expect(object?.["status"]).not.toHaveProperty("observedGeneration");
		const attached = await bench.get("ConfigMap", "attached");
		expect(attached?.metadata).toMatchObject({
			annotations: { "metacontroller.k8s.io/decorator-controller": "toy" },
			ownerReferences: [{ kind: "Thing", name: "one", controller: true, blockOwnerDeletion: true }],
		});
		expect(attached?.metadata.labels).toBeUndefined();
		expect(bench.calls.at(-1)?.body).toMatchObject({
			attachments: { "ConfigMap.v1": { "default/attached": {} } },
			finalizing: false,
		});
		const { writes } = bench.metacontroller.stats;
		await bench.clock.advance(10 * 60_000);
		expect(bench.metacontroller.stats).toMatchObject({ writes, errors: 0 });
	});

	it("loses labels and annotations that are answered with null, and its attachments when they are not answered", async () => {
		let answered: JsonObject = { attachments: [configMap("attached")] };
		const bench = await startBench({
			controllers,
			hooks: { "/sync": () => answered },
			objects: [thing("one", {}, { labels: { gone: "1", own: "1" }, annotations: { gone: "1" } })],
		});
		expect(await bench.get("ConfigMap", "attached")).toBeDefined();
		answered = { labels: { gone: null, never: null }, annotations: { gone: null } };
		await bench.remove("ConfigMap", "attached");
		const metadata = (await bench.get("Thing", "one"))?.metadata;
		expect(metadata?.labels).toEqual({ own: "1" });
		expect(metadata?.annotations).toBeUndefined();
		expect(await bench.list("ConfigMap")).toEqual([]);
	});

	it("keeps its status when the answer has none, or null", async () => {
		for (const status of [undefined, null]) {
			const bench = await startBench({
				controllers,
				hooks: { "/sync": answer({ labels: { a: "b" }, ...(status === null && { status }) }) },
			});
			await bench.store.create(thing("one"));
			await bench.editStatus("Thing", "one", { set: "by somebody" });
			expect(await bench.get("Thing", "one")).toMatchObject({
				status: { set: "by somebody" },
				metadata: { labels: { a: "b" } },
			});
		}
	});

	it("has its status written with everything else where the kind has no status subresource", async () => {
		const bare = { apiVersion: "test.prism.io/v1", resource: "bares" };
		const bench = await startBench({
			controllers: [decorator(["sync"], bare)],
			hooks: { "/sync": answer({ status: { phase: "Active" } }) },
			objects: [crd("Bare", "bares", "Namespaced", {}), { ...thing("one"), kind: "Bare" }],
		});
		expect(await bench.get("Bare", "one")).toMatchObject({ status: { phase: "Active" } });
		expect(bench.metacontroller.stats.errors).toBe(0);
	});

	it("that somebody else has changed is left to the next sync, its attachments too", async () => {
		let refuse = true;
		const wrap = (store: Store): Store => ({
			...store,
			update: (object) => {
				const isStale = refuse && object.kind === "Thing";
				refuse = false;
				return isStale ? Promise.reject(new ApiError(409, "Conflict", "stale")) : store.update(object);
			},
		});
		const sync = answer({ labels: { a: "b" }, attachments: [configMap("attached")] });
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [thing("one")], wrap });
		expect(await bench.get("ConfigMap", "attached")).toBeUndefined();
		expect(bench.metacontroller.stats.errors).toBe(0);
		await bench.edit("Thing", "one", (object) => {
			object["spec"] = { a: 1 };
		});
		expect(await bench.get("ConfigMap", "attached")).toBeDefined();
	});
});

describe("attachments", () => {
	it("are only those that this controller attached", async () => {
		const bench = await startBench({ controllers, hooks: { "/sync": answer({}) }, objects: [thing("one")] });
		const owner = (await bench.get("Thing", "one"))?.metadata.uid;
		const ownerReferences = [
			{ apiVersion: "test.prism.io/v1", kind: "Thing", name: "one", uid: owner, controller: true },
		];
		const annotations = { "metacontroller.k8s.io/decorator-controller": "other" };
		await bench.create(configMap("others", {}, { namespace: "default", ownerReferences, annotations }));
		expect(bench.calls.at(-1)?.body["attachments"]).toEqual({ "ConfigMap.v1": {} });
		expect(await bench.get("ConfigMap", "others")).toBeDefined();
	});

	it("are repaired when they are edited by hand", async () => {
		const sync = answer({ attachments: [configMap("attached", { a: "1" })] });
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [thing("one")] });
		await bench.edit("ConfigMap", "attached", (child) => {
			child["data"] = { a: "2" };
		});
		expect(await bench.get("ConfigMap", "attached")).toMatchObject({ data: { a: "1" } });
	});
});

const withFinalize = (rule: JsonObject = {}) => [decorator(["sync", "finalize"], rule)];

describe("finalize", () => {
	const sync = answer({ attachments: [configMap("attached")] });

	it("has the last word over the object, and over its attachments", async () => {
		let done = false;
		const bench = await startBench({
			controllers: withFinalize(),
			hooks: { "/sync": sync, "/finalize": () => ({ attachments: [], finalized: done }) },
			objects: [thing("one")],
		});
		expect((await bench.get("Thing", "one"))?.metadata.finalizers).toEqual([finalizer]);
		await bench.remove("Thing", "one");
		expect(await bench.get("Thing", "one")).toBeDefined();
		expect(await bench.get("ConfigMap", "attached")).toBeUndefined();
		expect(bench.callsOf("/finalize")[0]?.body).toMatchObject({
			finalizing: true,
			attachments: { "ConfigMap.v1": { "default/attached": {} } },
		});
		done = true;
		await bench.edit("Thing", "one", ({ metadata }) => {
			metadata.labels = { nudge: "1" };
		});
		expect(await bench.get("Thing", "one")).toBeUndefined();
	});

	it("is also called when labels or annotations no longer match, and then lets go of the object", async () => {
		const rule = {
			labelSelector: { matchLabels: { mine: "yes" } },
			annotationSelector: { matchAnnotations: { too: "yes" } },
		};
		const bench = await startBench({
			controllers: withFinalize(rule),
			hooks: { "/sync": sync, "/finalize": answer({ finalized: true }) },
			objects: [
				thing("one", {}, { labels: { mine: "yes" }, annotations: { too: "yes" } }),
				thing("half", {}, { labels: { mine: "yes" } }),
			],
		});
		expect(bench.calls.every(({ body }) => body["object"] !== undefined)).toBe(true);
		await bench.edit("Thing", "one", ({ metadata }) => {
			metadata.annotations = {};
		});
		expect(bench.callsOf("/finalize")[0]?.body).toMatchObject({
			finalizing: true,
			object: { metadata: { name: "one" } },
		});
		expect((await bench.get("Thing", "one"))?.metadata.finalizers).toBeUndefined();
		expect(await bench.list("ConfigMap")).toEqual([]);
		expect((await bench.get("Thing", "half"))?.metadata.finalizers).toBeUndefined();
	});
});
