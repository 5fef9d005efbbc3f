import { describe, expect, test } from "vitest";
import { refused, type Subject, withMetadata, withSpec } from "./store-subject.ts";
import { configMap, widget } from "./widget.ts";
import { deployment } from "./workload-objects.ts";

const FINALIZER = "test.prism.io/hold";

export const describeChange = (subject: Subject): void => {
	describe("update", () => {
		test("counts changes of spec in generation, and of nothing else", async () => {
			const first = await subject.store.create(widget("counted"));
			const second = await subject.store.update(withMetadata(first, { labels: { a: "b" } }));
			expect(second.metadata.generation).toBe(1);
			const third = await subject.store.update(withSpec(second, { size: 2 }));
			expect(third.metadata).toMatchObject({ generation: 2, uid: first.metadata.uid });
			const fourth = await subject.store.updateStatus({ ...third, status: { phase: "x" } });
			expect(fourth.metadata.generation).toBe(2);
		});
		test("counts a Deployment's annotations as spec, unless they come with its status", async () => {
			const first = await subject.store.create({ ...deployment(), metadata: { name: "noted", namespace: "contract" } });
			const second = await subject.store.update(withMetadata(first, { annotations: { a: "1" } }));
			expect(second.metadata.generation).toBe(2);
			const third = await subject.store.updateStatus(withMetadata(second, { annotations: { a: "1", b: "2" } }));
			expect(third.metadata).toMatchObject({ generation: 2, annotations: { a: "1", b: "2" } });
			const fourth = await subject.store.update(withMetadata(third, { labels: { c: "3" } }));
			expect(fourth.metadata.generation).toBe(2);
		});
		test("ignores the status", async () => {
			const first = await subject.store.create(widget("separate"));
			const second = await subject.store.updateStatus({ ...first, status: { phase: "observed" } });
			const third = await subject.store.update({ ...withSpec(second, { size: 3 }), status: { phase: "invented" } });
			expect(third).toMatchObject({ spec: { size: 3 }, status: { phase: "observed" } });
		});
		test("takes away what is left out", async () => {
			const first = await subject.store.create({ ...configMap("shrunk", { a: "1", b: "2" }), immutable: false });
			const { immutable: _, ...rest } = first;
			const second = await subject.store.update({ ...rest, data: { b: "2" } });
			expect(second["data"]).toEqual({ b: "2" });
			expect(second).not.toHaveProperty("immutable");
		});
		test("refuses a stale version", async () => {
			const first = await subject.store.create(widget("stale"));
			await subject.store.update(withSpec(first, { size: 2 }));
			const answer = {
				status: 409,
				reason: "Conflict",
				message:
					'Operation cannot be fulfilled on widgets.test.prism.io "stale": the object has been modified; ' +
					"please apply your changes to the latest version and try again",
			};
			expect(await refused(subject.store.update(withSpec(first, { size: 3 })))).toEqual(answer);
			expect(await refused(subject.store.updateStatus({ ...first, status: {} }))).toEqual(answer);
		});
		test("without a version is unconditional", async () => {
			await subject.store.create(widget("free"));
			expect(await subject.store.update(widget("free", { size: 5 }))).toMatchObject({ spec: { size: 5 } });
			const observed = await subject.store.updateStatus({ ...widget("free"), status: { phase: "x" } });
			expect(observed).toMatchObject({ spec: { size: 5 }, status: { phase: "x" } });
		});
		test("refuses another uid", async () => {
			await subject.store.create(configMap("mine"));
			const other = withMetadata(configMap("mine"), { uid: "another" });
			expect(await refused(subject.store.update(other))).toMatchObject({ status: 409, reason: "Conflict" });
		});
		test("refuses what is not there", async () => {
			const missing = withMetadata(widget("missing"), { resourceVersion: "1" });
			expect(await refused(subject.store.update(missing))).toEqual({
				status: 404,
				reason: "NotFound",
				message: 'widgets.test.prism.io "missing" not found',
			});
		});
		test("that changes nothing keeps the version and tells nobody", async () => {
			const first = await subject.store.create(configMap("same", { a: "1" }));
			const events = await subject.watching(subject.configMaps, 1, async () => {
				const second = await subject.store.update({ ...first, data: { a: "1" } });
				expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
				await subject.store.create(configMap("marker"));
			});
			expect(events).toMatchObject([{ type: "ADDED", object: { metadata: { name: "marker" } } }]);
		});
	});

	describe("patch", () => {
		const patched = (name: string, change: Record<string, unknown>, resource = subject.widgets) =>
			subject.store.patch(resource, "contract", name, change);

		test("changes what it names, takes away what is null, and leaves the rest", async () => {
			const first = await subject.store.create(configMap("patched", { a: "1", b: "2", c: "3" }));
			const second = await patched("patched", { data: { a: "9", b: null } }, subject.configMaps);
			expect(second["data"]).toEqual({ a: "9", c: "3" });
			expect(second.metadata).toMatchObject({ uid: first.metadata.uid, name: "patched" });
			expect(second.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion);
		});
		test("counts a change of spec in generation, and ignores the status", async () => {
			await subject.store.create(widget("patched"));
			const labelled = await patched("patched", { metadata: { labels: { a: "b" } } });
			expect(labelled.metadata).toMatchObject({ generation: 1, labels: { a: "b" } });
			const sized = await patched("patched", { spec: { size: 7 }, status: { phase: "invented" } });
			expect(sized).toMatchObject({ metadata: { generation: 2 }, spec: { size: 7 } });
			expect(sized["status"]).toBeUndefined();
		});
		test("that changes nothing keeps the version", async () => {
			const first = await subject.store.create(configMap("unpatched", { a: "1" }));
			const second = await patched("unpatched", { data: { a: "1" } }, subject.configMaps);
			expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
		});
		test("refuses what is not there", async () => {
			expect(await refused(patched("missing", {}))).toEqual({
				status: 404,
				reason: "NotFound",
				message: 'widgets.test.prism.io "missing" not found',
			});
		});
	});

	describe("updateStatus", () => {
		test("changes the status alone, prunes and validates it", async () => {
			const first = await subject.store.create(widget("observed"));
			const changed = withSpec(withMetadata(first, { labels: { a: "b" } }), { size: 9 });
			const second = await subject.store.updateStatus({ ...changed, status: { phase: "x", unknown: 1 } });
			expect(second).toMatchObject({ spec: { size: 1 } });
			expect(second["status"]).toEqual({ phase: "x" });
			expect(second.metadata.labels).toBeUndefined();
			expect(await refused(subject.store.updateStatus({ ...second, status: { phase: 1 } }))).toMatchObject({
				status: 422,
			});
		});
		test("that changes nothing keeps the version", async () => {
			const first = await subject.store.create(widget("still"));
			const second = await subject.store.updateStatus({ ...first, status: { phase: "x" } });
			const third = await subject.store.updateStatus({ ...second, status: { phase: "x" } });
			expect(third.metadata.resourceVersion).toBe(second.metadata.resourceVersion);
		});
		test("is refused where there is no such subresource", async () => {
			await subject.store.create(configMap("statusless"));
			expect(await refused(subject.store.updateStatus(configMap("statusless")))).toMatchObject({ status: 404 });
		});
	});

	describe("delete", () => {
		test("removes, and is content when nothing is there", async () => {
			await subject.store.create(widget("short"));
			await subject.store.delete(subject.widgets, "contract", "short");
			expect(await subject.store.get(subject.widgets, "contract", "short")).toBeUndefined();
			await subject.store.delete(subject.widgets, "contract", "short");
		});
		test("marks what has finalizers, and the last finalizer's removal removes it", async () => {
			await subject.store.create(withMetadata(widget("held"), { finalizers: [FINALIZER] }));
			await subject.store.delete(subject.widgets, "contract", "held");
			const marked = await subject.get(widget("held"));
			expect(marked.metadata).toMatchObject({
				generation: 2,
				deletionGracePeriodSeconds: 0,
				finalizers: [FINALIZER],
			});
			expect(marked.metadata.deletionTimestamp).toMatch(/Z$/);
			await subject.store.delete(subject.widgets, "contract", "held");
			expect((await subject.get(widget("held"))).metadata.resourceVersion).toBe(marked.metadata.resourceVersion);
			const answer = await refused(
				subject.store.update(withMetadata(marked, { finalizers: [FINALIZER, `${FINALIZER}2`] })),
			);
			expect(answer.message).toContain("no new finalizers can be added if the object is being deleted");
			await subject.store.update(withMetadata(marked, { finalizers: [] }));
			expect(await subject.store.get(subject.widgets, "contract", "held")).toBeUndefined();
		});
		test("refuses another uid", async () => {
			const { metadata } = await subject.store.create(widget("precise"));
			expect(await refused(subject.store.delete(subject.widgets, "contract", "precise", { uid: "another" }))).toEqual({
				status: 409,
				reason: "Conflict",
				message:
					'Operation cannot be fulfilled on Widget.test.prism.io "precise": the UID in the precondition (another) ' +
					`does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
			});
			await subject.store.delete(subject.widgets, "contract", "precise", { uid: metadata.uid ?? "" });
			expect(await subject.store.get(subject.widgets, "contract", "precise")).toBeUndefined();
		});
		test.for([
			["Foreground", "foregroundDeletion"],
			["Orphan", "orphan"],
		] as const)("%s leaves the finalizer %s", async ([propagationPolicy, finalizer]) => {
			const leaving = `leaves-${propagationPolicy.toLowerCase()}`;
			await subject.store.create(widget(leaving));
			await subject.store.delete(subject.widgets, "contract", leaving, { propagationPolicy });
			expect((await subject.get(widget(leaving))).metadata.finalizers).toEqual([finalizer]);
		});
		test("gives a pod on a node its time, unless told otherwise", async () => {
			const spec = { nodeName: "local", containers: [{ name: "c", image: "x" }] };
			await subject.store.create({
				apiVersion: "v1",
				kind: "Pod",
				metadata: { name: "slow", namespace: "contract" },
				spec,
			});
			await subject.store.delete(subject.pods, "contract", "slow");
			const marked = await subject.store.get(subject.pods, "contract", "slow");
			expect(marked?.metadata).toMatchObject({ deletionGracePeriodSeconds: 30 });
			await subject.store.delete(subject.pods, "contract", "slow", { gracePeriodSeconds: 0 });
			expect(await subject.store.get(subject.pods, "contract", "slow")).toBeUndefined();
		});
		test("of a namespace closes it, and it goes when it is released", async () => {
			const namespaces = await subject.store.resourceOf("v1", "Namespace");
			await subject.store.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "closing" } });
			await subject.store.delete(namespaces, undefined, "closing");
			const closing = await subject.store.get(namespaces, undefined, "closing");
			if (!closing) throw new Error("the namespace went at once");
			expect(closing).toMatchObject({ spec: { finalizers: ["kubernetes"] }, status: { phase: "Terminating" } });
			expect(await refused(subject.store.create(configMap("late", {}, "closing")))).toMatchObject({
				status: 403,
				reason: "Forbidden",
			});
			await subject.store.update({ ...closing, spec: {} });
			expect(await subject.store.get(namespaces, undefined, "closing")).toBeUndefined();
		});
	});
};
