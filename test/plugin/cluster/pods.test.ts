import { expect, it } from "vitest";
import { isOver, isPodReady, readySince } from "../../../plugin/cluster/pods.ts";
import { MINUTES_AGO, other, pod } from "../world.ts";

const SET = other("apps/v1", "ReplicaSet", "orders-7f9c", { namespace: "shop", uid: "set" }, {});

it("a pod is ready since the last transition of its condition Ready", () => {
	expect([true, false].map((ready) => isPodReady(pod("orders", SET, { ready })))).toEqual([true, false]);
	expect(readySince(pod("orders", SET))).toBe(MINUTES_AGO);
});

it("a failed pod is over, and its workload creates another one", () => {
	expect(["Failed", "Running"].map((phase) => isOver(pod("orders", SET, { phase })))).toEqual([true, false]);
});

it("another object is no pod", () => {
	expect([isPodReady(SET), isOver(SET), readySince(SET)]).toEqual([false, false, undefined]);
});
