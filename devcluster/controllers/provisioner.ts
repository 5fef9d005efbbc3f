import type { Clock } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { objectAt, saysTheSame, stringAt, valueAt } from "../json.ts";
import { ApiError, type Store } from "../store.ts";
import type { Informers } from "./informer.ts";
import { createWorkQueue } from "./work-queue.ts";

// Dynamic volumes for a real control plane: a default StorageClass whose claims get a volume, grow with their request, and
// take the volume with them. What a CSI driver's provisioner and resizer do. For development and tests only.

export interface ProvisionerOptions {
	readonly store: Store;
	readonly informers: Informers;
	readonly clock: Clock;
	readonly log: (message: string) => void;
}

export const STORAGE_CLASS = "standard";
const PROVISIONER = "local.prism.io/volumes";
/** The volume controller asks for a volume by it, once a pod that wants the claim has a node. */
const ASKED = "volume.kubernetes.io/storage-provisioner";
const SELECTED_NODE = "volume.kubernetes.io/selected-node";
/** Marks a volume that this provisioner, not the volume controller, deletes and resizes. */
const PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";

const storageClass: KubeObject = {
	apiVersion: "storage.k8s.io/v1",
	kind: "StorageClass",
	metadata: { name: STORAGE_CLASS, annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
	provisioner: PROVISIONER,
	reclaimPolicy: "Delete",
	volumeBindingMode: "WaitForFirstConsumer",
	allowVolumeExpansion: true,
};

export const startProvisioner = async (options: ProvisionerOptions): Promise<{ stop(): Promise<void> }> => {
	const { store, informers, clock, log } = options;
	await store.apply(storageClass, { fieldManager: "prism-local" });
	const [claimResource, volumeResource] = await Promise.all([
		store.resourceOf("v1", "PersistentVolumeClaim"),
		store.resourceOf("v1", "PersistentVolume"),
	]);
	const claims = await informers.get(claimResource);
	const volumes = await informers.get(volumeResource);

	const provision = async (claim: KubeObject): Promise<void> => {
		const { namespace, name, uid = "", annotations = {} } = claim.metadata;
		if (annotations[ASKED] !== PROVISIONER || annotations[SELECTED_NODE] === undefined) return;
		if (volumes.get(undefined, volumeName(uid)) !== undefined) return;
		await store.create({
			apiVersion: "v1",
			kind: "PersistentVolume",
			metadata: { name: volumeName(uid), annotations: { [PROVISIONED_BY]: PROVISIONER } },
			spec: {
				capacity: requested(claim),
				accessModes: valueAt(claim, "spec", "accessModes"),
				volumeMode: valueAt(claim, "spec", "volumeMode"),
				claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name, uid },
				persistentVolumeReclaimPolicy: "Delete",
				storageClassName: stringAt(claim, "spec", "storageClassName"),
				// Never looked into: the emulated proxies keep their stores elsewhere.
				hostPath: { path: `/nonexistent/${volumeName(uid)}` },
			},
		});
	};

	const resize = async (claim: KubeObject): Promise<void> => {
		const volume = volumes.get(undefined, stringAt(claim, "spec", "volumeName") ?? "");
		if (volume?.metadata.annotations?.[PROVISIONED_BY] !== PROVISIONER) return;
		const capacity = requested(claim);
		const { metadata, status } = claim;
		if (!saysTheSame(objectAt(volume, "spec", "capacity"), capacity))
			await store.patch(volumeResource, undefined, volume.metadata.name, { spec: { capacity } });
		if (!saysTheSame(objectAt(claim, "status", "capacity"), capacity))
			await store.updateStatus({ ...claim, metadata, status: { ...objectAt(status), capacity } });
	};

	const sync = async (key: string): Promise<void> => {
		const slash = key.indexOf("/");
		const claim = claims.get(key.slice(0, slash), key.slice(slash + 1));
		if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return;
		if (stringAt(claim, "status", "phase") === "Bound") await resize(claim);
		else await provision(claim);
	};
	const remove = async (name: string): Promise<void> => {
		const volume = volumes.get(undefined, name);
		if (volume?.metadata.annotations?.[PROVISIONED_BY] !== PROVISIONER) return;
		if (stringAt(volume, "status", "phase") === "Released") await store.delete(volumeResource, undefined, name);
	};

	const claimQueue = createWorkQueue(
		clock,
		(key) => sync(key).catch(ignoreExisting),
		(text) => log(`claim ${text}`),
	);
	const volumeQueue = createWorkQueue(clock, remove, (text) => log(`volume ${text}`));
	const subscriptions = [
		claims.subscribe(({ object: { metadata } }) => claimQueue.add(`${metadata.namespace}/${metadata.name}`)),
		volumes.subscribe(({ object: { metadata } }) => volumeQueue.add(metadata.name)),
	];
	return {
		async stop() {
			for (const unsubscribe of subscriptions) unsubscribe();
			await Promise.all([claimQueue.stop(), volumeQueue.stop()]);
		},
	};
};

const volumeName = (uid: string): string => `pvc-${uid}`;

const requested = (claim: KubeObject) => objectAt(claim, "spec", "resources", "requests");

/** The cache was behind: the volume is there already. */
const ignoreExisting = (error: unknown): void => {
	if (!(error instanceof ApiError && error.reason === "AlreadyExists")) throw error;
};
