import type { Clock } from "../../kube/time.ts";
import type { ServingCertificate } from "../control-plane/control-plane.ts";
import type { Informers } from "../controllers/informer.ts";
import { createWorkQueue } from "../controllers/work-queue.ts";
import { openNodes } from "../controllers/workloads/cluster.ts";
import type { Store } from "../store.ts";
import { createRecorder } from "./events.ts";
import { createKubelet, type Kubelet } from "./kubelet.ts";
import { startLogServer } from "./log-server.ts";
import { ensureNodes, nodeNames, startHeartbeats } from "./nodes.ts";
import type { PodRunner } from "./runner.ts";

// Nodes for a real control plane: they register, send heartbeats, take the pods that the scheduler gives them, and serve
// their logs. For development and tests only.

export interface NodesOfClusterOptions {
	readonly store: Store;
	readonly informers: Informers;
	readonly clock: Clock;
	/** How many nodes. */
	readonly nodes: number;
	/** What the log server shows to the API server. */
	readonly certificate: ServingCertificate;
	readonly runner?: PodRunner | undefined;
	readonly log: (message: string) => void;
}

const HOST_IP = "127.0.0.1";
const READY_AFTER_MS = 300;
const END_AFTER_MS = 1_000;

export const startNodes = async (options: NodesOfClusterOptions): Promise<{ stop(): Promise<void> }> => {
	const { store, informers, clock, certificate, runner, log } = options;
	let kubelet: Kubelet | undefined;
	const server = await startLogServer(certificate, clock, () => kubelet);
	const names = nodeNames(options.nodes);
	const nodes = { store, clock, names, hostIP: HOST_IP, port: server.port };
	await ensureNodes(nodes);
	const heartbeats = startHeartbeats(nodes, log);
	const cluster = await openNodes(store, informers, clock);
	const own = createKubelet(cluster, {
		store,
		nodes: names,
		hostIP: HOST_IP,
		readyAfterMs: READY_AFTER_MS,
		endAfterMs: END_AFTER_MS,
		runner,
		record: createRecorder(store, clock, log),
		again: (key) => pods.add(key),
	});
	kubelet = own;
	const pods = createWorkQueue(clock, own.sync, (message) => log(`Pod ${message}`));
	const unsubscribe = cluster.pods.subscribe(({ object: { metadata } }) =>
		pods.add(`${metadata.namespace}/${metadata.name}`),
	);
	return {
		async stop() {
			unsubscribe();
			await pods.stop();
			own.stop();
			heartbeats.stop();
			cluster.close();
			await server.stop();
		},
	};
};
