import type { KindDescriptor, KubeObject } from "../../schemas/common.ts";
import { copyJson, isJsonObject, type JsonObject, objectAt, objectsAt } from "../json.ts";
import type { Resource } from "../store.ts";

// The resources that the store in memory knows, and the little that the API server adds to objects of built-in kinds:
// the defaults that other components read, and what it allocates.

export interface MemoryKind extends Resource {
	/** Status is written through its own door only, and spec through the other. */
	readonly statusSubresource: boolean;
	/** metadata.generation counts the changes of what is desired. */
	readonly generation: boolean;
	/** The kind's schema; undefined for built-in kinds, which are stored unchecked. */
	readonly descriptor?: KindDescriptor;
}

type Traits = "cluster" | "status" | "generation";

const builtIn = (apiVersion: string, kind: string, resource: string, ...traits: Traits[]): MemoryKind => ({
	apiVersion,
	kind,
	resource,
	namespaced: !traits.includes("cluster"),
	statusSubresource: traits.includes("status"),
	generation: traits.includes("generation"),
});

export const builtInKinds: readonly MemoryKind[] = [
	builtIn("v1", "Namespace", "namespaces", "cluster", "status"),
	builtIn("v1", "Node", "nodes", "cluster", "status"),
	builtIn("v1", "Pod", "pods", "status", "generation"),
	builtIn("v1", "Service", "services", "status"),
	builtIn("v1", "ServiceAccount", "serviceaccounts"),
	builtIn("v1", "ConfigMap", "configmaps"),
	builtIn("v1", "Secret", "secrets"),
	builtIn("v1", "Event", "events"),
	builtIn("v1", "PersistentVolumeClaim", "persistentvolumeclaims", "status"),
	builtIn("v1", "ResourceQuota", "resourcequotas", "status"),
	builtIn("apps/v1", "Deployment", "deployments", "status", "generation"),
	builtIn("apps/v1", "ReplicaSet", "replicasets", "status", "generation"),
	builtIn("apps/v1", "StatefulSet", "statefulsets", "status", "generation"),
	builtIn("apps/v1", "ControllerRevision", "controllerrevisions"),
	builtIn("discovery.k8s.io/v1", "EndpointSlice", "endpointslices", "generation"),
	builtIn("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", "status", "generation"),
	builtIn("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "status"),
	builtIn("networking.k8s.io/v1", "Ingress", "ingresses", "status", "generation"),
	builtIn("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", "generation"),
	builtIn("storage.k8s.io/v1", "StorageClass", "storageclasses", "cluster"),
	builtIn("coordination.k8s.io/v1", "Lease", "leases"),
	builtIn(
		"apiextensions.k8s.io/v1",
		"CustomResourceDefinition",
		"customresourcedefinitions",
		"cluster",
		"status",
		"generation",
	),
];

export const describedKind = (descriptor: KindDescriptor): MemoryKind => ({
	apiVersion: `${descriptor.group}/${descriptor.version}`,
	kind: descriptor.kind,
	resource: descriptor.plural,
	namespaced: true,
	statusSubresource: true,
	generation: true,
	descriptor,
});

/** The kinds that a CustomResourceDefinition brings: without a descriptor, so they are stored unchecked. */
export const definedKinds = (definition: KubeObject): MemoryKind[] => {
	const spec = objectAt(definition, "spec");
	const names = objectAt(spec, "names");
	return objectsAt(spec, "versions")
		.filter((version) => version["served"] !== false)
		.map((version) => ({
			apiVersion: `${String(spec["group"])}/${String(version["name"])}`,
			kind: String(names["kind"]),
			resource: String(names["plural"]),
			namespaced: spec["scope"] !== "Cluster",
			statusSubresource: "status" in objectAt(version, "subresources"),
			generation: true,
		}));
};

/** The status of a new object, before any controller has seen it. */
export const firstStatus = (kind: Resource, now: string): JsonObject | undefined => {
	switch (kind.kind) {
		case "Namespace":
			return { phase: "Active" };
		case "Pod":
		case "PersistentVolumeClaim":
			return { phase: "Pending" };
		case "Service":
			return { loadBalancer: {} };
		case "CustomResourceDefinition":
			return {
				conditions: [{ type: "Established", status: "True", reason: "InitialNamesAccepted", lastTransitionTime: now }],
			};
		default:
			return undefined;
	}
};

/** Fills in the defaults that readers of these kinds rely on. `number` counts objects: addresses come from it. */
export const defaultBuiltIn = (
	kind: Resource,
	object: KubeObject,
	live: KubeObject | undefined,
	number: number,
): void => {
	if (kind.kind === "Secret") object["type"] ??= "Opaque";
	const spec = object["spec"];
	if (!isJsonObject(spec)) return;
	if (kind.kind === "Service") defaultService(spec, objectAt(live, "spec"), number);
	for (const [field, value] of Object.entries(DEFAULTS[kind.kind] ?? {})) spec[field] ??= copyJson(value);
};

const DEFAULTS: Readonly<Record<string, JsonObject>> = {
	Deployment: {
		replicas: 1,
		progressDeadlineSeconds: 600,
		revisionHistoryLimit: 10,
		strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
	},
	ReplicaSet: { replicas: 1 },
	StatefulSet: {
		replicas: 1,
		podManagementPolicy: "OrderedReady",
		revisionHistoryLimit: 10,
		updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
	},
};

const defaultService = (spec: JsonObject, live: JsonObject, number: number): void => {
	spec["type"] ??= "ClusterIP";
	spec["sessionAffinity"] ??= "None";
	if (spec["type"] !== "ExternalName") {
		spec["clusterIP"] ??= live["clusterIP"] ?? `10.96.${(number >> 8) & 255}.${number & 255}`;
	}
	for (const port of objectsAt(spec, "ports")) {
		port["protocol"] ??= "TCP";
		port["targetPort"] ??= port["port"];
	}
};
