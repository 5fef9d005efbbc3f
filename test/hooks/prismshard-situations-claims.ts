import type { DelayedChildren, KubeObject } from "../../schemas/common.ts";
import { shard } from "./prismshard-situation.ts";
import {
	condition,
	delayed,
	expected,
	LONG_AGO,
	only,
	type Situation,
	statefulSets,
	WARNED,
	withoutPods,
} from "./situations.ts";

// Pods of a shard that wait for their volumes.

const MINUTE_AGO = "2025-12-31T23:59:00Z";

const claim = (fields: Record<string, unknown>, metadata: Partial<KubeObject["metadata"]> = {}): KubeObject => ({
	apiVersion: "v1",
	kind: "PersistentVolumeClaim",
	metadata: {
		name: "data-prism-it-2",
		namespace: "prism",
		creationTimestamp: MINUTE_AGO,
		finalizers: ["kubernetes.io/pvc-protection"],
		...metadata,
	},
	spec: { storageClassName: "standard" },
	status: { phase: "Pending" },
	...fields,
});
const storageClass = (name: string, volumeBindingMode: string): KubeObject => ({
	apiVersion: "storage.k8s.io/v1",
	kind: "StorageClass",
	metadata: { name },
	volumeBindingMode,
});
const asked = { "volume.kubernetes.io/storage-provisioner": "ebs.csi.aws.com" };
const going = (deletionTimestamp: string, ...finalizers: string[]) =>
	claim({ status: { phase: "Bound" } }, { deletionTimestamp, finalizers });

const waits = expected("False", "VolumeUnavailable");
const stalled = { ...waits, type: "Stalled", status: "True" };
const starting = expected("False", "Progressing");

/** The last of three pods waits. */
const waiting = (title: string, ...related: readonly KubeObject[]) => ({
	title: `a pod waits for a volume: ${title}`,
	parent: shard(),
	observed: statefulSets(2),
	related,
	unready: ["prism-it-2"],
});

const delay = (since: string): DelayedChildren[number] => ({
	kind: "StatefulSet",
	name: "prism-it",
	cause: "PodsMissing",
	since,
});

export const PRISM_SHARD_CLAIM_SITUATIONS: readonly Situation[] = [
	{
		...waiting("neither it nor the cluster has a class", claim({ spec: {} })),
		condition: stalled,
		phase: "Failed",
	},
	{
		...waiting("it was made a moment ago", claim({ spec: {} }, { creationTimestamp: "2025-12-31T23:59:31Z" })),
		condition: starting,
		phase: "Pending",
	},
	{
		...waiting(
			"its class does not exist",
			claim({ spec: { storageClassName: "fast" } }),
			storageClass("slow", "Immediate"),
		),
		condition: stalled,
		phase: "Failed",
	},
	{
		...waiting("volumes are made by hand", claim({ spec: { storageClassName: "" } })),
		condition: waits,
		phase: "Pending",
	},
	{
		...waiting("no volume is provided for it", claim({}, { annotations: asked, creationTimestamp: LONG_AGO })),
		condition: stalled,
		phase: "Failed",
	},
	{
		...waiting("no volume is provided at once", claim({}), storageClass("standard", "Immediate")),
		condition: waits,
		phase: "Pending",
	},
	{
		...waiting(
			"the claim waits for the pod to be scheduled",
			claim({}),
			storageClass("standard", "WaitForFirstConsumer"),
		),
		condition: starting,
		phase: "Pending",
	},
	{
		...waiting("the claim has the default class, and waits for the pod", claim({})),
		condition: starting,
		phase: "Pending",
	},
	{
		...waiting("it lost the one that it had", claim({ status: { phase: "Lost" } })),
		condition: stalled,
		phase: "Failed",
	},
	{
		...waiting("it has one, and the pod is not ready for another reason", claim({ status: { phase: "Bound" } })),
		condition: starting,
		phase: "Pending",
	},
	{
		...waiting("another pod's", claim({ spec: {} }, { name: "data-prism-it-3" })),
		condition: starting,
		phase: "Pending",
	},
	{
		...waiting("it goes", going("2025-12-31T23:59:01Z", "kubernetes.io/pvc-protection", "example.com/backup")),
		condition: waits,
		phase: "Pending",
	},
	{
		...waiting("it is kept from going", going(MINUTE_AGO, "example.com/backup")),
		condition: stalled,
		phase: "Failed",
	},
	{
		title: "its pods can't be created, since a claim is being deleted",
		parent: { ...shard(), status: delayed(delay("2025-12-31T23:59:15Z")) },
		observed: withoutPods,
		related: [going("2025-12-31T23:59:15Z", "example.com/backup")],
		unready: ["prism-it-0", "prism-it-1", "prism-it-2"],
		condition: waits,
		phase: "Pending",
	},
	{
		title: "its pods can't be created, whatever their claims lack",
		parent: { ...shard(), status: delayed(delay("2025-12-31T23:59:15Z")) },
		observed: withoutPods,
		related: [claim({ spec: {} })],
		unready: ["prism-it-0", "prism-it-1", "prism-it-2"],
		condition: expected("False", "ReplicaFailure"),
		phase: "Failed",
	},
	{
		title: "a claim goes while its pod runs",
		parent: shard(),
		related: [going(MINUTE_AGO, "kubernetes.io/pvc-protection")],
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "it grows, and the new pod gets no volume",
		parent: {
			...shard(),
			status: {
				observedGeneration: 1,
				phase: "Running",
				readyReplicas: 2,
				conditions: [{ ...condition("Ready", "True", "ShardReady", "ready"), observedGeneration: 1 }],
			},
		},
		observed: statefulSets(2),
		related: [claim({ spec: {} })],
		unready: ["prism-it-2"],
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "a volume of its own that spec names is not there",
		parent: shard({ volumes: [{ name: "models", persistentVolumeClaim: { claimName: "models" } }] }),
		observed: (children) =>
			statefulSets(0)(
				only("StatefulSet", undefined, (set) => ({
					...set,
					metadata: { ...set.metadata, creationTimestamp: LONG_AGO },
				}))(children),
			),
		related: [claim({ status: { phase: "Bound" } })],
		unready: ["prism-it-0", "prism-it-1", "prism-it-2"],
		condition: {
			type: "Stalled",
			status: "True",
			reason: "VolumeUnavailable",
		},
		phase: "Failed",
	},
];
