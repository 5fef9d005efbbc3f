import { describe, expect, it } from "vitest";
import { podTrouble } from "../../../plugin/cluster/pods.ts";
import { viewOf } from "../../../plugin/cluster/view.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { event, NOW, other, pod, waiting } from "../world.ts";

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
		expect(unscheduled("pod has unbound immediate PersistentVolumeClaims")).toMatchObject({ remedy: "scheduling" });
	});

	it.each([
		["FailedMount", "volume"],
		["FailedAttachVolume", "volume"],
		["FailedCreatePodSandBox", "node"],
	])("follows from the reason %s of an event", (reason, remedy) => {
		expect(troubleOf({}, ["pod", reason, "words"])).toMatchObject({ word: reason, remedy });
	});
});
