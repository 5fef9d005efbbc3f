import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../local/json.ts";
import { LAST_APPLIED } from "../../../local/metacontroller/apply.ts";
import { ApiError, type Store } from "../../../local/store.ts";
import type { CompositeRequest } from "../../../schemas/metacontroller.ts";
import { composite, configMap, Reply, startBench, type ToyHook, thing } from "./bench.ts";

/** One ConfigMap per entry of spec.maps. */
const sync: ToyHook = ({ parent }) => ({
	status: { phase: "Ready" },
	children: Object.entries((parent as { spec?: { maps?: JsonObject } }).spec?.maps ?? {}).map(([name, data]) =>
		configMap(name, data as JsonObject),
	),
});

const controllers = [composite(["sync"])];
const one = thing("one", { maps: { first: { a: "1" } } });

describe("children", () => {
	it("are created with the parent as owner, the generated label and what was applied", async () => {
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [one] });
		const parent = await bench.get("Thing", "one");
		const uid = parent?.metadata.uid;
		const owner = { apiVersion: "test.prism.io/v1", kind: "Thing", name: "one", uid };
		const child = await bench.get("ConfigMap", "first");
		expect(child?.metadata.ownerReferences).toEqual([{ ...owner, controller: true, blockOwnerDeletion: true }]);
		expect(child?.metadata.labels).toEqual({ "controller-uid": uid });
		expect(child?.metadata.annotations?.[LAST_APPLIED]).toBe(
			`{"apiVersion":"v1","data":{"a":"1"},"kind":"ConfigMap","metadata":{"labels":{"controller-uid":"${uid}"},` +
				`"name":"first","namespace":"default"}}`,
		);
		expect(parent?.["status"]).toEqual({ phase: "Ready", observedGeneration: 1 });
	});

	it("reach a fixed point: further syncs write nothing", async () => {
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [one], resyncPeriodMs: 60_000 });
		const { writes, syncs } = bench.metacontroller.stats;
		await bench.clock.advance(10 * 60_000);
		expect(bench.metacontroller.stats).toMatchObject({ writes, syncs: syncs + 10, errors: 0 });
	});

	it("are updated in place, and deleted when they are no longer desired", async () => {
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [one] });
		const before = await bench.get("ConfigMap", "first");
		await bench.edit("Thing", "one", (parent) => {
			parent["spec"] = { maps: { first: { b: "2" }, second: {} } };
		});
		const after = await bench.get("ConfigMap", "first");
		expect(after).toMatchObject({ data: { b: "2" }, metadata: { uid: before?.metadata.uid } });
		expect(after?.["data"]).not.toHaveProperty("a");
		await bench.edit("Thing", "one", (parent) => {
			parent["spec"] = { maps: { second: {} } };
		});
		expect(await bench.get("ConfigMap", "first")).toBeUndefined();
		expect(await bench.get("ConfigMap", "second")).toBeDefined();
	});

	it("are repaired when edited by hand, where the hook says something, and come back when deleted", async () => {
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [one] });
		await bench.edit("ConfigMap", "first", (child) => {
			child["data"] = { a: "by hand", mine: "stays" };
		});
		expect(await bench.get("ConfigMap", "first")).toMatchObject({ data: { a: "1", mine: "stays" } });
		const { uid } = (await bench.get("ConfigMap", "first"))?.metadata ?? {};
		await bench.remove("ConfigMap", "first");
		const again = await bench.get("ConfigMap", "first");
		expect(again?.["data"]).toEqual({ a: "1" });
		expect(again?.metadata.uid).not.toBe(uid);
	});

	it.each([undefined, "OnDelete"])("are never updated with the strategy %s", async (method) => {
		const spec: JsonObject = method ? {} : { childResources: [{ apiVersion: "v1", resource: "configmaps" }] };
		const bench = await startBench({
			controllers: [composite(["sync"], method, spec)],
			hooks: { "/sync": sync },
			objects: [one],
		});
		await bench.edit("Thing", "one", (parent) => {
			parent["spec"] = { maps: { first: { a: "2" } } };
		});
		expect(await bench.get("ConfigMap", "first")).toMatchObject({ data: { a: "1" } });
		await bench.remove("ConfigMap", "first");
		expect(await bench.get("ConfigMap", "first")).toMatchObject({ data: { a: "2" } });
	});

	it("are deleted and created anew with the strategy Recreate", async () => {
		const bench = await startBench({
			controllers: [composite(["sync"], "Recreate")],
			hooks: { "/sync": sync },
			objects: [one],
		});
		const before = await bench.get("ConfigMap", "first");
		await bench.edit("Thing", "one", (parent) => {
			parent["spec"] = { maps: { first: { a: "2" } } };
		});
		const after = await bench.get("ConfigMap", "first");
		expect(after?.["data"]).toEqual({ a: "2" });
		expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
	});

	it("are left alone while they are being deleted", async () => {
		const held = { maps: { first: {} } };
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [thing("one", held)] });
		await bench.edit("ConfigMap", "first", (child) => {
			child.metadata.finalizers = ["test/held"];
		});
		await bench.remove("ConfigMap", "first");
		await bench.edit("Thing", "one", (parent) => {
			parent["spec"] = { maps: { first: { a: "2" } } };
		});
		expect((await bench.get("ConfigMap", "first"))?.["data"]).toEqual({});
		expect(bench.metacontroller.stats.errors).toBe(0);
	});

	it("whose name is taken by a stranger's object are given up silently", async () => {
		const bench = await startBench({ controllers, hooks: { "/sync": sync } });
		await bench.store.create({
			...configMap("first", { whose: "theirs" }),
			metadata: { name: "first", namespace: "default" },
		});
		await bench.create(one);
		expect(await bench.get("ConfigMap", "first")).toMatchObject({ data: { whose: "theirs" } });
		expect(bench.metacontroller.stats.errors).toBe(0);
	});

	it("that carry another controller-uid are an error", async () => {
		const stray = configMap("first", {}, { labels: { "controller-uid": "other" } });
		const bench = await startBench({ controllers, hooks: { "/sync": () => ({ children: [stray] }) }, objects: [one] });
		expect(await bench.list("ConfigMap")).toEqual([]);
		const [event] = await bench.list("Event");
		expect(event).toMatchObject({
			reason: "SyncError",
			type: "Warning",
			involvedObject: { kind: "Thing", name: "one" },
		});
		expect(event?.["message"]).toContain("don't match the selector");
	});

	it("of a kind that is not declared are created, with a warning, as Metacontroller does", async () => {
		const service = { apiVersion: "v1", kind: "Service", metadata: { name: "s" }, spec: {} };
		const bench = await startBench({
			controllers,
			hooks: { "/sync": () => ({ children: [service] }) },
			objects: [one],
		});
		expect(await bench.get("Service", "s")).toBeDefined();
		expect(bench.log).toContainEqual(
			expect.objectContaining({ level: "warn", message: expect.stringContaining("Service.v1") }),
		);
	});
});

