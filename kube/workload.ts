import { utf8ToBytes } from "@noble/hashes/utils.js";
import { base64 } from "@scure/base";
import type { KubeObject, ObjectMeta } from "../schemas/common.ts";
import { isRecord } from "./object.ts";
import { countOf } from "./rollout.ts";
import { asStored } from "./stored.ts";

// Workloads and the Services in front of them.

export interface DeploymentPlan {
	readonly metadata: ObjectMeta;
	readonly replicas: number;
	/** The smallest stable set of labels: a selector can't be changed afterwards. */
	readonly selector: Readonly<Record<string, string>>;
	readonly template: Record<string, unknown>;
	/** Whether there is more than one pod also at the least: then one may be missing during a rollout. */
	readonly plural: boolean;
}

export const deployment = (plan: DeploymentPlan): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: plan.metadata,
	spec: asStored({
		replicas: plan.replicas,
		selector: { matchLabels: plan.selector },
		strategy: { type: "RollingUpdate", rollingUpdate: rollingUpdate(plan.plural) },
		template: plan.template,
	}),
});

/**
 * One pod at a time, as the disruption budget has it. With a single pod the new one comes first; with several, one may
 * go first, because under a required anti-affinity there may be no node left for one more.
 */
const rollingUpdate = (plural: boolean) => ({ maxSurge: 1, maxUnavailable: plural ? 1 : 0 });

export interface StatefulSetPlan {
	readonly metadata: ObjectMeta;
	readonly replicas: number;
	/** Name of the headless Service that gives the pods their addresses. */
	readonly serviceName: string;
	/** The smallest stable set of labels: a selector can't be changed afterwards. */
	readonly selector: Readonly<Record<string, string>>;
	readonly template: Record<string, unknown>;
	readonly claims: readonly Readonly<Record<string, unknown>>[];
	/** What becomes of the claims when the StatefulSet, or one of its pods, goes. */
	readonly retention: { readonly whenDeleted: string; readonly whenScaled: string };
}

/**
 * Pods start and go in parallel: in order, a StatefulSet never replaces a broken pod after a revert, so that no rollback
 * could work (measured). A rolling update takes one pod at a time all the same.
 */
export const statefulSet = (plan: StatefulSetPlan): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "StatefulSet",
	metadata: plan.metadata,
	spec: asStored({
		replicas: plan.replicas,
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
 * A claim template with all that the API server adds to it: the list has no key to merge by, so that a template which
 * said less would be written again at every sync.
 */
export const claimTemplate = (
	name: string,
	storage: { readonly size: string; readonly storageClassName?: string | undefined },
): Record<string, unknown> => ({
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

/**
 * The count to send while an autoscaler owns it: the observed one. Leaving the field out after having sent it makes the
 * Deployment fall to 1 at once (measured, under both apply strategies).
 */
export const echoedReplicas = (observed: KubeObject | undefined, initial: number): number =>
	countOf(observed?.["spec"], "replicas") ?? initial;

export interface ServicePort {
	readonly name: string;
	readonly port: number;
}

export interface ServicePlan {
	readonly metadata: ObjectMeta;
	readonly type: string;
	readonly selector: Readonly<Record<string, string>>;
	readonly ports: readonly ServicePort[];
}

export const service = (plan: ServicePlan): KubeObject => ({
	apiVersion: "v1",
	kind: "Service",
	metadata: plan.metadata,
	spec: { type: plan.type, selector: plan.selector, ports: servicePorts(plan.ports) },
});

/** DNS records of the pods themselves, also of those that are not ready: an admin call may be what makes them ready. */
export const headlessService = (plan: Omit<ServicePlan, "type">): KubeObject => ({
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

const servicePorts = (ports: readonly ServicePort[]) =>
	ports.map(({ name, port }) => ({ name, port, targetPort: name, protocol: "TCP" }));

/** The API server rejects a Service that lists a port twice: the first of two wins, and the caller warns. */
export const distinctPorts = (ports: readonly ServicePort[]): ServicePort[] =>
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

/** Everything of one host to one port of one Service. */
export const ingress = ({ metadata, className, host, tlsSecret, service: name, port }: IngressPlan): KubeObject => ({
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

export const configMap = (metadata: ObjectMeta, data: Readonly<Record<string, string>>): KubeObject => ({
	apiVersion: "v1",
	kind: "ConfigMap",
	metadata,
	data,
});

/** A Secret of our own making, from clear text. `stringData` would differ from what is stored at every sync. */
export const secret = (metadata: ObjectMeta, data: Readonly<Record<string, string>>): KubeObject => ({
	apiVersion: "v1",
	kind: "Secret",
	metadata,
	type: "Opaque",
	data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64.encode(utf8ToBytes(value))])),
});
