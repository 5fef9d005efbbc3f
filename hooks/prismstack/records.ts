import { podField } from "../../kube/container.ts";
import { isRestarting, lastSent } from "../../kube/last-sent.ts";
import { serviceHost } from "../../kube/names.ts";
import { recordsAt } from "../../kube/object.ts";
import type { EnvVar, Mount } from "../../kube/pod.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { ADMIN_FOLDER } from "../../schemas/stackparts.ts";
import { type ComponentPlan, RAFT_PORT, type StackPlan } from "./plan.ts";

// What a control plane needs for its records: a folder, settings, and what members of a Raft cluster know of each other.

/** Name of the volume, and so the beginning of the names of its claims. */
export const DATA_VOLUME = "data";

/**
 * Control planes that were made before they had a folder go on without, and without the arguments and settings that belong to it:
 * another template replaces their pods, which forget what they know.
 */
export const adminFolder = (
	own: ComponentPlan,
	there: KubeObject | undefined,
	restartedAt: string | undefined,
): string | undefined => {
	if (own.component !== "admin") return undefined;
	if (own.records !== undefined || there === undefined || isRestarting(there, restartedAt)) return ADMIN_FOLDER;
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

/** Settings as the program reads them. */
export const adminConfiguration = ({ metricsPort }: StackPlan, { port }: ComponentPlan, folder: string) => ({
	storage: { db: `sqlite://${folder}/admin.db` },
	cluster: { data_dir: `${folder}/raft` },
	control_plane: { listen: port },
	...(metricsPort !== undefined && { server: { metrics_port: metricsPort } }),
});

/** What each member of a Raft cluster is told of itself and of the others. */
export const memberVariables = ({ namespace, installation }: StackPlan, { records }: ComponentPlan): EnvVar[] => {
	if (records?.members === undefined) return [];
	const { headless, members } = records;
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
