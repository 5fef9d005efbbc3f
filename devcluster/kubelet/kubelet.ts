import { timestampOf } from "../../kube/time.ts";
import { fromCache, type NodeCluster } from "../controllers/workloads/cluster.ts";
import { type Container, isPod, type Pod } from "../controllers/workloads/shapes.ts";
import { saysTheSame } from "../json.ts";
import type { Store } from "../store.ts";
import {
	backOffSeconds,
	type ContainerState,
	failureOf,
	isSidecar,
	type Obstacle,
	obstacleOf,
	podId,
} from "./containers.ts";
import { type RecordEvent, recordNothing } from "./events.ts";
import { type ContainerLog, createContainerLog } from "./logs.ts";
import { isDone, podStatus } from "./pod-status.ts";
import { unmountable } from "./references.ts";
import type { PodRunner, RunningPod } from "./runner.ts";

// A kubelet for the pods of some nodes. No container runs, but for those that a PodRunner takes: pods become ready after
// a while, fail as they would on a real node, and take a moment to end. For development and tests only.

export interface Kubelet {
	/** Works on one pod; returns after how many ms to look again. */
	readonly sync: (key: string) => Promise<number | undefined>;
	/** The log of a container, "<namespace>/<pod>" and its name; undefined when it has not been started. */
	log(pod: string, container: string): ContainerLog | undefined;
	/** Ends what really runs. */
	stop(): void;
}

export interface KubeletOptions {
	readonly store: Store;
	/** Names of the nodes whose pods are this kubelet's. */
	readonly nodes: readonly string[];
	/** Address of those nodes. */
	readonly hostIP: string;
	readonly readyAfterMs: number;
	/** How long the containers of a deleted pod take to end, unless its grace period is shorter. */
	readonly endAfterMs: number;
	readonly runner?: PodRunner | undefined;
	readonly record?: RecordEvent;
	/** Asks for another sync of a pod. */
	readonly again: (key: string) => void;
}

/** A pod that the kubelet has taken care of. */
interface Kept {
	readonly uid: string;
	readonly podIP: string;
	/** When its containers are started. */
	readonly upAt: number;
	/** When a deleted pod has ended. */
	endAt: number | undefined;
	mounted: boolean;
	running: RunningPod | undefined;
	readonly containers: Map<string, KeptContainer>;
}

interface KeptContainer {
	readonly log: ContainerLog;
	/** RFC 3339; undefined: it does not run. */
	since: string | undefined;
	restarts: number;
	/** When it is started again, after a crash. */
	restartAt: number;
}

/** A pod that does not really run. */
const PRETENDED: RunningPod = { isReady: () => true, stop() {} };

/** Milliseconds after which a missing Secret or ConfigMap is looked for again. */
const LOOK_AGAIN = 2_000;
/** Milliseconds from the first failure to pull an image to the back-off. */
const PULL_BACK_OFF = 1_000;

