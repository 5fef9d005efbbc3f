import type { KubeObject } from "../../../schemas/common.ts";
import type { LabelSelector } from "../../../schemas/metacontroller.ts";

// The parts of Kubernetes' own kinds that the stand-ins read and write. What the API server has accepted is believed to
// have the shape of its kind.

export interface Condition {
	type: string;
	status: "True" | "False" | "Unknown";
	reason?: string;
	message?: string;
	lastTransitionTime?: string;
	lastUpdateTime?: string;
}

export interface Container {
	readonly name: string;
	readonly image?: string;
	readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[];
}

export interface PodSpec {
	readonly containers: readonly Container[];
	readonly initContainers?: readonly Container[];
	readonly nodeName?: string;
	readonly hostname?: string;
	readonly subdomain?: string;
	readonly volumes?: readonly Readonly<Record<string, unknown>>[];
	readonly [field: string]: unknown;
}

export interface PodTemplate {
	readonly metadata?: {
		readonly labels?: Readonly<Record<string, string>>;
		readonly annotations?: Readonly<Record<string, string>>;
	};
	readonly spec: PodSpec;
}

export interface PodStatus {
	readonly phase?: string;
	readonly podIP?: string;
	readonly startTime?: string;
	readonly conditions?: readonly Condition[];
	readonly [field: string]: unknown;
}

export interface Pod extends KubeObject {
	spec: PodSpec;
	status?: PodStatus;
}

interface Scaled {
	readonly replicas?: number;
	readonly selector: LabelSelector;
	readonly template: PodTemplate;
	readonly minReadySeconds?: number;
}

export interface ReplicaSetStatus {
	readonly observedGeneration?: number;
	readonly replicas: number;
	readonly readyReplicas?: number;
	readonly availableReplicas?: number;
	readonly conditions?: readonly Condition[];
}

export interface ReplicaSet extends KubeObject {
	spec: Scaled;
	status?: ReplicaSetStatus;
}

export interface DeploymentStatus {
	readonly observedGeneration?: number;
	readonly replicas?: number;
	readonly updatedReplicas?: number;
	readonly readyReplicas?: number;
	readonly availableReplicas?: number;
	readonly unavailableReplicas?: number;
	readonly conditions?: readonly Condition[];
}

export interface Deployment extends KubeObject {
	spec: Scaled & {
		readonly paused?: boolean;
		readonly progressDeadlineSeconds?: number;
		readonly revisionHistoryLimit?: number;
		readonly strategy?: {
			readonly type?: string;
			readonly rollingUpdate?: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string };
		};
	};
	status?: DeploymentStatus;
}

export interface ClaimTemplate {
	readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
	readonly spec: Readonly<Record<string, unknown>>;
}

export interface StatefulSetStatus {
	readonly observedGeneration?: number;
	readonly replicas: number;
	readonly currentRevision?: string;
	readonly updateRevision?: string;
	readonly [field: string]: unknown;
}

export interface StatefulSet extends KubeObject {
	spec: Scaled & {
		readonly serviceName?: string;
		readonly podManagementPolicy?: string;
		readonly ordinals?: { readonly start?: number };
		readonly volumeClaimTemplates?: readonly ClaimTemplate[];
		readonly persistentVolumeClaimRetentionPolicy?: { readonly whenDeleted?: string; readonly whenScaled?: string };
		readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } };
	};
	status?: StatefulSetStatus;
}

export interface Service extends KubeObject {
	spec: {
		readonly type?: string;
		readonly clusterIP?: string;
		readonly selector?: Readonly<Record<string, string>>;
		readonly publishNotReadyAddresses?: boolean;
		readonly ports?: readonly {
			readonly name?: string;
			readonly port: number;
			readonly targetPort?: number | string;
			readonly protocol?: string;
			readonly appProtocol?: string;
		}[];
	};
}

export const isPod = (object: KubeObject | undefined): object is Pod => object?.kind === "Pod";
export const isReplicaSet = (object: KubeObject | undefined): object is ReplicaSet => object?.kind === "ReplicaSet";
export const isDeployment = (object: KubeObject | undefined): object is Deployment => object?.kind === "Deployment";
export const isStatefulSet = (object: KubeObject | undefined): object is StatefulSet => object?.kind === "StatefulSet";
export const isService = (object: KubeObject | undefined): object is Service => object?.kind === "Service";

export const isReady = (pod: Pod): boolean =>
	pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;

/** A pod that counts as one of its controller's replicas. */
export const isActive = (pod: Pod): boolean =>
	pod.metadata.deletionTimestamp === undefined && pod.status?.phase !== "Failed" && pod.status?.phase !== "Succeeded";