describe("orphans and strays", () => {
	const selecting = [composite(["sync"], "InPlace", { generateSelector: false })];
	const selector = { matchLabels: { app: "one" } };
	const hooks = { "/sync": (): JsonObject => ({ children: [configMap("first", {}, { labels: { app: "one" } })] }) };

	it("are adopted when the selector matches, and released when it no longer does", async () => {
		const bench = await startBench({ controllers: selecting, hooks, objects: [thing("one", { selector })] });
		const orphan = { ...configMap("lost"), metadata: { name: "lost", namespace: "default", labels: { app: "one" } } };
		const elsewhere = { ...orphan, metadata: { ...orphan.metadata, namespace: "kube-system" } };
		await bench.store.create(elsewhere);
		await bench.create(orphan);
		// Adopted, and then deleted, because the hook does not desire it.
		expect(bench.calls.some(({ body }) => "default/lost" in (body.children["ConfigMap.v1"] ?? {}))).toBe(true);
		expect(await bench.get("ConfigMap", "lost")).toBeUndefined();
		expect((await bench.get("ConfigMap", "lost", "kube-system"))?.metadata.ownerReferences).toBeUndefined();

		await bench.edit("ConfigMap", "first", (child) => {
			child.metadata.labels = { app: "other" };
		});
		const released = await bench.get("ConfigMap", "first");
		expect(released?.metadata.ownerReferences).toBeUndefined();
	});

	it("can't be told apart by an empty selector: an error", async () => {
		const bench = await startBench({ controllers: selecting, hooks, objects: [thing("one")] });
		expect(bench.calls).toEqual([]);
		expect((await bench.list("Event"))[0]?.["message"]).toContain("spec.selector must have");
	});
});