export const createKubelet = (cluster: NodeCluster, options: KubeletOptions): Kubelet => {
	const { store, runner, again, hostIP, record = recordNothing } = options;
	const { clock } = cluster;
	const nodes = new Set(options.nodes);
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
	const keep = (key: string, pod: Pod): Kept => {
		const found = kept.get(key);
		if (found !== undefined) return found;
		// A pod that is running already was started by the kubelet that was here before us.
		const upAt = pod.status?.phase === "Running" ? clock.now() : clock.now() + options.readyAfterMs;
		const own: Kept = {
			uid: pod.metadata.uid ?? "",
			podIP: pod.status?.podIP ?? addresses.next(),
			upAt,
			endAt: undefined,
			mounted: false,
			running: undefined,
			containers: new Map(),
		};
		kept.set(key, own);
		return own;
	};
	const keptContainer = (own: Kept, name: string): KeptContainer => {
		const found = own.containers.get(name);
		if (found !== undefined) return found;
		const container = { log: createContainerLog(clock), since: undefined, restarts: 0, restartAt: 0 };
		own.containers.set(name, container);
		return container;
	};

	/** A deleted pod: its containers end after a moment, then it goes. Returns how long that takes. */
	const end = async (key: string, pod: Pod): Promise<number | undefined> => {
		const { deletionGracePeriodSeconds: grace = 30 } = pod.metadata;
		const own = kept.get(key);
		const runs = own !== undefined && [...own.containers.values()].some(({ since }) => since !== undefined);
		if (own !== undefined && runs && grace > 0) {
			if (own.endAt === undefined) {
				own.endAt = clock.now() + Math.min(options.endAfterMs, grace * 1000);
				for (const { name } of pod.spec.containers)
					record(pod, { type: "Normal", reason: "Killing", message: `Stopping container ${name}`, container: name });
			}
			if (clock.now() < own.endAt) return own.endAt - clock.now();
		}
		forget(key);
		if (grace !== 0) await cluster.remove(pod, { gracePeriodSeconds: 0 });
		return undefined;
	};

	/** Starts a container unless something keeps it from that; returns its state and after how many ms to look again. */
	const start = async (own: Kept, pod: Pod, container: Container): Promise<Step> => {
		const { name, image = "" } = container;
		const held = keptContainer(own, name);
		const now = clock.now();
		const failure = failureOf(pod, container);
		if (failure === "crash" || failure === "memory") return crash(own, pod, container, held);
		// An annotation that has changed restarts it.
		if (failure === "image" || held.restarts > 0) held.since = undefined;
		if (held.since !== undefined) return { state: { ...RUNNING, since: held.since } };
		const obstacle = await obstacleOf(store, pod, container);
		if (obstacle !== undefined) return block(own, pod, name, obstacle);
		held.since = timestampOf(now);
		held.restarts = 0;
		held.log.write(`started from ${image}; on this machine no program runs in it`);
		const already = `Container image "${image}" already present on machine`;
		record(pod, { type: "Normal", reason: "Pulled", message: already, container: name });
		record(pod, { type: "Normal", reason: "Created", message: `Created container: ${name}`, container: name });
		record(pod, { type: "Normal", reason: "Started", message: `Started container ${name}`, container: name });
		return { state: { ...RUNNING, since: held.since } };
	};

	const block = (own: Kept, pod: Pod, container: string, obstacle: Obstacle): Step => {
		const backsOff = clock.now() >= own.upAt + PULL_BACK_OFF;
		const isPull = obstacle.reason === "ErrImagePull";
		const message = isPull ? `Failed to pull image: ${obstacle.message}` : `Error: ${obstacle.message}`;
		if (!(isPull && backsOff)) record(pod, { type: "Warning", reason: "Failed", message, container });
		const state: ContainerState = { is: "blocked", obstacle, backsOff };
		if (isPull) return { state, ...(!backsOff && { after: own.upAt + PULL_BACK_OFF - clock.now() }) };
		return { state, after: LOOK_AGAIN };
	};

	const crash = (own: Kept, pod: Pod, container: Container, held: KeptContainer): Step => {
		const { name } = container;
		const exit = ENDS[failureOf(pod, container) === "memory" ? "memory" : "crash"];
		const now = clock.now();
		if (held.restarts === 0 || now >= held.restartAt) {
			held.restarts += 1;
			held.restartAt = now + 1000 * backOffSeconds(held.restarts);
			held.since = timestampOf(now);
			held.log.write(`it ends with code ${exit.exitCode}, as its image or the annotation of its pod asks for`);
			const message = `Back-off restarting failed container ${name} in pod ${podId(pod)}`;
			record(pod, { type: "Warning", reason: "BackOff", message, container: name });
		}
		if (isFirst(pod, name)) halt(own);
		const { restarts, since = "" } = held;
		return { state: { is: "crashing", restarts, since, pod: podId(pod), end: exit }, after: held.restartAt - now };
	};

	/** The states of all containers, started in their order. */
	const states = async (own: Kept, pod: Pod): Promise<States> => {
		const containers = new Map<string, ContainerState>();
		const initContainers = new Map<string, ContainerState>();
		const waits: number[] = [];
		const inits = pod.spec.initContainers ?? [];
		const first = inits.length > 0 ? "PodInitializing" : "ContainerCreating";
		if (!own.mounted) {
			for (const { name } of inits) initContainers.set(name, later("PodInitializing"));
			for (const { name } of pod.spec.containers) containers.set(name, later(first));
			return { containers, initContainers, waits };
		}
		let isHeldUp = false;
		for (const container of inits) {
			if (isHeldUp) {
				initContainers.set(container.name, later("PodInitializing"));
				continue;
			}
			const { state, after } = await start(own, pod, container);
			const ended: ContainerState =
				state.is === "running" && !isSidecar(container) ? { is: "completed", since: state.since } : state;
			initContainers.set(container.name, ended);
			if (after !== undefined) waits.push(after);
			isHeldUp = !isDone(ended);
		}
		for (const container of pod.spec.containers) {
			const { state, after } = isHeldUp ? { state: later(first) } : await start(own, pod, container);
			containers.set(container.name, state);
			if (after !== undefined) waits.push(after);
		}
		return { containers, initContainers, waits };
	};

	/** Runs the pod for real while its first container can run, and asks it whether it is ready. */
	const attend = (key: string, own: Kept, pod: Pod, first: ContainerState | undefined) => {
		if (first?.is !== "running") return halt(own);
		const { log } = keptContainer(own, pod.spec.containers[0]?.name ?? "");
		if (own.running === undefined) own.running = runner?.run(pod, () => again(key), log.write) ?? PRETENDED;
		else own.running.update?.(pod);
	};

	const mount = async (own: Kept, pod: Pod): Promise<boolean> => {
		if (own.mounted) return true;
		const problem = await unmountable(store, pod);
		if (problem !== undefined) record(pod, { type: "Warning", reason: "FailedMount", message: problem });
		own.mounted = problem === undefined;
		return own.mounted;
	};

	return {
		stop() {
			for (const key of kept.keys()) forget(key);
		},
		log(pod, container) {
			const held = kept.get(pod)?.containers.get(container);
			return held?.since === undefined ? undefined : held.log;
		},
		async sync(key) {
			const pod = fromCache(cluster.pods, key);
			// Deleted without grace it just vanishes, and another one may have its name already.
			if (kept.get(key)?.uid !== pod?.metadata.uid) forget(key);
			if (!isPod(pod) || !nodes.has(pod.spec.nodeName ?? "")) return undefined;
			if (pod.metadata.deletionTimestamp !== undefined) return end(key, pod);
			if (pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded") return undefined;
			const own = keep(key, pod);
			const { podIP } = own;
			const isUp = clock.now() >= own.upAt;
			const isMounted = isUp && (await mount(own, pod));
			const { containers, initContainers, waits } = await states(own, pod);
			const [firstName = ""] = containers.keys();
			attend(key, own, { ...pod, status: { ...pod.status, podIP } }, containers.get(firstName));
			for (const container of pod.spec.containers) {
				const { name } = container;
				const state = containers.get(name);
				const answers = name !== firstName || (own.running?.isReady() ?? false);
				if (state?.is === "running")
					containers.set(name, { ...state, ready: answers && failureOf(pod, container) !== "unready" });
			}
			const state = { podIP, hostIP, now: cluster.now(), containers, initContainers };
			const status = podStatus(pod, state);
			if (!saysTheSame(status, pod.status)) await cluster.updateStatus({ ...pod, status });
			if (!isUp) return own.upAt - clock.now();
			if (!isMounted) return LOOK_AGAIN;
			return waits.length === 0 ? undefined : Math.max(1, Math.min(...waits));
		},
	};
};

interface Step {
	readonly state: ContainerState;
	readonly after?: number;
}

interface States {
	readonly containers: Map<string, ContainerState>;
	readonly initContainers: Map<string, ContainerState>;
	readonly waits: readonly number[];
}

const later = (reason: "ContainerCreating" | "PodInitializing"): ContainerState => ({ is: "creating", reason });

const RUNNING = { is: "running", ready: true } as const;
const ENDS = { crash: { exitCode: 1, reason: "Error" }, memory: { exitCode: 137, reason: "OOMKilled" } } as const;

const isFirst = (pod: Pod, container: string): boolean => pod.spec.containers[0]?.name === container;

/** Addresses out of 10.244.0.0/16, one after the other, without those that pods have. */
const createAddresses = (cluster: NodeCluster) => {
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
