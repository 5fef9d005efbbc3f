import { objectAt, saysTheSame } from "../json.ts";
import { type Cluster, fromCache } from "./cluster.ts";
import { NODE_NAME } from "./pods.ts";
import { type Condition, type Container, isPod, type Pod, type PodStatus } from "./shapes.ts";

// The node's part: pods come to life after a while, fail when they are told to, and go at once.

/** Annotation of a pod, so of a template too: makes it fail in the way that its value says. */
export const FAIL = "local.prism.io/fail";
/** An image with this tag can't be pulled. */
const BROKEN_TAG = "broken";

type Failure = "image" | "crash" | "unready";

/** Runs some pods for real; the others only look as if they ran. */
export interface PodRunner {
	/**
	 * undefined: not a pod of this runner's. The pod has its address; `changed` is called whenever `isReady` may answer
	 * otherwise. A pod that is to fail before its containers run is not run.
	 */
	run(pod: Pod, changed: () => void): RunningPod | undefined;
}

export interface RunningPod {
	isReady(): boolean;
	/** The pod has changed, or may have: its annotations can. */
	update?(pod: Pod): void;
	stop(): void;
}

/** The first that takes a pod runs it. */
export const firstOf = (...runners: readonly (PodRunner | undefined)[]): PodRunner => ({
	run(pod, changed) {
		for (const runner of runners) {
			const running = runner?.run(pod, changed);
			if (running !== undefined) return running;
		}
		return undefined;
	},
});

export interface Kubelet {
	/** Works on one pod; returns after how many ms to look again. */
	sync(key: string): Promise<number | undefined>;
	/** Ends what really runs. */
	stop(): void;
}

export interface KubeletOptions {
	readonly readyAfterMs: number;
	readonly runner?: PodRunner | undefined;
	/** Asks for another sync of a pod. */
	readonly again: (key: string) => void;
}

/** A pod that the kubelet has taken care of. */
interface Kept {
	readonly uid: string;
	/** When its containers are up. */
	readonly upAt: number;
	running: RunningPod | undefined;
}

/** A pod that nobody runs for real. */
const PRETENDED: RunningPod = { isReady: () => true, stop() {} };

