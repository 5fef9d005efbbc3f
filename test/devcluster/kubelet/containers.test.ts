import { describe, expect, test } from "vitest";
import type { Pod } from "../../../devcluster/controllers/workloads/shapes.ts";
import {
	backOffSeconds,
	type ContainerState,
	containerStatus,
	FAIL,
	failureOf,
	hasStarted,
	IMAGE_USER,
	isSidecar,
	obstacleOf,
	podId,
} from "../../../devcluster/kubelet/containers.ts";
import { createMemoryStore } from "../../../devcluster/memory/memory.ts";
import { createManualClock } from "../../clock.ts";

const NOW = "2026-01-01T00:00:00Z";
const FIRST = { name: "first", image: "app:1" };
const SECOND = { name: "second", image: "app:1" };

const pod = (annotations: Record<string, string> = {}, spec: Partial<Pod["spec"]> = {}): Pod => ({
	apiVersion: "v1",
	kind: "Pod",
	metadata: { name: "demo", namespace: "default", uid: "u", annotations },
	spec: { containers: [FIRST, SECOND], ...spec },
});

test.each([
	[FIRST, {}, undefined],
	[{ name: "first" }, {}, undefined],
	[{ ...FIRST, image: "registry:5000/app" }, {}, undefined],
	[{ ...FIRST, image: "registry:5000/app:broken" }, {}, "image"],
	[{ ...SECOND, image: "app:crashing" }, {}, "crash"],
	[{ ...SECOND, image: "app:starving" }, {}, "memory"],
	[FIRST, { [FAIL]: "unready" }, "unready"],
	[SECOND, { [FAIL]: "unready" }, undefined],
	[FIRST, { [FAIL]: "otherwise" }, undefined],
	[{ ...FIRST, image: "app:broken" }, { [FAIL]: "crash" }, "crash"],
])("%o in a pod with %o fails by %s", (container, annotations, failure) => {
	expect(failureOf(pod(annotations), container)).toBe(failure);
});

describe("what keeps a container from being started", () => {
	const reasonOf = async (made: Pod, container: object = FIRST) =>
		(await obstacleOf(createMemoryStore({ clock: createManualClock(), kinds: [] }), made, { ...FIRST, ...container }))
			?.reason;

	test.each([
		["nothing", {}, undefined],
		["its image", { image: "app:broken" }, "ErrImagePull"],
		["a missing Secret", { envFrom: [{ secretRef: { name: "none" } }] }, "CreateContainerConfigError"],
		["an optional one does not", { envFrom: [{ secretRef: { name: "none", optional: true } }] }, undefined],
	])("%s", async (_, container, reason) => {
		expect(await reasonOf(pod(), container)).toBe(reason);
	});

	const nonRoot = { runAsNonRoot: true };
	test.each<[string, string | undefined, object, object, boolean]>([
		["a number of the image", undefined, nonRoot, {}, false],
		["another number of the image", "1000", nonRoot, {}, false],
		["root by number", "0", nonRoot, {}, true],
		["root by name", "root", nonRoot, {}, true],
		["no user", "", nonRoot, {}, true],
		["a name, which can't be verified", "nobody", nonRoot, {}, true],
		["a name, and a number of the pod", "nobody", { ...nonRoot, runAsUser: 5 }, {}, false],
		["a name, and a number of the container", "nobody", nonRoot, { runAsUser: 5 }, false],
		["root of the pod", undefined, { ...nonRoot, runAsUser: 0 }, {}, true],
		["root of the pod, and another of the container", undefined, { ...nonRoot, runAsUser: 0 }, { runAsUser: 5 }, false],
		["a container that need not be non-root", "root", nonRoot, { runAsNonRoot: false }, false],
		["root, if it is allowed", "root", {}, {}, false],
	])("with runAsNonRoot: %s", async (_, user, ofPod, ofContainer, isForbidden) => {
		const made = pod(user === undefined ? {} : { [IMAGE_USER]: user }, { securityContext: ofPod });
		expect(await reasonOf(made, { securityContext: ofContainer })).toBe(
			isForbidden ? "CreateContainerConfigError" : undefined,
		);
	});
});

test.each([
	[1, 10],
	[2, 20],
	[5, 160],
	[6, 300],
	[60, 300],
])("after %d crashes the next start is in %d s", (restarts, seconds) => {
	expect(backOffSeconds(restarts)).toBe(seconds);
});

const pull = { reason: "ErrImagePull", message: "m" } as const;
const config = { reason: "CreateContainerConfigError", message: "m" } as const;
const crashing: ContainerState = {
	is: "crashing",
	restarts: 4,
	since: NOW,
	pod: "p",
	end: { exitCode: 137, reason: "OOMKilled" },
};

test.each<[ContainerState, object, boolean]>([
	[
		{ is: "creating", reason: "PodInitializing" },
		{ ready: false, imageID: "", state: { waiting: { reason: "PodInitializing" } } },
		false,
	],
	[{ is: "blocked", obstacle: pull, backsOff: false }, { state: { waiting: { reason: "ErrImagePull" } } }, false],
	[{ is: "blocked", obstacle: pull, backsOff: true }, { state: { waiting: { reason: "ImagePullBackOff" } } }, false],
	[
		{ is: "blocked", obstacle: config, backsOff: true },
		{ state: { waiting: { reason: "CreateContainerConfigError" } } },
		false,
	],
	[
		{ is: "running", since: NOW, ready: false },
		{ ready: false, started: true, state: { running: { startedAt: NOW } } },
		true,
	],
	[{ is: "running", since: NOW, ready: true }, { ready: true, imageID: "local/app:1" }, true],
	[
		{ is: "completed", since: NOW },
		{ ready: true, state: { terminated: { exitCode: 0, reason: "Completed" } } },
		false,
	],
	[
		crashing,
		{
			ready: false,
			restartCount: 4,
			state: {
				waiting: { reason: "CrashLoopBackOff", message: "back-off 1m20s restarting failed container=first pod=p" },
			},
			lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } },
		},
		true,
	],
])("the status of a container in the state %o", (state, status, started) => {
	expect(containerStatus(FIRST, state)).toMatchObject({ name: "first", image: "app:1", ...status });
	expect(hasStarted(state)).toBe(started);
});

test("a pod is called by name, namespace and uid; a sidecar is one that is always restarted", () => {
	expect(podId(pod())).toBe("demo_default(u)");
	const sidecar = { ...FIRST, restartPolicy: "Always" };
	expect([sidecar, FIRST].map(isSidecar)).toEqual([true, false]);
});
