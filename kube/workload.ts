import { utf8ToBytes } from "@noble/hashes/utils.js";
import { base64 } from "@scure/base";
import type { KubeObject, ObjectMeta } from "../schemas/common.ts";
import type { ServiceFields } from "../schemas/services.ts";
import { lastSent } from "./last-sent.ts";
import { isRecord, recordsAt } from "./object.ts";
import type { NamedPort } from "./pod.ts";
import { asStored } from "./stored.ts";
import type {
	ClaimTemplate,
	ConfigMap,
	Deployment,
	Ingress,
	PodTemplate,
	RollingUpdate,
	Secret,
	Service,
	ServicePort,
	StatefulSet,
} from "./types.ts";

// Workloads and the Services in front of them.

export interface DeploymentPlan {
	readonly metadata: ObjectMeta;
	readonly replicas: number;
	/** The smallest stable set of labels: a selector can't be changed afterwards. */
	readonly selector: Readonly<Record<string, string>>;
	readonly template: PodTemplate;
	/** A rollout stops a pod before it starts the new one, because the two can't run side by side. */
	readonly replacesInPlace?: boolean;
	/** Recreate: no two pods of two templates at a time. Default: RollingUpdate. */
	readonly strategy?: "Recreate" | "RollingUpdate";
	/** Seconds for which a new pod must be ready before it counts as available and an old one is stopped. */
	readonly minReadySeconds?: number | undefined;
}

export const deployment = (plan: DeploymentPlan): Deployment => ({
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: plan.metadata,
	spec: asStored({
		replicas: plan.replicas,
		minReadySeconds: plan.minReadySeconds,
		selector: { matchLabels: plan.selector },
		strategy:
			plan.strategy === "Recreate"
				? { type: "Recreate" }
				: { type: "RollingUpdate", rollingUpdate: rollingUpdate(plan.replacesInPlace === true) },
		template: plan.template,
	}),
});

/**
 * One pod at a time, as in the PodDisruptionBudget. The new one starts first: otherwise half of two pods would be unavailable.
 * With a required anti-affinity, there can be no node for an additional pod.
 */
const rollingUpdate = (replacesInPlace: boolean): RollingUpdate => ({
	maxSurge: 1,
	maxUnavailable: replacesInPlace ? 1 : 0,
});

export interface StatefulSetPlan {
	readonly metadata: ObjectMeta;
	readonly replicas: number;
	/** Name of the headless Service that gives the pods their addresses. */
	readonly serviceName: string;
	/** The smallest stable set of labels: a selector can't be changed afterwards. */
	readonly selector: Readonly<Record<string, string>>;
	readonly template: PodTemplate;
	/** Volumes, one of each for each pod. */
	readonly claims?: readonly ClaimTemplate[];
	/** What becomes of the claims when the StatefulSet, or one of its pods, goes. */
	readonly retention?: { readonly whenDeleted: string; readonly whenScaled: string };
	/** Seconds for which a new pod is ready before it counts as available, and the next one is replaced. */
	readonly minReadySeconds?: number | undefined;
}

/**
 * Pods start and stop in parallel: with OrderedReady, a StatefulSet never replaces a broken pod after a revert, so no rollback would
 * work (measured). A rolling update still replaces one pod at a time.
 */
export const statefulSet = (plan: StatefulSetPlan): StatefulSet => ({
	apiVersion: "apps/v1",
	kind: "StatefulSet",
	metadata: plan.metadata,
	spec: asStored({
		replicas: plan.replicas,
		minReadySeconds: plan.minReadySeconds,
		serviceName: plan.serviceName,
		selector: { matchLabels: plan.selector },
		podManagementPolicy: "Parallel",
		updateStrategy: { type: "RollingUpdate" },
		persistentVolumeClaimRetentionPolicy: plan.retention,
		template: plan.template,
		volumeClaimTemplates: plan.claims,
	}),
});

/**
 * A claim template with all defaults of the API server: the list has no merge key, so a template without them would be written
 * again at every sync.
 */
export const claimTemplate = (
	name: string,
	storage: { readonly size: string; readonly storageClassName?: string | undefined },
): ClaimTemplate => ({
	apiVersion: "v1",
	kind: "PersistentVolumeClaim",
	metadata: { name },
	spec: {
		accessModes: ["ReadWriteOnce"],
		resources: { requests: { storage: storage.size } },
		storageClassName: storage.storageClassName,
		volumeMode: "Filesystem",
	},
	status: { phase: "Pending" },
});

