import type { KubeObject } from "../schemas/common.ts";
import type { CompositeRequest, RelatedResourceRule } from "../schemas/metacontroller.ts";
import { isRecord, kindKey, recordsAt } from "./object.ts";

// Pods behind a Service, and their readiness, from the EndpointSlices.

const API_VERSION = "discovery.k8s.io/v1";
const SERVICE_LABEL = "kubernetes.io/service-name";

/** The rule that relates a Service's slices, and no others. */
export const slicesOf = (service: string, namespace: string): RelatedResourceRule => ({
	apiVersion: API_VERSION,
	resource: "endpointslices",
	namespace,
	labelSelector: { matchLabels: { [SERVICE_LABEL]: service } },
});

export interface Endpoint {
	/** Name of the pod. */
	readonly pod: string;
	/** Its uid: a pod that replaced another of the same name has a different one. */
	readonly uid: string | undefined;
	/** First label of its own DNS name behind a headless Service. */
	readonly host: string;
	/** Passes its readiness probe, and is not being deleted. */
	readonly ready: boolean;
	readonly terminating: boolean;
}

/** The pods behind a Service that is a child, by name, each once. `ready` is not used: a headless Service can publish all pods as ready. */
export const endpointsBehind = (
	{ children, related }: Pick<CompositeRequest, "children" | "related">,
	service: string,
	namespace: string,
): Endpoint[] => {
	const own = children[kindKey("v1", "Service")]?.[`${namespace}/${service}`];
	const slices = Object.values(related[kindKey(API_VERSION, "EndpointSlice")] ?? {}).filter(
		(slice) =>
			slice.metadata.namespace === namespace &&
			slice.metadata.labels?.[SERVICE_LABEL] === service &&
			!isOfOther(slice, own),
	);
	const found = slices.flatMap((slice) => recordsAt(slice, "endpoints").flatMap((endpoint) => read(endpoint) ?? []));
	// While slices are rebalanced, a pod can be in two of them.
	return [...new Map(found.map((endpoint) => [endpoint.pod, endpoint])).values()].toSorted((left, right) =>
		left.pod < right.pod ? -1 : 1,
	);
};

/** Whether a slice belongs to another Service than the given one, which has the expected name. */
const isOfOther = ({ metadata }: KubeObject, own: KubeObject | undefined): boolean =>
	metadata.ownerReferences?.some(({ kind, uid }) => kind === "Service" && uid !== own?.metadata.uid) === true;

const read = (endpoint: Record<string, unknown>): Endpoint | undefined => {
	const target = endpoint["targetRef"];
	const addresses: unknown = endpoint["addresses"];
	const address: unknown = Array.isArray(addresses) ? addresses[0] : undefined;
	if (!isRecord(target) || typeof target["name"] !== "string" || typeof address !== "string") return undefined;
	const conditions = isRecord(endpoint["conditions"]) ? endpoint["conditions"] : {};
	const terminating = conditions["terminating"] === true;
	const uid = typeof target["uid"] === "string" ? target["uid"] : undefined;
	return {
		pod: target["name"],
		uid,
		host: typeof endpoint["hostname"] === "string" ? endpoint["hostname"] : dashed(address),
		ready: conditions["serving"] === true && !terminating,
		terminating,
	};
};

/** Of a pod without a hostname there, as those of a Deployment are: 10-244-0-5. */
const dashed = (address: string): string => address.replaceAll(/[.:]/g, "-");
