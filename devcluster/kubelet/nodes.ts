import type { Clock } from "../../kube/time.ts";
import { timestampOf } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { objectAt, saysTheSame } from "../json.ts";
import { ApiError, type Store } from "../store.ts";

// The nodes of a local cluster, and the heartbeats without which the node controller takes them for dead.

export interface NodesOptions {
	readonly store: Store;
	readonly clock: Clock;
	readonly names: readonly string[];
	/** Address of all of them. */
	readonly hostIP: string;
	/** Where their kubelet serves logs; undefined: nowhere. */
	readonly port?: number | undefined;
}

/** node-1, node-2, ...: as many as `count`. */
export const nodeNames = (count: number): string[] => Array.from({ length: count }, (_, index) => `node-${index + 1}`);

const SIZE = { cpu: "64", memory: "256Gi", pods: "10000", "ephemeral-storage": "1Ti" };
const ZONES = ["zone-a", "zone-b", "zone-c"];

/** Three zones in turn; two thirds of the nodes are for the data plane, as MEMO-036 places its components. */
const labelsOf = (name: string, index: number): Record<string, string> => ({
	"kubernetes.io/hostname": name,
	"kubernetes.io/os": "linux",
	"kubernetes.io/arch": process.arch === "x64" ? "amd64" : process.arch,
	"topology.kubernetes.io/region": "local",
	"topology.kubernetes.io/zone": ZONES[index % ZONES.length] ?? "",
	"memory-optimized": "true",
	"cpu-optimized": "true",
	...(index % 3 === 2
		? { role: "prism-control-plane", tier: "management" }
		: { role: "prism-proxy", tier: "data-plane" }),
});

export const ensureNodes = async (options: NodesOptions): Promise<void> => {
	const resource = await options.store.resourceOf("v1", "Node");
	const ensure = async (name: string, index: number) => {
		const { store } = options;
		const found = await store.get(resource, undefined, name);
		const node = found ?? (await store.create(newNode(name, index)));
		const status = statusOf(options);
		if (saysTheSame(objectAt(node, "status", "capacity"), SIZE)) return;
		const { resourceVersion: _version, ...metadata } = node.metadata;
		await store.updateStatus({ ...node, metadata, status });
	};
	await Promise.all(options.names.map(ensure));
};

const newNode = (name: string, index: number): KubeObject => ({
	apiVersion: "v1",
	kind: "Node",
	metadata: { name, labels: labelsOf(name, index) },
	spec: {},
});

const statusOf = ({ clock, hostIP, port }: NodesOptions) => {
	const time = timestampOf(clock.now());
	const condition = (type: string, status: string, reason: string, message: string) => ({
		type,
		status,
		reason,
		message,
		lastHeartbeatTime: time,
		lastTransitionTime: time,
	});
	return {
		addresses: [{ type: "InternalIP", address: hostIP }],
		...(port !== undefined && { daemonEndpoints: { kubeletEndpoint: { Port: port } } }),
		capacity: SIZE,
		allocatable: SIZE,
		conditions: [
			condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
			condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
			condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
			condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
		],
		nodeInfo: {
			machineID: "",
			systemUUID: "",
			bootID: "",
			kernelVersion: "none",
			osImage: "Prism local cluster: containers only look as if they ran",
			containerRuntimeVersion: "none://0",
			kubeletVersion: "v0.0.0-local",
			kubeProxyVersion: "",
			operatingSystem: "linux",
			architecture: "amd64",
		},
	};
};

// ── Heartbeats ──────────────────────────────────────────────────────────────────────────────────────────────────────

const LEASE_NAMESPACE = "kube-node-lease";
const RENEW_MS = 10_000;

/** Renews the nodes' leases until it is stopped. */
export const startHeartbeats = (
	{ store, clock, names }: NodesOptions,
	log: (message: string) => void,
): { stop(): void } => {
	let stopped = false;
	let cancel: (() => void) | undefined;
	const renew = async (name: string): Promise<void> => {
		const resource = await store.resourceOf("coordination.k8s.io/v1", "Lease");
		const renewTime = new Date(clock.now()).toISOString().replace("Z", "000Z");
		try {
			await store.patch(resource, LEASE_NAMESPACE, name, { spec: { renewTime } });
		} catch (error) {
			if (!(error instanceof ApiError && error.status === 404)) throw error;
			await store.create({
				apiVersion: "coordination.k8s.io/v1",
				kind: "Lease",
				metadata: { name, namespace: LEASE_NAMESPACE },
				spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime },
			});
		}
	};
	const beat = async (): Promise<void> => {
		try {
			for (const name of names) await renew(name);
		} catch (error) {
			if (!stopped) log(`cannot renew the lease of a node: ${error instanceof Error ? error.message : String(error)}`);
		}
		if (!stopped) cancel = clock.after(RENEW_MS, () => void beat());
	};
	void beat();
	return {
		stop() {
			stopped = true;
			cancel?.();
		},
	};
};
