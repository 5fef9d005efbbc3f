import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../devcluster/json.ts";
import { composite, configMap, startBench, thing } from "./bench.ts";

const controllers = [composite(["sync"])];

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

	it("are nobody's children by an owner reference that does not control, or from another namespace", async () => {
		const bench = await startBench({ controllers, hooks: { "/sync": () => ({}) }, objects: [thing("one")] });
		const { uid } = (await bench.get("Thing", "one"))?.metadata ?? {};
		const owner = { apiVersion: "test.prism.io/v1", kind: "Thing", name: "one", uid };
		const labels = { "controller-uid": uid };
		await bench.create(configMap("loose", {}, { namespace: "default", ownerReferences: [owner] }));
		const far = { namespace: "kube-system", labels, ownerReferences: [{ ...owner, controller: true }] };
		await bench.create(configMap("far", {}, far));
		await bench.clock.advance(3_600_000);
		expect(bench.calls.at(-1)?.body.children).toEqual({ "ConfigMap.v1": {} });
		expect((await bench.get("ConfigMap", "loose"))?.metadata.ownerReferences).toEqual([owner]);
		expect(await bench.get("ConfigMap", "far", "kube-system")).toBeDefined();
	});

	it("can't be told apart by an empty selector: an error", async () => {
		const bench = await startBench({ controllers: selecting, hooks, objects: [thing("one")] });
		expect(bench.calls).toEqual([]);
		expect((await bench.list("Event"))[0]?.["message"]).toContain("spec.selector must have");
	});
});
