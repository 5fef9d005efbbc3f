import { expect, test } from "vitest";
import type { Pod, PodStatus } from "../../../devcluster/controllers/workloads/shapes.ts";
import type { ContainerState } from "../../../devcluster/kubelet/containers.ts";
import { isDone, podStatus } from "../../../devcluster/kubelet/pod-status.ts";

const EARLIER = "2026-01-01T00:00:00Z";
const NOW = "2026-01-01T00:01:00Z";
const READY: ContainerState = { is: "running", since: EARLIER, ready: true };
const UNREADY: ContainerState = { is: "running", since: EARLIER, ready: false };
const CREATING: ContainerState = { is: "creating", reason: "ContainerCreating" };
const DONE: ContainerState = { is: "completed", since: EARLIER };
const CRASHING: ContainerState = {
	is: "crashing",
	restarts: 1,
	since: EARLIER,
	pod: "p",
	end: { exitCode: 1, reason: "Error" },
};

const statusOf = (containers: readonly ContainerState[], init: readonly ContainerState[] = [], before?: PodStatus) => {
	const named = (prefix: string, states: readonly ContainerState[]) =>
		states.map((_, index) => ({ name: `${prefix}${index}` }));
	const byName = (prefix: string, states: readonly ContainerState[]) =>
		new Map(states.map((state, index) => [`${prefix}${index}`, state]));
	const pod: Pod = {
		apiVersion: "v1",
		kind: "Pod",
		metadata: { name: "demo", namespace: "default", generation: 3 },
		spec: { containers: named("c", containers), initContainers: named("i", init) },
		...(before && { status: before }),
	};
	return podStatus(pod, {
		podIP: "10.0.0.1",
		hostIP: "127.0.0.1",
		now: NOW,
		containers: byName("c", containers),
		initContainers: byName("i", init),
	});
};
const condition = (status: PodStatus, type: string) => status.conditions?.find((each) => each.type === type);

test.each<[string, ContainerState[], ContainerState[], string, string, string]>([
	["whose containers are ready", [READY, READY], [], "Running", "True", "True"],
	["of which one is not", [READY, UNREADY], [], "Running", "False", "True"],
	["of which one crashes", [READY, CRASHING], [], "Running", "False", "True"],
	["of which one is being created", [READY, CREATING], [], "Pending", "False", "True"],
	["that is initialized", [READY], [DONE, READY], "Running", "True", "True"],
	["that is not", [CREATING], [DONE, CREATING], "Pending", "False", "False"],
])("a pod %s", (_, containers, init, phase, ready, initialized) => {
	const status = statusOf(containers, init);
	expect(status.phase).toBe(phase);
	expect(condition(status, "Ready")?.status).toBe(ready);
	expect(condition(status, "Initialized")?.status).toBe(initialized);
});

test("conditions name the containers, and the generation", () => {
	const status = statusOf([UNREADY, READY, CREATING], [CREATING]);
	expect(condition(status, "Ready")).toMatchObject({
		reason: "ContainersNotReady",
		message: "containers with unready status: [c0 c2]",
		observedGeneration: 3,
	});
	expect(condition(status, "Initialized")?.message).toContain("[i0]");
	expect(status["initContainerStatuses"]).toHaveLength(1);
	expect(statusOf([READY])).not.toHaveProperty("initContainerStatuses");
});

test("times are those of the last change, and what others wrote stays", () => {
	const before: PodStatus = {
		startTime: EARLIER,
		qosClass: "Guaranteed",
		conditions: [
			{ type: "Ready", status: "False", lastTransitionTime: EARLIER },
			{ type: "Initialized", status: "True", lastTransitionTime: EARLIER },
			{ type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI" },
		],
	};
	const status = statusOf([READY], [], before);
	expect(status).toMatchObject({ startTime: EARLIER, qosClass: "Guaranteed" });
	expect(condition(status, "Ready")?.lastTransitionTime).toBe(NOW);
	expect(condition(status, "Initialized")?.lastTransitionTime).toBe(EARLIER);
	expect(condition(status, "DisruptionTarget")).toEqual(before.conditions?.[2]);
});

test.each<[ContainerState, boolean]>([
	[DONE, true],
	[UNREADY, true],
	[CREATING, false],
	[CRASHING, false],
])("the next init container need not wait for %o: %s", (state, done) => {
	expect(isDone(state)).toBe(done);
});