describe("a parent's deletion", () => {
	const finalizer = "metacontroller.io/compositecontroller-toy";
	const withFinalize = [composite(["sync", "finalize"])];

	it("waits for the finalize hook, which sees the children and says when it is done", async () => {
		const finalize: ToyHook = ({ children }) => ({
			status: { phase: "Leaving" },
			children: [],
			finalized: Object.keys(children["ConfigMap.v1"] ?? {}).length === 0,
		});
		const bench = await startBench({
			controllers: withFinalize,
			hooks: { "/sync": sync, "/finalize": finalize },
			objects: [one],
		});
		expect((await bench.get("Thing", "one"))?.metadata.finalizers).toEqual([finalizer]);
		expect(bench.calls[0]?.body.parent.metadata.finalizers).toEqual([finalizer]);
		await bench.remove("Thing", "one");
		const finalizing = bench.callsOf("/finalize").map(({ body }) => body);
		expect(finalizing[0]).toMatchObject({ finalizing: true, children: { "ConfigMap.v1": { "default/first": {} } } });
		expect(finalizing.at(-1)?.children).toEqual({ "ConfigMap.v1": {} });
		expect(await bench.get("Thing", "one")).toBeUndefined();
		expect(await bench.list("ConfigMap")).toEqual([]);
		expect(bench.metacontroller.stats.errors).toBe(0);
	});

	it("calls the sync hook without a finalize hook, and manages no children any more", async () => {
		const bench = await startBench({
			controllers,
			hooks: { "/sync": sync },
			objects: [thing("one", { maps: { first: {} } }, { finalizers: ["test/held"] })],
		});
		await bench.remove("Thing", "one");
		await bench.remove("ConfigMap", "first");
		expect(bench.calls.at(-1)?.body.finalizing).toBe(false);
		expect(await bench.get("ConfigMap", "first")).toBeUndefined();
	});

	it("takes off a finalizer that is left from when there was a finalize hook", async () => {
		const left = thing("one", {}, { finalizers: [finalizer, "test/held"] });
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [left] });
		expect((await bench.get("Thing", "one"))?.metadata.finalizers).toEqual(["test/held"]);
	});

	it("is not what finalize means when the parent no longer matches the selector", async () => {
		const parentResource = {
			apiVersion: "test.prism.io/v1",
			resource: "things",
			labelSelector: { matchLabels: { mine: "yes" } },
		};
		const bench = await startBench({
			controllers: [composite(["sync", "finalize"], "InPlace", { parentResource })],
			hooks: { "/sync": sync, "/finalize": () => ({ children: [], finalized: true }) },
			objects: [thing("one", { maps: { first: {} } }, { labels: { mine: "yes" } }), thing("stranger")],
		});
		await bench.edit("Thing", "one", ({ metadata }) => {
			metadata.labels = {};
		});
		expect(bench.callsOf("/finalize")[0]?.body).toMatchObject({
			finalizing: true,
			parent: { metadata: { name: "one" } },
		});
		expect((await bench.get("Thing", "one"))?.metadata.finalizers ?? []).toEqual([]);
		expect((await bench.get("Thing", "stranger"))?.metadata.finalizers).toBeUndefined();
	});
});

describe("status", () => {
	it("is written also when children could not be managed, and then the sync fails", async () => {
		const wrap = (store: Store): Store => ({
			...store,
			create: (object) =>
				object.kind === "ConfigMap" ? Promise.reject(new ApiError(403, "Forbidden", "no")) : store.create(object),
		});
		const bench = await startBench({ controllers, hooks: { "/sync": sync }, objects: [one], wrap });
		expect(await bench.get("Thing", "one")).toMatchObject({ status: { phase: "Ready" } });
		expect((await bench.list("Event"))[0]?.["message"]).toContain("cannot create ConfigMap default/first: no");
	});

	it("is written over a conflict after a fresh read, and a conflict that lasts is no error", async () => {
		let conflicts = 2;
		const wrap = (store: Store): Store => ({
			...store,
			updateStatus: (object) => {
				conflicts -= 1;
				return conflicts >= 0 ? Promise.reject(new ApiError(409, "Conflict", "stale")) : store.updateStatus(object);
			},
		});
		const starting = startBench({ controllers, hooks: { "/sync": sync }, wrap });
		const bench = await starting;
		await bench.store.create(one);
		await bench.clock.advance(100);
		expect(await bench.get("Thing", "one")).toMatchObject({ status: { phase: "Ready" } });
		conflicts = 100;
		await bench.store.create(thing("two"));
		await bench.clock.advance(1000);
		expect((await bench.get("Thing", "two"))?.["status"]).toBeUndefined();
		expect(conflicts).toBe(96);
		expect(bench.metacontroller.stats.errors).toBe(0);
	});

	it("changes by somebody else bring the next sync, unless they are ignored", async () => {
		for (const [ignoreStatusChanges, more] of [
			[false, 2],
			[true, 0],
		] as const) {
			const parentResource = { apiVersion: "test.prism.io/v1", resource: "things", ignoreStatusChanges };
			const bench = await startBench({
				controllers: [composite(["sync"], "InPlace", { parentResource })],
				hooks: { "/sync": sync },
				objects: [one],
			});
			const before = bench.calls.length;
			await bench.editStatus("Thing", "one", { phase: "Odd" });
			expect(bench.calls.length - before).toBe(more);
			await bench.edit("Thing", "one", ({ metadata }) => {
				metadata.labels = { a: "b" };
			});
			expect(bench.calls.length).toBeGreaterThan(before + more);
		}
	});
});

