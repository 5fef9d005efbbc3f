import { describe, expect, test } from "vitest";
import { type Subject, withSpec } from "./store-subject.ts";
import { configMap, widget } from "./widget.ts";

export const describeReading = (subject: Subject): void => {
	describe("watch", () => {
		test("tells every change after the version, in order", async () => {
			const events = await subject.watching(subject.widgets, 4, async () => {
				const first = await subject.store.create(widget("seen"));
				const second = await subject.store.update(withSpec(first, { size: 2 }));
				await subject.store.updateStatus({ ...second, status: { phase: "x" } });
				await subject.store.delete(subject.widgets, "contract", "seen");
			});
			expect(events).toMatchObject([
				{ type: "ADDED", object: { apiVersion: "test.prism.io/v1", kind: "Widget", spec: { size: 1 } } },
				{ type: "MODIFIED", object: { spec: { size: 2 } } },
				{ type: "MODIFIED", object: { status: { phase: "x" } } },
				{ type: "DELETED", object: { metadata: { name: "seen" } } },
			]);
		});
		test("ends when it is told to", async () => {
			const { resourceVersion } = await subject.store.list(subject.widgets);
			const stop = new AbortController();
			const ended = subject.store.watch(subject.widgets, resourceVersion, () => {}, stop.signal);
			stop.abort();
			await ended;
		});
	});

	test("lists a namespace, or all of them", async () => {
		await subject.store.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "elsewhere" } });
		await subject.store.create(configMap("here"));
		await subject.store.create(configMap("there", {}, "elsewhere"));
		const names = async (namespace?: string) =>
			(await subject.store.list(subject.configMaps, namespace)).items.map(({ metadata }) => metadata.name);
		expect(await names("elsewhere")).toContain("there");
		expect(await names("elsewhere")).not.toContain("here");
		expect(await names()).toEqual(expect.arrayContaining(["here", "there"]));
		const [item] = (await subject.store.list(subject.configMaps, "elsewhere")).items;
		expect(item).toMatchObject({ apiVersion: "v1", kind: "ConfigMap" });
	});
};
