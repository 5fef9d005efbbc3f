import { stringify } from "safe-stable-stringify";
import { isRecord } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";

// What an API server and the controllers of Kubernetes make of a child: everything is stored, and ready at once.

export const LAST_APPLIED = "metacontroller.k8s.io/last-applied-configuration";

/** Who stands behind the headless Services of the StatefulSets: all pods that they are to have, all of them ready. */
export const endpointSlices = (
	observed: readonly KubeObject[],
	isReady: (pod: string) => boolean = () => true,
	uidOf: (pod: string) => string | undefined = () => undefined,
): KubeObject[] =>
	observed.flatMap(({ kind, metadata, spec }) => {
		if (kind !== "StatefulSet" || !isRecord(spec)) return [];
		const pods = Array.from({ length: Number(spec["replicas"] ?? 1) }, (_, ordinal) => `${metadata.name}-${ordinal}`);
		const slice: KubeObject = {
			apiVersion: "discovery.k8s.io/v1",
			kind: "EndpointSlice",
			metadata: {
				name: `${metadata.name}-abc12`,
				...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
				labels: { "kubernetes.io/service-name": String(spec["serviceName"]) },
			},
			endpoints: pods.map((name, index) => ({
				addresses: [`10.0.0.${index % 256}`],
				hostname: name,
				conditions: { ready: true, serving: isReady(name), terminating: false },
				targetRef: { kind: "Pod", name, ...(uidOf(name) !== undefined && { uid: uidOf(name) }) },
			})),
		};
		return [slice];
	});

/** A child as it is read back after it was created or updated: with everything that the cluster adds to it. */
export const stored = (child: KubeObject, parent: KubeObject, before: KubeObject | undefined): KubeObject => {
	const applied = stringify(child) ?? "";
	const { uid = "" } = parent.metadata;
	const changed = before !== undefined && before.metadata.annotations?.[LAST_APPLIED] !== applied;
	const generation = (before?.metadata.generation ?? 1) + (changed ? 1 : 0);
	const spec = isRecord(child["spec"]) ? child["spec"] : undefined;
	return {
		...child,
		metadata: {
			...child.metadata,
			uid: before?.metadata.uid ?? `uid-${child.kind}-${child.metadata.name}`,
			resourceVersion: String(100 + generation),
			generation,
			creationTimestamp: "2026-01-01T00:00:00Z",
			labels: { ...child.metadata.labels, "controller-uid": uid },
			annotations: { ...child.metadata.annotations, [LAST_APPLIED]: applied },
			ownerReferences: [
				{ apiVersion: parent.apiVersion, kind: parent.kind, name: parent.metadata.name, uid, controller: true },
			],
			managedFields: [{ manager: "metacontroller" }],
		},
		...(spec !== undefined && { spec: { ...spec, ...serverDefaults(child.kind) } }),
		...readyStatus(child.kind, spec, generation),
	};
};

const serverDefaults = (kind: string): Record<string, unknown> => {
	if (kind === "Deployment") return { revisionHistoryLimit: 10, progressDeadlineSeconds: 600 };
	if (kind === "StatefulSet") return { revisionHistoryLimit: 10 };
	if (kind === "Service")
		return { sessionAffinity: "None", internalTrafficPolicy: "Cluster", clusterIPs: ["10.0.0.1"] };
	return {};
};

const readyStatus = (kind: string, spec: Record<string, unknown> | undefined, generation: number) => {
	const condition = (type: string, reason: string) => ({
		type,
		status: "True",
		reason,
		message: `${type} as it was made up`,
		lastTransitionTime: "2026-01-01T00:00:00Z",
	});
	const { replicas = 1 } = spec ?? {};
	if (kind === "Deployment")
		return {
			status: {
				observedGeneration: generation,
				replicas,
				updatedReplicas: replicas,
				readyReplicas: replicas,
				availableReplicas: replicas,
				conditions: [
					condition("Available", "MinimumReplicasAvailable"),
					condition("Progressing", "NewReplicaSetAvailable"),
				],
			},
		};
	if (kind === "StatefulSet")
		return {
			status: {
				observedGeneration: generation,
				replicas,
				updatedReplicas: replicas,
				currentReplicas: replicas,
				readyReplicas: replicas,
				availableReplicas: replicas,
				currentRevision: "one",
				updateRevision: "one",
			},
		};
	if (kind === "PatternRunner" || kind === "BackendConfig")
		return {
			status: { observedGeneration: generation, phase: "Running", conditions: [condition("Ready", "DeploymentReady")] },
		};
	return kind === "Service" ? { status: { loadBalancer: {} } } : {};
};