describe("a hook", () => {
	it("that answers an error is retried with back-off, and its body is an Event that counts", async () => {
		let broken = true;
		const flaky: ToyHook = (body) => (broken ? new Reply({ status: 500, body: "the hook is out" }) : sync(body));
		const bench = await startBench({ controllers, hooks: { "/sync": flaky }, objects: [one] });
		await bench.clock.advance(20);
		const [event, ...others] = await bench.list("Event");
		expect(others).toEqual([]);
		expect(event).toMatchObject({ count: 3, message: expect.stringMatching(/^Sync error: .*500.*the hook is out/) });
		broken = false;
		await bench.clock.advance(100);
		expect(await bench.get("ConfigMap", "first")).toBeDefined();
		expect(bench.metacontroller.stats.errors).toBe(3);
	});

	it("that has much to complain about is not heard more than 25 times", async () => {
		let number = 0;
		const shouting: ToyHook = () => new Reply({ status: 500, body: `complaint ${(number += 1)}` });
		const bench = await startBench({ controllers, hooks: { "/sync": shouting }, objects: [one], resyncPeriodMs: 1000 });
		await bench.clock.advance(100_000);
		expect(number).toBeGreaterThan(50);
		expect(await bench.list("Event")).toHaveLength(25);
	});

	it("that answers 429 is called again when it asks to be, without an Event", async () => {
		let busy = true;
		const shy: ToyHook = (body) => (busy ? new Reply({ status: 429, body: "", retryAfter: "7" }) : sync(body));
		const bench = await startBench({ controllers, hooks: { "/sync": shy }, objects: [one] });
		busy = false;
		await bench.clock.advance(6999);
		expect(bench.calls).toHaveLength(1);
		await bench.clock.advance(1);
		expect(await bench.get("ConfigMap", "first")).toBeDefined();
		expect(await bench.list("Event")).toEqual([]);
		expect(bench.metacontroller.stats.errors).toBe(0);
	});

	it("that knows a field which Metacontroller does not know has its answer thrown away", async () => {
		const bench = await startBench({
			controllers,
			hooks: { "/sync": (body) => ({ ...sync(body), reason: "because" }) },
			objects: [one],
		});
		expect(await bench.list("ConfigMap")).toEqual([]);
		expect((await bench.list("Event"))[0]?.["message"]).toContain('unknown field "reason"');
	});

	it("is called again after resyncAfterSeconds, once", async () => {
		let asks = 1;
		const later: ToyHook = (body) => ({ ...sync(body), resyncAfterSeconds: (asks -= 1) >= 0 ? 2.5 : 0 });
		const bench = await startBench({ controllers, hooks: { "/sync": later }, objects: [thing("one")] });
		const before = bench.calls.length;
		await bench.clock.advance(2499);
		expect(bench.calls).toHaveLength(before);
		await bench.clock.advance(60_000);
		expect(bench.calls).toHaveLength(before + 1);
	});

	it("is called for every parent each resyncPeriodSeconds, and each 30 minutes without", async () => {
		for (const [spec, minutes, count] of [
			[{ resyncPeriodSeconds: 60 }, 10, 10],
			[{}, 60, 2],
		] as const) {
			const bench = await startBench({
				controllers: [composite(["sync"], "InPlace", spec)],
				hooks: { "/sync": sync },
				objects: [one],
			});
			const before = bench.calls.length;
			await bench.clock.advance(minutes * 60_000);
			expect(bench.calls.length - before).toBe(count);
		}
	});

	it("gets an entry for every declared child kind, and keys with and without a namespace", async () => {
		const bench = await startBench({
			controllers: [
				composite(["sync"], "InPlace", {
					parentResource: { apiVersion: "test.prism.io/v1", resource: "realms" },
					childResources: [
						{ apiVersion: "v1", resource: "namespaces" },
						{ apiVersion: "apps/v1", resource: "deployments" },
						{ apiVersion: "v1", resource: "configmaps" },
					],
				}),
			],
			hooks: {
				"/sync": () => ({
					children: [
						{ apiVersion: "v1", kind: "Namespace", metadata: { name: "made" } },
						configMap("far", {}, { namespace: "kube-system" }),
					],
				}),
			},
			objects: [{ apiVersion: "test.prism.io/v1", kind: "Realm", metadata: { name: "all" } }],
		});
		const seen = bench.calls.at(-1)?.body as CompositeRequest;
		expect(
			Object.fromEntries(Object.entries(seen.children).map(([kind, group]) => [kind, Object.keys(group)])),
		).toEqual({
			"ConfigMap.v1": ["kube-system/far"],
			"Deployment.apps/v1": [],
			"Namespace.v1": ["made"],
		});
		expect(seen).toMatchObject({ related: {}, finalizing: false, controller: { status: {} } });
	});
});
