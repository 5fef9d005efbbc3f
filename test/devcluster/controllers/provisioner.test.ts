import { expect, onTestFinished, test } from "vitest";
import { createInformers } from "../../../devcluster/controllers/informer.ts";
import { STORAGE_CLASS, startProvisioner } from "../../../devcluster/controllers/provisioner.ts";
import { createMemoryStore } from "../../../devcluster/memory/memory.ts";
import type { Store } from "../../../devcluster/store.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { createManualClock } from "../../clock.ts";
import { crd } from "../metacontroller/bench.ts";

const PROVISIONER = "local.prism.io/volumes";
const ASKED = { "volume.kubernetes.io/storage-provisioner": PROVISIONER };
const PLACED = { ...ASKED, "volume.kubernetes.io/selected-node": "node-1" };
const OURS = { "pv.kubernetes.io/provisioned-by": PROVISIONER };

/** The memory has no volumes: here they are of a kind that a definition brought. */
const withVolumes = (store: Store): Store => ({
	...store,
	resourceOf: (apiVersion, kind) =>
		store.resourceOf(kind === "PersistentVolume" ? "test.prism.io/v1" : apiVersion, kind),
	create: (object) =>
		store.create(object.kind === "PersistentVolume" ? { ...object, apiVersion: "test.prism.io/v1" } : object),
});

async function started() {
	const clock = createManualClock();
	const store = withVolumes(createMemoryStore({ clock, kinds: [] }));
	await store.create(crd("PersistentVolume", "persistentvolumes", "Cluster"));
	const informers = createInformers(store, clock);
	const log: string[] = [];
	const provisioner = await startProvisioner({ store, informers, clock, log: (line) => void log.push(line) });
	onTestFinished(async () => {
		await provisioner.stop();
		informers.stop();
	});
	const list = async (kind: string) => (await store.list(await store.resourceOf("v1", kind))).items;
	return { clock, store, log, volumes: () => list("PersistentVolume"), claims: () => list("PersistentVolumeClaim") };
}

const claim = (annotations: Record<string, string>, spec: object = {}): KubeObject => ({
	apiVersion: "v1",
	kind: "PersistentVolumeClaim",
	metadata: { name: "data", namespace: "default", annotations },
	spec: {
		accessModes: ["ReadWriteOnce"],
		storageClassName: STORAGE_CLASS,
		resources: { requests: { storage: "1Gi" } },
		...spec,
	},
});
const volume = (annotations: Record<string, string>): KubeObject => ({
	apiVersion: "v1",
	kind: "PersistentVolume",
	metadata: { name: "pv", annotations },
	spec: { capacity: { storage: "1Gi" } },
});

test("its class is the default", async () => {
	const { store } = await started();
	const classes = await store.list(await store.resourceOf("storage.k8s.io/v1", "StorageClass"));
	expect(classes.items).toMatchObject([
		{
			metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
			provisioner: PROVISIONER,
		},
	]);
});

test.each<[string, Record<string, string>, number]>([
	["that is asked for", PLACED, 1],
	["whose pod has no node yet", ASKED, 0],
	["of another provisioner", { ...PLACED, "volume.kubernetes.io/storage-provisioner": "ebs" }, 0],
])("a claim %s gets its volume", async (_, annotations, count) => {
	const { clock, store, volumes, log } = await started();
	const { metadata } = await store.create(claim(annotations));
	await clock.settle();
	const made = await volumes();
	expect(made).toHaveLength(count);
	if (count > 0) {
		expect(made[0]).toMatchObject({
			metadata: { name: `pvc-${metadata.uid}`, annotations: OURS },
			spec: {
				capacity: { storage: "1Gi" },
				claimRef: { name: "data", uid: metadata.uid },
				storageClassName: "standard",
			},
		});
	}
	expect(log).toEqual([]);
});

test.each<[string, Record<string, string>, string]>([
	["of ours", OURS, "2Gi"],
	["of another provisioner", {}, "1Gi"],
])("a bound claim that grows takes a volume %s with it", async (_, annotations, storage) => {
	const { clock, store, volumes, claims } = await started();
	await store.create(volume(annotations));
	const made = await store.create(claim({}, { volumeName: "pv", resources: { requests: { storage: "2Gi" } } }));
	await store.updateStatus({ ...made, status: { phase: "Bound", capacity: { storage: "1Gi" } } });
	await clock.settle();
	expect((await volumes())[0]).toMatchObject({ spec: { capacity: { storage } } });
	expect((await claims())[0]).toMatchObject({ status: { phase: "Bound", capacity: { storage } } });
});

test.each<[string, Record<string, string>, string, number]>([
	["a released volume of ours", OURS, "Released", 0],
	["a bound one", OURS, "Bound", 1],
	["a released one of another provisioner", {}, "Released", 1],
])("%s: deleted, or left", async (_, annotations, phase, count) => {
	const { clock, store, volumes } = await started();
	const made = await store.create(volume(annotations));
	await store.updateStatus({ ...made, status: { phase } });
	await clock.settle();
	expect(await volumes()).toHaveLength(count);
});
