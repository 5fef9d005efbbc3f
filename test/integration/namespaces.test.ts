import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EmulatedProxy } from "../../devcluster/proxy/service.ts";
import { conditionOf } from "../../kube/conditions.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually, pause } from "./installed.ts";
import { LINES, type Line, RESYNC_SECONDS, startLine } from "./line.ts";

// Tenants on the whole line: their namespaces really are in the stores of proxies that are reached by gRPC.

const ROOT = join(import.meta.dirname, "../..");

const MUTATIONS = [
	"ControlPlane.CreateNamespace",
	"ControlPlane.AssignNamespace",
	"ControlPlane.RevokeNamespace",
] as const;

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe.each(LINES)("tenants: $line", (options) => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine(options);
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const samples = readManifests(join(ROOT, "samples/tenants.yaml")).map(({ object }) => object);

	/** The proxies of the sample's stack that run now. */
	const proxies = async (): Promise<EmulatedProxy[]> => {
		const { spec } = await line.get("PrismRoster", "shop-proxy");
		const { instances } = spec as { instances: { name: string; ready: boolean }[] };
		return instances
			.filter(({ ready }) => ready)
			.map(({ name }) => line.cluster.proxies?.proxy(`default/${name}`))
			.filter((proxy) => proxy !== undefined);
	};

	const changes = (list: readonly EmulatedProxy[]): number =>
		list.flatMap((proxy) => MUTATIONS.map((rpc) => proxy.calls(rpc))).reduce((sum, count) => sum + count, 0);

	it("provisions them on every proxy, then is quiet for two resyncs", { timeout: 120_000 }, async () => {
		const applied: KubeObject[] = [];
		for (const sample of samples) applied.push(await line.apply(sample));
		for (const { kind, metadata } of applied) await line.untilReady(kind, metadata.name);
		// A proxy that becomes ready last is told last.
		const all = await eventually(async () => {
			const ready = await proxies();
			expect(ready.map(({ store }) => store.list().length)).toEqual([2, 2]);
			return ready;
		});
		for (const { store } of all) {
			expect(store.list().map(({ name, owner }) => [name, owner])).toEqual([
				["acme-prod", "default/default/tenant-acme"],
				["shop-orders", "default/default/shop-orders"],
			]);
			expect(store.get("acme-prod")?.config.metadata).toMatchObject({ max_keys: "100000", "tag.tenant": "acme" });
		}
		await pause(1000);
		const before = { versions: await line.versions(applied), writes: await line.writes(), changes: changes(all) };
		expect(before.changes).toBe(4);
		await pause(2.5 * RESYNC_SECONDS * 1000);
		expect({ versions: await line.versions(applied), writes: await line.writes(), changes: changes(all) }).toEqual(
			before,
		);
	});

	it("brings a changed quota to every proxy", { timeout: 60_000 }, async () => {
		await line.edit("PrismNamespace", "tenant-acme", (spec) => ({ ...spec, quotas: { maxKeys: 7 } }));
		await line.untilReady("PrismNamespace", "tenant-acme");
		for (const { store } of await proxies())
			expect(store.get("acme-prod")?.config.metadata).toMatchObject({ max_keys: "7" });
	});

	it("repairs what was changed or lost behind its back, and only that", { timeout: 60_000 }, async () => {
		const [first, second] = await proxies();
		const before = second?.calls("ControlPlane.AssignNamespace");
		first?.store.remove("acme-prod", "somebody");
		await eventually(async () => expect(first?.store.get("acme-prod")?.owner).toBe("default/default/tenant-acme"), 40);
		expect(second?.calls("ControlPlane.AssignNamespace")).toBe(before);
	});

	it("says which proxy refuses, and why", { timeout: 60_000 }, async () => {
		const [first] = await proxies();
		first?.faults.set("ControlPlane.AssignNamespace", { kind: "refusing", message: "no room on this disk" });
		await line.edit("PrismNamespace", "tenant-acme", (spec) => ({ ...spec, quotas: { maxKeys: 8 } }));
		await eventually(async () => {
			const ready = conditionOf(await line.get("PrismNamespace", "tenant-acme"), "Ready");
			expect(ready).toMatchObject({ status: "False", reason: "ProvisioningRefused" });
			expect(ready?.message).toMatch(/^Rejected by instances: shop-proxy-\S+: no room on this disk$/);
		});
		first?.faults.clear();
		await line.untilReady("PrismNamespace", "tenant-acme");
	});

	it("gives a proxy that joins what the others have", { timeout: 60_000 }, async () => {
		await line.edit("PrismStack", "shop", (spec) => ({ ...spec, proxy: { replicas: 3 } }));
		await eventually(async () => {
			const all = await proxies();
			expect(all).toHaveLength(3);
			for (const { store } of all) expect(store.list()).toHaveLength(2);
		}, 40);
		await line.untilReady("PrismNamespace", "tenant-acme");
	});

	it("empties the proxies when the object is deleted", { timeout: 60_000 }, async () => {
		const all = await proxies();
		await line.cluster.store.delete(await line.resource("PrismNamespace"), "default", "tenant-acme");
		await eventually(async () => {
			await expect(line.get("PrismNamespace", "tenant-acme")).rejects.toThrow("is not there");
		}, 30);
		for (const { store } of all) expect(store.list().map(({ name }) => name)).toEqual(["shop-orders"]);
	});

	it("lets a stack go, and its namespaces first", { timeout: 60_000 }, async () => {
		await line.cluster.store.delete(await line.resource("PrismStack"), "default", "shop");
		await eventually(async () => {
			await expect(line.get("PrismStack", "shop")).rejects.toThrow("is not there");
			await expect(line.get("PrismNamespace", "shop-orders")).rejects.toThrow("is not there");
		}, 40);
	});
});
