import { describe, expect, test } from "vitest";
import { refused, type Subject, withMetadata } from "./store-subject.ts";
import { configMap, widget } from "./widget.ts";

export const describeApply = (subject: Subject): void => {
	describe("apply", () => {
		const manager = { fieldManager: "one" };
		test("creates, and answers with defaults", async () => {
			expect(await subject.store.apply(widget("applied", { size: 4 }), manager)).toMatchObject({
				metadata: { generation: 1 },
				spec: { size: 4, colour: "red" },
			});
		});
		test("dry run stores nothing", async () => {
			const answer = await subject.store.apply(widget("dry"), { ...manager, dryRun: true });
			expect(answer).toMatchObject({ spec: { size: 1 } });
			expect(await subject.store.get(subject.widgets, "contract", "dry")).toBeUndefined();
		});
		test.for(["unknown", "inner.unknown"])("refuses the undeclared field %s", async (path) => {
			const spec = path === "unknown" ? { unknown: 1 } : { inner: { required: "x", unknown: 1 } };
			expect(await refused(subject.store.apply(widget("strict", spec), manager))).toMatchObject({
				message:
					"failed to create typed patch object (contract/strict; test.prism.io/v1, Kind=Widget): " +
					`.spec.${path}: field not declared in schema`,
			});
		});
		test("validates", async () => {
			expect(await refused(subject.store.apply(widget("wrong", { size: 1000 }), manager))).toMatchObject({
				status: 422,
			});
		});
		test("of the same changes nothing", async () => {
			const first = await subject.store.apply(widget("again", { size: 4 }), manager);
			const second = await subject.store.apply(widget("again", { size: 4 }), manager);
			expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
		});
		test("takes away what was applied before, and leaves what others wrote", async () => {
			await subject.store.apply(configMap("shared", { mine: "1", gone: "1" }), manager);
			await subject.store.apply(configMap("shared", { theirs: "2" }), { fieldManager: "two" });
			const live = await subject.get(configMap("shared"));
			await subject.store.update({ ...live, data: { mine: "1", gone: "1", theirs: "2", written: "3" } });
			const merged = await subject.store.apply(configMap("shared", { mine: "4" }), manager);
			expect(merged["data"]).toEqual({ mine: "4", theirs: "2", written: "3" });
		});
		test("falls back to the default when the field is no longer applied", async () => {
			await subject.store.apply(widget("fallback", { size: 4 }), manager);
			expect(await subject.store.apply(widget("fallback"), manager)).toMatchObject({ spec: { size: 1 } });
		});
		test("takes an object away with the defaults inside it", async () => {
			await subject.store.apply(widget("emptied", { inner: { required: "here" } }), manager);
			const merged = await subject.store.apply(widget("emptied"), manager);
			expect(merged["spec"]).not.toHaveProperty("inner");
		});
		test("merges a list by its keys, and replaces any other", async () => {
			const one = { entries: [{ name: "a", value: "1" }, { name: "b" }], list: ["x", "y"] };
			await subject.store.apply(widget("lists", one), manager);
			await subject.store.apply(widget("lists", { entries: [{ name: "c" }] }), { fieldManager: "two" });
			const merged = await subject.store.apply(
				widget("lists", { entries: [{ name: "a", value: "2" }], list: ["z"] }),
				manager,
			);
			expect(merged["spec"]).toMatchObject({ entries: [{ name: "a", value: "2" }, { name: "c" }], list: ["z"] });
		});
		test("ignores the status", async () => {
			const object = { ...widget("stated"), status: { phase: "invented" } };
			expect(await subject.store.apply(object, manager)).not.toHaveProperty("status.phase");
		});
		test("refuses a stale version", async () => {
			const first = await subject.store.apply(widget("behind"), manager);
			await subject.store.apply(widget("behind", { size: 2 }), manager);
			const { resourceVersion } = first.metadata;
			const stale = withMetadata(widget("behind", { size: 3 }), { ...(resourceVersion && { resourceVersion }) });
			expect(await refused(subject.store.apply(stale, manager))).toMatchObject({ status: 409, reason: "Conflict" });
		});
	});
};
