import type { Condition, Container, Pod, PodStatus } from "../controllers/workloads/shapes.ts";
import { type ContainerState, containerStatus, hasStarted } from "./containers.ts";

// A pod's status, from the states of its containers: phase and conditions as the kubelet derives them.

export interface PodState {
	readonly podIP: string;
	readonly hostIP: string;
	/** RFC 3339. */
	readonly now: string;
	readonly containers: ReadonlyMap<string, ContainerState>;
	readonly initContainers: ReadonlyMap<string, ContainerState>;
}

export const podStatus = (pod: Pod, state: PodState): PodStatus => {
	const { podIP, hostIP, now } = state;
	const startTime = pod.status?.startTime ?? now;
	const states = [...state.containers.values()];
	const unready = [...state.containers].filter(([, own]) => own.is !== "running" || !own.ready).map(([name]) => name);
	const uninitialized = [...state.initContainers].filter(([, own]) => !isDone(own)).map(([name]) => name);
	const { generation } = pod.metadata;
	const observed = generation === undefined ? {} : { observedGeneration: generation };
	const condition = (type: string, holds: boolean, cause = {}): Condition => {
		const status = holds ? "True" : "False";
		const before = pod.status?.conditions?.find((other) => other.type === type);
		const lastTransitionTime = before?.status === status ? (before.lastTransitionTime ?? startTime) : now;
		return { type, status, ...observed, lastTransitionTime, ...(!holds && cause) };
	};
	const own = [
		condition("PodReadyToStartContainers", true),
		condition("Initialized", uninitialized.length === 0, why("ContainersNotInitialized", "incomplete", uninitialized)),
		condition("Ready", unready.length === 0, why("ContainersNotReady", "unready", unready)),
		condition("ContainersReady", unready.length === 0, why("ContainersNotReady", "unready", unready)),
		condition("PodScheduled", true),
	];
	const types = new Set(own.map(({ type }) => type));
	// Other clients write conditions of a pod, too: that its node is drained, for example.
	const foreign = (pod.status?.conditions ?? []).filter(({ type }) => !types.has(type));
	const initStatuses = statuses(pod.spec.initContainers ?? [], state.initContainers);
	return {
		...observed,
		phase: uninitialized.length === 0 && states.every(hasStarted) ? "Running" : "Pending",
		conditions: [...own, ...foreign],
		hostIP,
		hostIPs: [{ ip: hostIP }],
		podIP,
		podIPs: [{ ip: podIP }],
		startTime,
		qosClass: pod.status?.["qosClass"] ?? "BestEffort",
		...(initStatuses.length > 0 && { initContainerStatuses: initStatuses }),
		containerStatuses: statuses(pod.spec.containers, state.containers),
	};
};

const why = (reason: string, what: string, names: readonly string[]) => ({
	reason,
	message: `containers with ${what} status: [${names.join(" ")}]`,
});

const statuses = (containers: readonly Container[], by: ReadonlyMap<string, ContainerState>) =>
	containers.flatMap((container) => {
		const found = by.get(container.name);
		return found === undefined ? [] : [containerStatus(container, found)];
	});

/** An init container that the next one need not wait for. */
export const isDone = ({ is }: ContainerState): boolean => is === "completed" || is === "running";
