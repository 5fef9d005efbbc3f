import { sha256Hex } from "../../../kube/hash.ts";
import { canonicalJson } from "../../../kube/object.ts";
import { selects } from "../../../kube/selectors.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { controllerReference } from "../../controller-reference.ts";
import { saysTheSame } from "../../json.ts";
import type { Informer } from "../informer.ts";
import { type Cluster, fromCache } from "./cluster.ts";
import { NODE_NAME } from "./pods.ts";
import { isPod, isReady, isService, type Pod, type Service } from "./shapes.ts";

// EndpointSlices: which pods stand behind a Service. One slice for each set of port numbers, of any length.

const SERVICE_NAME = "kubernetes.io/service-name";
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
const MANAGER = "endpointslice-controller.k8s.io";

/** Works on one Service. */
export const syncEndpoints = async (cluster: Cluster, key: string): Promise<undefined> => {
	const service = fromCache(cluster.services, key);
	const existing = slicesOf(cluster, key);
	const wanted = isService(service) && !service.metadata.deletionTimestamp ? slicesFor(cluster, service) : [];
	for (const slice of wanted) {
		const found = existing.find(({ metadata }) => metadata.name === slice.metadata.name);
		if (!found) await cluster.create(slice);
		else if (!isUpToDate(found, slice))
			await cluster.update({ ...slice, metadata: { ...found.metadata, ...slice.metadata } });
	}
	const names = new Set(wanted.map(({ metadata }) => metadata.name));
	for (const slice of existing) if (!names.has(slice.metadata.name)) await cluster.remove(slice);
};

/** Keys of the Services that select a pod with these labels. */
export const servicesOf = (services: Informer, pod: KubeObject): string[] =>
	services
		.list(pod.metadata.namespace)
		.filter(isService)
		.filter((service) => selectsPod(service, pod))
		.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);

/** Key of the Service that a slice of ours belongs to. */
export const serviceOf = ({ metadata }: KubeObject): string | undefined => {
	const { [SERVICE_NAME]: name, [MANAGED_BY]: manager } = metadata.labels ?? {};
	return name !== undefined && manager === MANAGER ? `${metadata.namespace}/${name}` : undefined;
};

/** A Service without a selector has its endpoints from another client. */
const selectsPod = ({ spec }: Service, pod: KubeObject): boolean =>
	spec.selector !== undefined &&
	Object.keys(spec.selector).length > 0 &&
	spec.type !== "ExternalName" &&
	selects({ matchLabels: spec.selector }, pod.metadata.labels ?? {});

const slicesOf = (cluster: Cluster, key: string): KubeObject[] =>
	cluster.slices.list(key.slice(0, key.indexOf("/"))).filter((slice) => serviceOf(slice) === key);

const isUpToDate = (found: KubeObject, wanted: KubeObject): boolean =>
	saysTheSame(found["endpoints"], wanted["endpoints"]) &&
	saysTheSame(found["ports"], wanted["ports"]) &&
	saysTheSame(found.metadata.labels, wanted.metadata.labels);

const slicesFor = (cluster: Cluster, service: Service): KubeObject[] => {
	const byPorts = new Map<string, { ports: object[]; pods: Pod[] }>();
	const pods = cluster.pods
		.list(service.metadata.namespace)
		.filter(isPod)
		.filter((pod) => selectsPod(service, pod) && pod.status?.podIP !== undefined)
		.filter((pod) => pod.status?.phase !== "Failed" && pod.status?.phase !== "Succeeded")
		.toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name));
	if (pods.length === 0) {
		return service.spec.selector && service.spec.type !== "ExternalName" ? [newSlice(service, [], [])] : [];
	}
	for (const pod of pods) {
		const ports = portsOf(service, pod);
		const group = byPorts.get(canonicalJson(ports)) ?? { ports, pods: [] };
		group.pods.push(pod);
		byPorts.set(canonicalJson(ports), group);
	}
	return [...byPorts.values()].map((group) => newSlice(service, group.ports, group.pods));
};

/** A named target port has the number that the pod gives it, so it may differ from pod to pod. */
const portsOf = (service: Service, pod: Pod): object[] =>
	(service.spec.ports ?? []).flatMap(({ name = "", port, targetPort = port, protocol = "TCP", appProtocol }) => {
		const number =
			typeof targetPort === "number"
				? targetPort
				: pod.spec.containers.flatMap(({ ports = [] }) => ports).find((candidate) => candidate.name === targetPort)
						?.containerPort;
		return number === undefined ? [] : [{ name, port: number, protocol, ...(appProtocol && { appProtocol }) }];
	});

const newSlice = (service: Service, ports: readonly object[], pods: readonly Pod[]): KubeObject => {
	const { name, namespace = "", labels } = service.metadata;
	const isHeadless = service.spec.clusterIP === "None";
	return {
		apiVersion: "discovery.k8s.io/v1",
		kind: "EndpointSlice",
		metadata: {
			name: `${name}-${sha256Hex(canonicalJson(ports)).slice(0, 5)}`,
			namespace,
			labels: {
				...labels,
				[SERVICE_NAME]: name,
				[MANAGED_BY]: MANAGER,
				...(isHeadless && { "service.kubernetes.io/headless": "" }),
			},
			ownerReferences: [controllerReference(service)],
		},
		addressType: "IPv4",
		ports,
		endpoints: pods.map((pod) => endpoint(service, pod)),
	};
};

const endpoint = (service: Service, pod: Pod) => {
	const { name, namespace, uid, deletionTimestamp } = pod.metadata;
	const terminating = deletionTimestamp !== undefined;
	const serving = isReady(pod);
	const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
	const { hostname, subdomain } = pod.spec;
	return {
		addresses: [pod.status?.podIP],
		conditions: { ready, serving, terminating },
		...(hostname && subdomain === service.metadata.name && { hostname }),
		nodeName: NODE_NAME,
		targetRef: { kind: "Pod", name, namespace, uid },
	};
};
