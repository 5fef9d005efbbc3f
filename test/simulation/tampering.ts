import { REGISTRY } from "../../hooks/index.ts";
import { isRecord } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { World } from "./world.ts";

// What somebody does to the hooks' children by hand.

/** One of the children of our objects, by a number; undefined: there is none. */
export const pickChild = async ({ store }: World, choice: number): Promise<KubeObject | undefined> => {
	const kinds = new Map(REGISTRY.flatMap(({ children }) => children.map((child) => [child.kind, child] as const)));
	const children: KubeObject[] = [];
	for (const { apiVersion, kind } of kinds.values()) {
		const resource = await store.resourceOf(apiVersion, kind).catch(() => undefined);
		if (resource === undefined) continue;
		const { items } = await store.list(resource);
		children.push(...items.filter(({ metadata }) => metadata.ownerReferences?.some(({ controller }) => controller)));
	}
	const sorted = children.toSorted((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1));
	return sorted[choice % Math.max(1, sorted.length)];
};

const nameOf = ({ kind, metadata }: KubeObject) => `${kind}/${metadata.namespace}/${metadata.name}`;

/** The child with one of its fields changed that the hook has set: what it does not set is not its own. */
export const tampered = (child: KubeObject, choice: number): KubeObject | undefined => {
	const spec = isRecord(child["spec"]) ? child["spec"] : undefined;
	const data = isRecord(child["data"]) ? child["data"] : undefined;
	if (data !== undefined) {
		const names = Object.keys(data);
		const name = names[choice % Math.max(1, names.length)];
		return name === undefined ? undefined : { ...child, data: { ...data, [name]: "by hand" } };
	}
	if (spec === undefined) return undefined;
	if (typeof spec["replicas"] === "number")
		return { ...child, spec: { ...spec, replicas: (spec["replicas"] + 1) % 4 } };
	// With weight 0 it takes nobody: whoever got in meanwhile would stay, and that is another history.
	if (spec["weight"] === 0) return undefined;
	if (typeof spec["weight"] === "number") return { ...child, spec: { ...spec, weight: spec["weight"] + 1 } };
	if (typeof spec["maxUnavailable"] === "number")
		return { ...child, spec: { ...spec, maxUnavailable: spec["maxUnavailable"] + 1 } };
	if (Array.isArray(spec["ports"]))
		return {
			...child,
			spec: {
				...spec,
				ports: spec["ports"].map((port: unknown) => (isRecord(port) ? { ...port, targetPort: 1 } : port)),
			},
		};
	return undefined;
};

/** Without the one that says whose child it is: a child that loses that is nobody's for good. */
const OWNER_LABEL = "controller-uid";

/** What admission adds to a child when it is created, it does not add again. */
const OF_ADMISSION = "policy.example/";

export const withoutOneLabel = (child: KubeObject, choice: number): KubeObject | undefined => {
	const labels = child.metadata.labels ?? {};
	const names = Object.keys(labels).filter((name) => name !== OWNER_LABEL && !name.startsWith(OF_ADMISSION));
	const lost = names[choice % Math.max(1, names.length)];
	if (lost === undefined) return undefined;
	const { [lost]: _gone, ...rest } = labels;
	return { ...child, metadata: { ...child.metadata, labels: rest } };
};