/** The claims of a StatefulSet: they can't be changed, and another API server may have added something else to them. */
export const claimsOf = (observed: KubeObject | undefined, wanted: ClaimTemplate): readonly ClaimTemplate[] => {
	const kept = recordsAt(observed, "spec", "volumeClaimTemplates");
	return kept.length > 0 ? kept : [wanted];
};

/**
 * Whether a workload's pods are spread: those of a new one are. A workload without it, as operators up to 0.1.0 created single pods,
 * stays so: another template would replace every pod.
 */
export const isSpread = (observed: KubeObject | undefined): boolean =>
	observed === undefined ||
	recordsAt(lastSent(observed), "spec", "template", "spec", "topologySpreadConstraints").length > 0;

/** A workload without fields of its spec that its desired-hash does not cover. */
export const withoutSpec =
	(...fields: readonly string[]) =>
	(object: KubeObject): unknown => {
		if (!isRecord(object["spec"])) return object;
		const kept = Object.entries(object["spec"]).filter(([field]) => !fields.includes(field));
		return { ...object, spec: Object.fromEntries(kept) };
	};

/** A workload without the count that an autoscaler owns. */
export const withoutReplicas = withoutSpec("replicas");

export interface ServicePlan {
	readonly metadata: ObjectMeta;
	readonly type: string;
	readonly selector: Readonly<Record<string, string>>;
	readonly ports: readonly NamedPort[];
	/** How it is exposed; undefined: not at all. */
	readonly exposure?: ServiceFields;
}

export const service = ({ metadata, type, selector, ports, exposure = {} }: ServicePlan): Service => ({
	apiVersion: "v1",
	kind: "Service",
	metadata,
	spec: asStored({
		type,
		selector,
		ports: servicePorts(ports),
		externalTrafficPolicy: exposure.externalTrafficPolicy,
		loadBalancerSourceRanges: exposure.loadBalancerSourceRanges,
		ipFamilyPolicy: exposure.ipFamilyPolicy,
		ipFamilies: exposure.ipFamilies,
	}),
});

/** DNS records of the pods, also of those that are not ready: an admin call can be what makes them ready. */
export const headlessService = (plan: Omit<ServicePlan, "type" | "exposure">): Service => ({
	apiVersion: "v1",
	kind: "Service",
	metadata: plan.metadata,
	spec: {
		type: "ClusterIP",
		clusterIP: "None",
		publishNotReadyAddresses: true,
		selector: plan.selector,
		ports: servicePorts(plan.ports),
	},
});

const servicePorts = (ports: readonly NamedPort[]) =>
	ports.map(({ name, port }): ServicePort => ({ name, port, targetPort: name, protocol: "TCP" }));

/** The API server rejects a Service that lists a port twice: the first of two wins, and the caller warns. */
export const distinctPorts = (ports: readonly NamedPort[]): NamedPort[] =>
	ports.filter(({ port }, index) => ports.findIndex((other) => other.port === port) === index);

export interface IngressPlan {
	readonly metadata: ObjectMeta;
	readonly className?: string | undefined;
	readonly host: string;
	readonly tlsSecret?: string | undefined;
	readonly service: string;
	/** Name of the Service's port. */
	readonly port: string;
}

/** All requests for one host, to one port of one Service. */
export const ingress = ({ metadata, className, host, tlsSecret, service: name, port }: IngressPlan): Ingress => ({
	apiVersion: "networking.k8s.io/v1",
	kind: "Ingress",
	metadata,
	spec: asStored({
		ingressClassName: className,
		tls: tlsSecret === undefined ? undefined : [{ hosts: [host], secretName: tlsSecret }],
		rules: [
			{
				host,
				http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name, port: { name: port } } } }] },
			},
		],
	}),
});

export const configMap = (metadata: ObjectMeta, data: Readonly<Record<string, string>>): ConfigMap => ({
	apiVersion: "v1",
	kind: "ConfigMap",
	metadata,
	data,
});

/** A Secret from clear text. `stringData` would differ from the stored object at every sync. */
export const secret = (metadata: ObjectMeta, data: Readonly<Record<string, string>>): Secret => ({
	apiVersion: "v1",
	kind: "Secret",
	metadata,
	type: "Opaque",
	data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64.encode(utf8ToBytes(value))])),
});
