import type { Clock } from "../../../kube/time.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { createKubelet } from "../../kubelet/kubelet.ts";
import { ensureNodes } from "../../kubelet/nodes.ts";
import type { PodRunner } from "../../kubelet/runner.ts";
import type { Store } from "../../store.ts";
import type { Informer, InformerEvent, Informers } from "../informer.ts";
import { createWorkQueue } from "../work-queue.ts";
import { syncClaim } from "./claims.ts";
import { type Cluster, controllerKey, fromCache, openCluster } from "./cluster.ts";
import { syncDeployment } from "./deployments.ts";
import { serviceOf, servicesOf, syncEndpoints } from "./endpoints.ts";
import { NODE_NAME } from "./pods.ts";
import { syncReplicaSet } from "./replicasets.ts";
import { isDeployment } from "./shapes.ts";
import { syncStatefulSet } from "./statefulsets.ts";

// A stand-in for kube-controller-manager and the scheduler, for a cluster in memory and for the simulation only: a real API
// server has the real ones. Deployments and StatefulSets get pods on the one node, Services get endpoints. It is driven by
// events: a cluster in which nothing changes is not written to.

export interface WorkloadsOptions {
	readonly store: Store;
	readonly informers: Informers;
	readonly clock: Clock;
	/** How long a pod takes from its creation to being ready. */
	readonly readyAfterMs?: number;
	/** How long a deleted pod takes to end. */
	readonly endAfterMs?: number;
	/** Runs some pods for real. */
	readonly runner?: PodRunner | undefined;
	readonly log?: (message: string) => void;
}

export interface Workloads {
	stop(): Promise<void>;
}

type Sync = (key: string) => Promise<number | undefined>;

export const startWorkloads = async (options: WorkloadsOptions): Promise<Workloads> => {
	const { store, informers, clock, readyAfterMs = 300, endAfterMs = 1_000, log = () => {} } = options;
	const cluster = await openCluster(store, informers, clock);
	const node = { names: [NODE_NAME], hostIP: "10.0.0.1" };
	await ensureNodes({ store, clock, ...node });

	const start = (what: string, sync: Sync) => createWorkQueue(clock, sync, (message) => log(`${what} ${message}`));
	const deployments = start("Deployment", (key) => syncDeployment(cluster, key));
	const replicaSets = start("ReplicaSet", (key) => syncReplicaSet(cluster, key));
	const statefulSets = start("StatefulSet", (key) => syncStatefulSet(cluster, key));
	const claims = start("PersistentVolumeClaim", (key) => syncClaim(cluster, key));
	const kubelet = createKubelet(cluster, {
		store,
		nodes: node.names,
		hostIP: node.hostIP,
		readyAfterMs,
		endAfterMs,
		runner: options.runner,
		again: (key) => pods.add(key),
	});
	const pods = start("Pod", (key) => kubelet.sync(key));
	const endpoints = start("Service", (key) => syncEndpoints(cluster, key));

	const routes = [
		route(cluster.deployments, (object) => [keyOf(object)], deployments.add),
		route(cluster.replicaSets, (object) => [controllerKey(object, "Deployment")], deployments.add),
		route(cluster.replicaSets, (object) => [keyOf(object)], replicaSets.add),
		route(cluster.statefulSets, (object) => [keyOf(object)], statefulSets.add),
		route(cluster.claims, (object) => [keyOf(object)], claims.add),
		route(cluster.pods, (object) => [keyOf(object)], pods.add),
		route(cluster.pods, (object) => [controllerKey(object, "ReplicaSet")], replicaSets.add),
		route(cluster.pods, (object) => recreated(cluster, object), deployments.add),
		route(cluster.pods, (object) => [controllerKey(object, "StatefulSet")], statefulSets.add),
		route(cluster.pods, (object) => servicesOf(cluster.services, object), endpoints.add),
		route(cluster.services, (object) => [keyOf(object)], endpoints.add),
		route(cluster.slices, (object) => [serviceOf(object)], endpoints.add),
	];

	return {
		async stop() {
			for (const unsubscribe of routes) unsubscribe();
			const queues = [deployments, replicaSets, statefulSets, claims, pods, endpoints];
			await Promise.all(queues.map((queue) => queue.stop()));
			kubelet.stop();
			cluster.close();
		},
	};
};

const keyOf = ({ metadata }: KubeObject) => `${metadata.namespace}/${metadata.name}`;

/** The Deployment of a pod, where it waits for its old pods to be gone. */
const recreated = ({ replicaSets, deployments }: Cluster, pod: KubeObject): (string | undefined)[] => {
	const set = fromCache(replicaSets, controllerKey(pod, "ReplicaSet") ?? "/");
	const key = set && controllerKey(set, "Deployment");
	const deployment = key === undefined ? undefined : fromCache(deployments, key);
	return isDeployment(deployment) && deployment.spec.strategy?.type === "Recreate" ? [key] : [];
};

/** Calls `add` with the keys that an object has before and after each of its changes. */
const route = (
	informer: Informer,
	keysOf: (object: KubeObject) => readonly (string | undefined)[],
	add: (key: string) => void,
) =>
	informer.subscribe(({ object, old }: InformerEvent) => {
		const keys = new Set([...keysOf(object), ...(old ? keysOf(old) : [])]);
		for (const key of keys) if (key !== undefined) add(key);
	});
