import { forbidden } from "../../devcluster/api/errors.ts";
import { objectsAt } from "../../devcluster/json.ts";
import type { Store } from "../../devcluster/store.ts";
import { REGISTRY } from "../../hooks/index.ts";
import { isRecord, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";

// Admission policies of a cluster: what they make of children that Metacontroller writes, and what they refuse.

export interface Admission {
	change: ((child: KubeObject) => KubeObject) | undefined;
	/** Kind of the children whose updates are refused. */
	refuses: string | undefined;
}

const CHILDREN: ReadonlySet<string> = new Set(REGISTRY.flatMap(({ children }) => children.map(({ kind }) => kind)));
const OURS: ReadonlySet<string> = new Set(REGISTRY.map(({ parent }) => parent.kind));
const isChild = ({ kind }: KubeObject) => CHILDREN.has(kind) && !OURS.has(kind);

/** The API server behind its admission. */
export const admittedBy = (store: Store, admission: Admission): Store => {
	const changed = (object: KubeObject) => (isChild(object) ? (admission.change?.(object) ?? object) : object);
	return {
		...store,
		create: (object) => store.create(changed(object)),
		update: async (object) => {
			// What only lets go of a child is no change that a policy looks at.
			if (object.kind === admission.refuses && object.metadata.deletionTimestamp === undefined)
				throw forbidden(await store.resourceOf(object.apiVersion, object.kind), object.metadata.name, "policy says no");
			return store.update(changed(object));
		},
	};
};

const withPods = (child: KubeObject, change: (pod: Record<string, unknown>) => Record<string, unknown>): KubeObject => {
	const [spec, template, pod] = [["spec"], ["spec", "template"], ["spec", "template", "spec"]].map((path) =>
		valueAt(child, ...path),
	);
	if (!isRecord(spec) || !isRecord(template) || !isRecord(pod)) return child;
	return { ...child, spec: { ...spec, template: { ...template, spec: change(pod) } } };
};

const MIRROR = "mirror.example/";

/** Policies that clusters have: a registry's mirror, a mark, a container beside the others, resources. */
export const POLICIES: readonly ((child: KubeObject) => KubeObject)[] = [
	(child) =>
		withPods(child, (pod) => ({
			...pod,
			containers: objectsAt(pod, "containers").map((container) => {
				const image = String(container["image"]);
				return { ...container, image: image.startsWith(MIRROR) ? image : `${MIRROR}${image}` };
			}),
		})),
	(child) => ({
		...child,
		metadata: {
			...child.metadata,
			labels: { ...child.metadata.labels, "policy.example/team": "a" },
			annotations: { ...child.metadata.annotations, "policy.example/checked": "true" },
		},
	}),
	(child) =>
		withPods(child, (pod) => ({
			...pod,
			containers: [
				...objectsAt(pod, "containers").filter(({ name }) => name !== "policy"),
				{ name: "policy", image: "policy.example/agent:1" },
			],
		})),
	(child) =>
		withPods(child, (pod) => ({
			...pod,
			containers: objectsAt(pod, "containers").map((container) => ({
				...container,
				resources: { requests: { cpu: "1m" }, limits: { cpu: "2", memory: "1Gi" } },
			})),
		})),
];
