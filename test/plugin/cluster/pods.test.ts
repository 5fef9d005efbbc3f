import { describe, expect, it } from "vitest";
import { podTrouble } from "../../../plugin/cluster/pods.ts";
import { viewOf } from "../../../plugin/cluster/view.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { event, HOURS_AGO, NOW, other, pod, waiting } from "../world.ts";

// What helps a pod follows from reasons and fields. Kubernetes' sentences are its own to change: in other words, the same is found.

const SET = other("apps/v1", "ReplicaSet", "orders-7f9c", { namespace: "shop", uid: "set" }, {});
const CLAIM = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data-0", namespace: "shop" } };
const CONTAINER = {
	name: "runner",
	env: [{ name: "URL", valueFrom: { secretKeyRef: { name: "redis-credentials", key: "url" } } }],
	envFrom: [{ configMapRef: { name: "orders-config" } }],
};
const MOUNTS = { containers: [CONTAINER], volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data-0" } }] };

const troubleOf = (
	state: Parameters<typeof pod>[2],
	about?: readonly [object: KubeObject | "pod", reason: string, message: string],
) => {
	const orders = pod("orders-7f9c-x", SET, { phase: "Pending", spec: MOUNTS, ...state });
	const events = about === undefined ? [] : [event(about[0] === "pod" ? orders : about[0], about[1], about[2])];
	return podTrouble(orders, viewOf({ objects: [orders], events, now: NOW }));
};
const config = (message: string) =>
	troubleOf({ containers: [{ name: "runner", state: waiting("CreateContainerConfigError", message) }] });
const unscheduled = (message: string, claim?: readonly [KubeObject, string, string]) =>
	troubleOf({ conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }] }, claim);

describe("the remedy of a pod", () => {
	it.each([
		['secret "redis-credentials" not found', { kind: "Secret", name: "redis-credentials" }],
		["there is nothing called redis-credentials here", { kind: "Secret", name: "redis-credentials" }],
		[
			"couldn't find key url in Secret shop/redis-credentials",
			{ kind: "Secret", name: "redis-credentials", key: "url" },
		],
		["redis-credentials lacks url", { kind: "Secret", name: "redis-credentials", key: "url" }],
		['configmap "orders-config" not found', { kind: "ConfigMap", name: "orders-config" }],
		["something that the pod does not name", undefined],
	])("names the object of its spec that is meant by: %s", (message, lacks) => {
		expect(config(message)).toMatchObject({ remedy: "config", word: "CreateContainerConfigError" });
		expect(config(message)?.lacks).toEqual(lacks);
	});

	it.each(["ProvisioningFailed", "FailedBinding"])("is that of its claim, if an event %s says so", (reason) => {
		const claim = [CLAIM, reason, "in whatever words"] as const;
		expect(unscheduled("no node, in whatever words", claim)).toMatchObject({ remedy: "claim" });
	});

	it("is that of nodes, if nothing is known of its claims", () => {
		expect(unscheduled("Insufficient cpu")).toMatchObject({ remedy: "scheduling" });
	});

	it.each([
		["pod has unbound immediate PersistentVolumeClaims. not found", "Unbound"],
		["1 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use", "InUse"],
	])("is that of its only claim, if the scheduler speaks of one: %s", (message, word) => {
		expect(unscheduled(message)).toMatchObject({ remedy: "claim", claim: { name: "data-0", word } });
	});

	it("is not that of a claim that has got its volume since", () => {
		const asked = [CLAIM, "ExternalProvisioning", "in whatever words"] as const;
		expect(unscheduled("Insufficient cpu", asked)).toMatchObject({ remedy: "scheduling" });
	});

	it.each(["container's runAsUser breaks non-root policy", "container has runAsNonRoot and image will run as root"])(
		"is its user, if the kubelet accepts none such: %s",
		(message) => {
			expect(config(message)).toMatchObject({ remedy: "user", word: "CreateContainerConfigError" });
		},
	);

	it("is not its log, if its program was not started", () => {
		const ended = { exitCode: 128, reason: "StartError", message: 'exec: "/runner": no such file or directory' };
		const state = waiting("CrashLoopBackOff", "back-off 5m0s restarting failed container");
		const containers = [{ name: "runner", restartCount: 4, state, lastState: { terminated: ended } }];
		const found = troubleOf({ containers });
		expect(found).toMatchObject({ remedy: "start", word: "StartError" });
		expect(found?.logs).toBeUndefined();
	});

	it("is that of whoever holds it, once a finalizer keeps it beyond its grace period", () => {
		const going = (deletionTimestamp: string) =>
			troubleOf({ metadata: { deletionTimestamp, finalizers: ["example.com/hold"] } })?.word;
		expect(going(HOURS_AGO)).toBe("Finalizers");
		expect(going("2099-01-01T00:00:00Z")).toBe("Terminating");
	});

	it("is its probe, if that is a startup probe", () => {
		const containers = [{ name: "runner", state: { running: { startedAt: HOURS_AGO } } }];
		const told = ["pod", "Unhealthy", "Startup probe failed: statuscode: 404"] as const;
		expect(troubleOf({ phase: "Running", containers }, told)).toMatchObject({ remedy: "probe", word: "NotReady" });
	});

	it("is that of nodes, if the scheduler speaks of several claims", () => {
		const volumes = ["data-0", "data-1"].map((claimName) => ({
			name: claimName,
			persistentVolumeClaim: { claimName },
		}));
		const message = "pod has unbound immediate PersistentVolumeClaims";
		const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }];
		expect(troubleOf({ spec: { ...MOUNTS, volumes }, conditions })).toMatchObject({ remedy: "scheduling" });
	});

	it.each([
		["FailedMount", "volume"],
		["FailedAttachVolume", "volume"],
		["FailedCreatePodSandBox", "node"],
	])("follows from the reason %s of an event", (reason, remedy) => {
		expect(troubleOf({}, ["pod", reason, "words"])).toMatchObject({ word: reason, remedy });
	});
});