export const createKubelet = (cluster: Cluster, { readyAfterMs, runner, again }: KubeletOptions): Kubelet => {
	const addresses = createAddresses(cluster);
	const kept = new Map<string, Kept>();
	const halt = (own: Kept) => {
		own.running?.stop();
		own.running = undefined;
	};
	const forget = (key: string) => {
		const own = kept.get(key);
		if (own !== undefined) halt(own);
		kept.delete(key);
	};
	const attend = (key: string, own: Kept, pod: Pod) => {
		const failure = failureOf(pod);
		if (failure === "image" || failure === "crash") return halt(own);
		if (own.running === undefined) own.running = runner?.run(pod, () => again(key)) ?? PRETENDED;
		else own.running.update?.(pod);
	};
	return {
		stop() {
			for (const key of kept.keys()) forget(key);
		},
		async sync(key) {
			const pod = fromCache(cluster.pods, key);
			// Deleted without grace it just vanishes, and another one may have its name already.
			if (kept.get(key)?.uid !== pod?.metadata.uid) forget(key);
			if (!isPod(pod) || pod.spec.nodeName !== NODE_NAME) return undefined;
			const { uid = "", deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
			if (deletionTimestamp !== undefined) {
				forget(key);
				if (deletionGracePeriodSeconds !== 0) await cluster.remove(pod, { gracePeriodSeconds: 0 });
				return undefined;
			}
			if (pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded") return undefined;
			const now = cluster.clock.now();
			// A pod that is running already was started by the kubelet that was here before us.
			const upAt = pod.status?.phase === "Running" ? now : now + readyAfterMs;
			const own = kept.get(key) ?? { uid, upAt, running: undefined };
			kept.set(key, own);
			const podIP = pod.status?.podIP ?? addresses.next();
			const isUp = now >= own.upAt;
			if (isUp) attend(key, own, { ...pod, status: { ...pod.status, podIP } });
			const status = podStatus(cluster, pod, podIP, { isUp, isReady: own.running?.isReady() ?? true });
			if (!saysTheSame(status, pod.status)) await cluster.updateStatus({ ...pod, status });
			return isUp ? undefined : own.upAt - now;
		},
	};
};

/** Addresses out of 10.244.0.0/16, one after the other, without those that pods have. */
const createAddresses = (cluster: Cluster) => {
	let last = 0;
	return {
		next(): string {
			const taken = new Set(cluster.pods.list().map((pod) => (isPod(pod) ? pod.status?.podIP : undefined)));
			for (;;) {
				last = (last % 65_000) + 1;
				const address = `10.244.${last >> 8}.${last & 255}`;
				if (!taken.has(address)) return address;
			}
		},
	};
};

// ── Status ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const failureOf = (pod: Pod): Failure | undefined => {
	const asked = pod.metadata.annotations?.[FAIL];
	if (asked === "image" || asked === "crash" || asked === "unready") return asked;
	return pod.spec.containers.some(({ image = "" }) => image.endsWith(`:${BROKEN_TAG}`)) ? "image" : undefined;
};

const podStatus = (
	cluster: Cluster,
	pod: Pod,
	podIP: string,
	{ isUp, isReady: answers }: { isUp: boolean; isReady: boolean },
): PodStatus => {
	const failure = isUp ? (failureOf(pod) ?? (answers ? undefined : "unready")) : undefined;
	const isReady = isUp && failure === undefined;
	const startTime = pod.status?.startTime ?? cluster.now();
	const unready = {
		reason: "ContainersNotReady",
		message: `containers with unready status: [${names(pod.spec.containers)}]`,
	};
	const condition = (type: string, holds: boolean, why = {}): Condition => {
		const status = holds ? "True" : "False";
		const before = pod.status?.conditions?.find((other) => other.type === type);
		const lastTransitionTime = before?.status === status ? (before.lastTransitionTime ?? startTime) : cluster.now();
		return { type, status, lastTransitionTime, ...(!holds && why) };
	};
	return {
		phase: isUp && failure !== "image" ? "Running" : "Pending",
		conditions: [
			condition("PodReadyToStartContainers", true),
			condition("Initialized", true),
			condition("Ready", isReady, unready),
			condition("ContainersReady", isReady, unready),
			condition("PodScheduled", true),
		],
		hostIP: "10.0.0.1",
		hostIPs: [{ ip: "10.0.0.1" }],
		podIP,
		podIPs: [{ ip: podIP }],
		startTime,
		qosClass: pod.status?.["qosClass"] ?? "BestEffort",
		containerStatuses: pod.spec.containers.map((container) => containerStatus(container, isUp, failure, startTime)),
	};
};

const names = (containers: readonly Container[]) => containers.map(({ name }) => name).join(" ");

const waiting = (reason: string, message?: string) => ({ waiting: { reason, ...(message && { message }) } });

const containerStatus = (
	{ name, image = "" }: Container,
	isUp: boolean,
	failure: Failure | undefined,
	startedAt: string,
) => {
	const status = { name, image, imageID: "", ready: false, restartCount: 0, started: false };
	if (!isUp) return { ...status, state: waiting("ContainerCreating") };
	if (failure === "image") {
		return { ...status, state: waiting("ImagePullBackOff", `Back-off pulling image "${image}"`) };
	}
	if (failure === "crash") {
		const exited = { exitCode: 1, reason: "Error", startedAt, finishedAt: startedAt };
		return {
			...status,
			restartCount: 1,
			state: waiting("CrashLoopBackOff", `back-off 10s restarting failed container=${name}`),
			lastState: { terminated: exited },
		};
	}
	return { ...status, ready: failure === undefined, started: true, state: { running: { startedAt } } };
};

// ── Node ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The one node, ready for as long as it exists. */
export const ensureNode = async (cluster: Cluster): Promise<void> => {
	const found = cluster.nodes.get(undefined, NODE_NAME);
	const node =
		found ??
		(await cluster.create({
			apiVersion: "v1",
			kind: "Node",
			metadata: { name: NODE_NAME, labels: { "kubernetes.io/hostname": NODE_NAME, "kubernetes.io/os": "linux" } },
			spec: {},
		}));
	const size = { cpu: "64", memory: "256Gi", pods: "10000", "ephemeral-storage": "1Ti" };
	const ready = { type: "Ready", status: "True", reason: "KubeletReady", message: "the stand-in is always ready" };
	if (found?.["status"] !== undefined && sameCapacity(found["status"], size)) return;
	const time = cluster.now();
	const status = {
		addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
		capacity: size,
		allocatable: size,
		conditions: [{ ...ready, lastHeartbeatTime: time, lastTransitionTime: time }],
	};
	await cluster.updateStatus({ ...node, status });
};

const sameCapacity = (status: unknown, size: unknown): boolean => saysTheSame(objectAt(status, "capacity"), size);
