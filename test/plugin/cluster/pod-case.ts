import { viewOf } from "../../../plugin/cluster/cluster-view.ts";
import { podTrouble } from "../../../plugin/cluster/pod-trouble.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { event, NOW, other, pod } from "../world.ts";

// A pod in trouble. Reasons and fields decide: the tests use other messages than Kubernetes has, and find the same.

const SET = other("apps/v1", "ReplicaSet", "orders-7f9c", { namespace: "shop", uid: "set" }, {});
export const CLAIM = {
	apiVersion: "v1",
	kind: "PersistentVolumeClaim",
	metadata: { name: "data-0", namespace: "shop" },
};
const CONTAINER = {
	name: "runner",
	env: [{ name: "URL", valueFrom: { secretKeyRef: { name: "redis-credentials", key: "url" } } }],
	envFrom: [{ configMapRef: { name: "orders-config" } }],
};
export const MOUNTS = {
	containers: [CONTAINER],
	volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data-0" } }],
};

/** The problem of a pod of the ReplicaSet, with an event on the pod or on another object. */
export const troubleOf = (
	state: Parameters<typeof pod>[2],
	about?: readonly [object: KubeObject | "pod", reason: string, message: string],
) => {
	const orders = pod("orders-7f9c-x", SET, { phase: "Pending", spec: MOUNTS, ...state });
	const events = about === undefined ? [] : [event(about[0] === "pod" ? orders : about[0], about[1], about[2])];
	return podTrouble(orders, viewOf({ objects: [orders], events, now: NOW }));
};
export const unscheduled = (message: string, claim?: readonly [KubeObject, string, string]) =>
	troubleOf({ conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }] }, claim);
