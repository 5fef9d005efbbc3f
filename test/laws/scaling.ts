import { isWorkload, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";

// What the laws say of counts of pods.

/** Workloads scaled to a count by somebody else: their pods are there, and ready. */
export const scaledTo = (children: readonly KubeObject[], replicas: number): KubeObject[] =>
	children.map((child) => {
		if (!isWorkload(child)) return child;
		const counts = { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas };
		return {
			...child,
			spec: { ...(child["spec"] as object), replicas },
			status: { ...(child["status"] as object), ...counts },
		};
	});

/** Counts that are sent to a workload and that its autoscaler would not have set; none is expected. */
export const beyondBounds = (children: readonly KubeObject[]): string[] =>
	children.flatMap((scaler) => {
		const name = valueAt(scaler["spec"], "scaleTargetRef", "name");
		const target = children.find((child) => isWorkload(child) && child.metadata.name === name);
		if (target === undefined) return [];
		const bound = (...fields: string[]) => fields.map((field) => valueAt(scaler["spec"], field)).find(isNumber);
		const [least, most] = [bound("minReplicas", "minReplicaCount") ?? 1, bound("maxReplicas", "maxReplicaCount") ?? 1];
		const count = valueAt(target, "spec", "replicas");
		return isNumber(count) && count >= least && count <= most ? [] : [`${target.kind}: ${String(count)}`];
	});

const isNumber = (value: unknown): value is number => typeof value === "number";

/** Pod templates by kind and name. */
export const templatesOf = (children: readonly KubeObject[]): Record<string, unknown> =>
	Object.fromEntries(
		children
			.filter(isWorkload)
			.map((child) => [`${child.kind} ${child.metadata.name}`, valueAt(child, "spec", "template")]),
	);

/** The spec with every count of pods in it replaced. */
export const withCounts = (value: unknown, count: number): unknown => {
	if (Array.isArray(value)) return value.map((item) => withCounts(item, count));
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([field, inner]) => [field, field === "replicas" ? count : withCounts(inner, count)]),
	);
};
