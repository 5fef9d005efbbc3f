import { podField } from "../../kube/container.ts";
import { isRestarting, lastSent } from "../../kube/last-sent.ts";
import { serviceHost } from "../../kube/names.ts";
import { observedOf, recordsAt } from "../../kube/object.ts";
import type { EnvVar, Mount } from "../../kube/pod.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { ADMIN_FOLDER } from "../../schemas/stackparts.ts";
import { type ComponentPlan, RAFT_PORT, type Seen, type StackPlan } from "./plan.ts";

// What a control plane needs for its records: a folder, and what members of a Raft cluster know of each other.

/** Name of the volume, and so the beginning of the names of its claims. */
export const DATA_VOLUME = "data";

/** The control plane's workload, as it is there. */
export const observedAdmin = (plan: StackPlan, admin: ComponentPlan, { request }: Seen): KubeObject | undefined => {
	const { kind, name } = admin.workload;
	return observedOf(request.children, { apiVersion: "apps/v1", kind, metadata: { name, namespace: plan.namespace } });
};

/**
 * Folder that the control plane can write; undefined: its pods have none. Control planes that were made before they had one go on
 * without, and without the arguments and settings that belong to it: another template replaces their pods, which forget what they know.
 */
export const adminFolder = (plan: StackPlan, admin: ComponentPlan, seen: Seen): string | undefined => {
	const there = observedAdmin(plan, admin, seen);
	if (admin.records !== undefined || there === undefined || isRestarting(there, plan.restartedAt)) return ADMIN_FOLDER;
	const [before] = recordsAt(lastSent(there), "spec", "template", "spec", "containers");
	return recordsAt(before, "volumeMounts").some(({ mountPath }) => mountPath === ADMIN_FOLDER)
		? ADMIN_FOLDER
		: undefined;
};

/** A folder of the user's own may be in its place. */
export const adminMounts = ({ records, spec }: ComponentPlan, folder: string | undefined): Mount[] => {
	if (folder === undefined || spec.volumeMounts?.some(({ mountPath }) => mountPath === folder)) return [];
	const source = records === undefined ? { emptyDir: {} } : undefined;
	return [{ name: DATA_VOLUME, mountPath: folder, source, access: "write" }];
};

/** What each member of a Raft cluster knows of itself and of the others. */
export const memberVariables = (
	{ namespace, installation }: StackPlan,
	{ records, headless }: ComponentPlan,
): EnvVar[] => {
	if (records?.members === undefined) return [];
	const { members } = records;
	const address = (pod: string): string =>
		`${serviceHost(`${pod}.${headless}`, namespace, installation.clusterDomain)}:${RAFT_PORT.port}`;
	return [
		{ name: "PRISM_POD_IP", valueFrom: { fieldRef: podField("status.podIP") } },
		{ name: "PRISM_POD_INDEX", valueFrom: { fieldRef: podField("metadata.labels['apps.kubernetes.io/pod-index']") } },
		// 0 is no number of a node.
		{ name: "PRISM_NODE_ID", value: "1$(PRISM_POD_INDEX)" },
		{ name: "PRISM_PEERS", value: members.map((pod, index) => `1${index}=${address(pod)}`).join(",") },
		{ name: "PRISM_ADVERTISE_ADDR", value: address("$(PRISM_POD_NAME)") },
		{ name: "PRISM_BIND_ADDR", value: `$(PRISM_POD_IP):${RAFT_PORT.port}` },
	];
};