describe("a pod in trouble", () => {
	const POD = { containers: [{ name: "runner" }] };
	const ended = (exitCode: number, reason = "Error") => ({
		containers: [
			{
				name: "runner",
				restartCount: 3,
				state: waiting("CrashLoopBackOff"),
				lastState: { terminated: { exitCode, reason } },
			},
		],
	});

	it("is killed by a probe that fails, not by its own fault", () => {
		const liveness = ["pod", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500"] as const;
		expect(troubleOf(ended(137), liveness)).toMatchObject({
			word: "CrashLoopBackOff",
			says: "container runner fails its liveness probe, and is killed, restarted 3 times: HTTP probe failed with statuscode: 500",
			remedy: "probe",
		});
		expect(troubleOf(ended(143), ["pod", "Unhealthy", "Startup probe failed: dial tcp"])).toMatchObject({
			remedy: "probe",
		});
		expect(troubleOf(ended(1), liveness)).toMatchObject({ remedy: "logs" });
		expect(troubleOf(ended(137), ["pod", "Unhealthy", "Readiness probe failed: no"])).toMatchObject({ remedy: "logs" });
		expect(troubleOf(ended(137, "OOMKilled"), liveness)).toMatchObject({ word: "OOMKilled", remedy: "resources" });
	});

	it("runs, and does not pass the probe that the event names", () => {
		const running = { containers: [{ name: "runner", state: { running: { startedAt: NOW } } }] };
		expect(troubleOf(running, ["pod", "Unhealthy", "Startup probe failed: not yet"])?.says).toBe(
			"container runner runs, but fails its startup probe: not yet",
		);
	});

	it("lacks the Secret for the registry", () => {
		const spec = { ...POD, imagePullSecrets: [{ name: "regcred" }] };
		const state = { spec, containers: [{ name: "runner", image: "a/b:1", state: waiting("ImagePullBackOff") }] };
		const unread = ["pod", "FailedToRetrieveImagePullSecret", "Unable to retrieve some image pull secrets (regcred)"];
		expect(troubleOf(state, unread as never)).toMatchObject({
			remedy: "image",
			lacks: { kind: "Secret", name: "regcred" },
		});
		expect(troubleOf(state)?.lacks).toBeUndefined();
	});

	it("waits for an init container that does not end", () => {
		const state = (startedAt: string) => ({
			spec: POD,
			status: { initContainerStatuses: [{ name: "load", ready: false, state: { running: { startedAt } } }] },
			containers: [{ name: "runner", state: waiting("PodInitializing") }],
		});
		expect(troubleOf(state(HOURS_AGO))).toMatchObject({ word: "PodInitializing", container: "load", remedy: "logs" });
		expect(troubleOf(state(NOW))).toMatchObject({ remedy: "wait" });
	});

	it("waits for whoever removes its scheduling gates", () => {
		const conditions = [{ type: "PodScheduled", status: "False", reason: "SchedulingGated", message: "blocked" }];
		expect(
			troubleOf({ spec: { ...POD, schedulingGates: [{ name: "kueue.x-k8s.io/topology" }] }, conditions }),
		).toMatchObject({
			word: "SchedulingGated",
			remedy: "gate",
			says: "it is not scheduled until other controllers remove its scheduling gates: kueue.x-k8s.io/topology",
		});
	});

	it("was not taken by its node: it has no log", () => {
		const status = { reason: "OutOfcpu", message: "Pod was rejected: Node didn't have enough resource: cpu" };
		expect(troubleOf({ phase: "Failed", status })).toMatchObject({ word: "OutOfcpu", remedy: "scheduling" });
	});

	it.each([
		['MountVolume.SetUp failed for volume "certs" : references non-existent secret key: tls.crt', "tls.crt"],
		['MountVolume.SetUp failed for volume "certs" : secret "orders-tls" not found', undefined],
	])("lacks what a volume is made of: %s", (message, key) => {
		const items = [{ key: "tls.crt", path: "tls.crt" }];
		const spec = { ...POD, volumes: [{ name: "certs", secret: { secretName: "orders-tls", items } }] };
		expect(troubleOf({ spec }, ["pod", "FailedMount", message])?.lacks).toEqual({
			kind: "Secret",
			name: "orders-tls",
			...(key !== undefined && { key }),
		});
	});

	it.each([
		['0/3 nodes are available: persistentvolumeclaim "data-0" is being deleted.', "Terminating"],
		['0/3 nodes are available: persistentvolumeclaim "data-0" not found.', "NotFound"],
		["0/3 nodes are available: 3 node(s) had volume node affinity conflict.", "NodeAffinityConflict"],
		["0/3 nodes are available: 3 node(s) didn't match PersistentVolume's node affinity.", "NodeAffinityConflict"],
	])("waits for its claim: %s", (message, word) => {
		expect(unscheduled(message)).toMatchObject({ remedy: "claim", claim: { name: "data-0", word } });
	});

	it("waits for a provisioner that does not come, and not for one that was only just asked", () => {
		const asked = [CLAIM, "ExternalProvisioning", "Waiting for a volume to be created"] as const;
		const unplaced = { spec: { ...MOUNTS, nodeName: undefined } };
		expect(troubleOf(unplaced, asked)).toMatchObject({ remedy: "claim", claim: { word: "ExternalProvisioning" } });
		const young = { ...unplaced, metadata: { creationTimestamp: NOW } };
		expect(troubleOf(young, asked)).toMatchObject({ remedy: "wait" });
	});
});
