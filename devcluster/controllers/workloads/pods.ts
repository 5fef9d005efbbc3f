import { sha256Hex } from "../../../kube/hash.ts";
import { canonicalJson } from "../../../kube/object.ts";
import { millisOf } from "../../../kube/time.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { controllerReference } from "../../controller-reference.ts";
import { isReady, type Pod, type PodTemplate } from "./shapes.ts";

// Pods as their controllers make and count them.

/** Name of the one node, on which all pods are. */
export const NODE_NAME = "local";

/** A pod of the template without its name, already on the node. */
export const podFrom = (owner: KubeObject, template: PodTemplate): KubeObject & Pick<Pod, "spec"> => ({
	apiVersion: "v1",
	kind: "Pod",
	metadata: { name: "", ...placed(owner, template) },
	spec: { ...template.spec, nodeName: NODE_NAME },
});

const placed = (owner: KubeObject, { metadata = {} }: PodTemplate) => ({
	namespace: owner.metadata.namespace ?? "",
	labels: { ...metadata.labels },
	...(metadata.annotations && { annotations: { ...metadata.annotations } }),
	ownerReferences: [controllerReference(owner)],
});

/** In the alphabet that Kubernetes uses for such hashes. */
export const templateHash = (template: PodTemplate): string => {
	const alphabet = "bcdfghjklmnpqrstvwxz2456789";
	const digits = sha256Hex(canonicalJson(template)).match(/../g) ?? [];
	return digits
		.slice(0, 10)
		.map((digit) => alphabet[Number.parseInt(digit, 16) % alphabet.length])
		.join("");
};

/** Milliseconds until a pod counts as available: 0 when it does, Infinity when it is not even ready. */
export const availableIn = (pod: Pod, minReadySeconds: number, now: number): number => {
	if (!isReady(pod)) return Number.POSITIVE_INFINITY;
	if (minReadySeconds === 0) return 0;
	const ready = pod.status?.conditions?.find(({ type }) => type === "Ready");
	return Math.max(0, millisOf(ready?.lastTransitionTime ?? "") + 1000 * minReadySeconds - now);
};

/** Counters of built-in kinds are left out while they are zero. */
export const withoutZeros = (counts: Readonly<Record<string, number>>): Record<string, number> =>
	Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
