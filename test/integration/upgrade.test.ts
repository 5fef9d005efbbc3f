import { afterAll, beforeAll, expect, it } from "vitest";
import type { ControlPlane } from "../../devcluster/control-plane/control-plane.ts";
import { KINDS } from "../../hooks/index.ts";
import { customResourceDefinition } from "../../kube/crd.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT, startTestCluster } from "../cluster.ts";
import { type Case, readBaseline } from "../skew/baseline.ts";
import { ensureNamespaces, eventually } from "./installed.ts";

// The kinds are upgraded under the objects that are stored: with the real API server, the definitions of the version
// before, its objects with the status that its hooks gave them, and then today's definitions.

const BASELINE = readBaseline();
let cluster: ControlPlane;

/** Each in a namespace of its own: cases share names. */
const placed = ({ parent, status }: Case, index: number): KubeObject => {
	const { name, labels, annotations } = parent.metadata;
	const metadata = { name, namespace: `case-${index}`, ...(labels && { labels }), ...(annotations && { annotations }) };
	return { ...parent, metadata, status };
};
/** A shard whose name no shard may begin with any more, from the time when it might. */
const oldShard: KubeObject = {
	apiVersion: "prism.io/v1alpha1",
	kind: "PrismShard",
	metadata: { name: "checkout-proxy", namespace: "old-names" },
	spec: { backends: ["redis"] },
	status: { observedGeneration: 1, phase: "Running", conditions: [] },
};
const objects = [...BASELINE.cases.map(placed), oldShard];
/** Of those that the API server takes: some golden cases are wrong on purpose. */
const stored: KubeObject[] = [];

const titleOf = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.namespace}/${metadata.name}`;

const read = async ({ apiVersion, kind, metadata }: KubeObject): Promise<KubeObject> => {
	const resource = await cluster.store.resourceOf(apiVersion, kind);
	const found = await cluster.store.get(resource, metadata.namespace, metadata.name);
	if (found === undefined) throw new Error(`there is no ${kind} ${metadata.name}`);
	return found;
};

beforeAll(async () => {
	cluster = await startTestCluster();
	for (const definition of BASELINE.definitions) await cluster.store.apply(definition, { fieldManager: "helm" });
	for (const { group, version, plural } of KINDS)
		await eventually(async () => cluster.store.list(await cluster.store.resourceNamed(`${group}/${version}`, plural)));
	await ensureNamespaces(
		cluster.store,
		objects.map(({ metadata }) => metadata.namespace ?? ""),
	);
	for (const object of objects) {
		const created = await cluster.store.create(object).catch(() => undefined);
		if (created !== undefined)
			stored.push(
				await cluster.store.updateStatus({
					...created,
					...(object["status"] !== undefined && { status: object["status"] }),
				}),
			);
	}
	for (const kind of KINDS) await cluster.store.apply(customResourceDefinition(kind), { fieldManager: "helm" });
	// Another definition is served a moment after it was accepted.
	await eventually(async () => {
		for (const { group, version, plural } of KINDS)
			await cluster.store.list(await cluster.store.resourceNamed(`${group}/${version}`, plural));
	});
}, CLUSTER_TIMEOUT);
afterAll(() => cluster?.stop(), 60_000);

it("keeps every object as it was", { timeout: 120_000 }, async () => {
	expect(stored.length).toBeGreaterThan(70);
	expect(new Set(stored.map(({ kind }) => kind)).size).toBe(6);
	for (const before of stored) {
		const { spec, status, metadata } = await read(before);
		expect({ title: titleOf(before), spec, status, uid: metadata.uid }).toEqual({
			title: titleOf(before),
			spec: before["spec"],
			status: before["status"],
			uid: before.metadata.uid,
		});
	}
});

it("takes every object back, with a label more, and with its status", { timeout: 120_000 }, async () => {
	for (const before of stored) {
		const now = await read(before);
		const labelled = { ...now, metadata: { ...now.metadata, labels: { ...now.metadata.labels, touched: "yes" } } };
		const updated = await cluster.store.update(labelled).catch((error: unknown) => {
			throw new Error(`${titleOf(before)} can't be updated any more: ${String(error)}`);
		});
		expect(updated["spec"]).toEqual(now["spec"]);
		// A spec that did not change is the same generation: nothing rolls because the kinds were upgraded.
		expect([titleOf(before), updated.metadata.generation]).toEqual([titleOf(before), before.metadata.generation]);
		const told = await cluster.store.updateStatus({ ...updated, status: now["status"] });
		expect(told["status"]).toEqual(now["status"]);
	}
});

it("lets a shard that is there keep a name that no new one may have", { timeout: 60_000 }, async () => {
	const shard = await read(oldShard);
	const finalizers = ["metacontroller.io/compositecontroller-prismshard"];
	const held = await cluster.store.update({ ...shard, metadata: { ...shard.metadata, finalizers } });
	const scaled = await cluster.store.update({ ...held, spec: { backends: ["redis"], replicas: 5 } });
	expect(scaled["spec"]).toMatchObject({ replicas: 5 });
	await cluster.store.updateStatus({ ...scaled, status: { ...(oldShard["status"] as object), phase: "Pending" } });
	const again = await read(oldShard);
	await cluster.store.update({ ...again, metadata: { ...again.metadata, finalizers: [] } });
	const fresh: KubeObject = { ...oldShard, metadata: { ...oldShard.metadata, name: "other-proxy" } };
	// With or without a status, which is not taken at a creation.
	await expect(cluster.store.create(fresh)).rejects.toThrow(/A shard's name can't be, or end in, proxy/);
	await expect(cluster.store.create({ ...fresh, status: undefined })).rejects.toThrow(
		/A shard's name can't be, or end in, proxy/,
	);
});

it("takes every object anew, as from a folder under version control", { timeout: 120_000 }, async () => {
	for (const before of stored.filter(({ metadata }) => metadata.name !== oldShard.metadata.name)) {
		const { apiVersion, kind, metadata } = before;
		const { name, namespace } = metadata;
		const wanted = {
			apiVersion,
			kind,
			metadata: { name, ...(namespace !== undefined && { namespace }) },
			spec: before["spec"],
		};
		await expect(
			cluster.store.apply(wanted, { fieldManager: "git", dryRun: true }),
			titleOf(before),
		).resolves.toBeDefined();
	}
});
