import { describe, expect, it } from "vitest";
import { podHold } from "../../kube/foreign-fields.ts";
import { statefulSetRollout } from "../../kube/rollout.ts";
import type { KubeObject } from "../../schemas/common.ts";

const set = (status: Record<string, unknown>): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "StatefulSet",
	metadata: { name: "a" },
	spec: { replicas: 3 },
	status: { replicas: 3, ...status },
});
const changed = { currentRevision: "1", updateRevision: "2" };
const reverted = { currentRevision: "1", updateRevision: "1" };

describe("pods of an older revision that are left in place", () => {
	it.each([
		{ reason: "nothing is rolled out", status: { ...reverted, updatedReplicas: 3, readyReplicas: 2 }, unready: [2] },
		{ reason: "the first new pod starts", status: { ...changed, updatedReplicas: 1, readyReplicas: 2 }, unready: [2] },
		{ reason: "a single new pod starts", status: { ...changed, updatedReplicas: 3, readyReplicas: 0 }, unready: [0] },
		{
			reason: "a broken pod after a change",
			status: { ...changed, updatedReplicas: 0, readyReplicas: 2 },
			unready: [2],
			kept: [2],
		},
		{
			reason: "all were broken before the change",
			status: { ...changed, updatedReplicas: 0, readyReplicas: 0 },
			unready: [0, 1, 2],
			kept: [0, 1, 2],
		},
		{
			reason: "a pod that was broken before the change, below a new one",
			status: { ...changed, updatedReplicas: 1, readyReplicas: 1 },
			unready: [0],
			kept: [0],
		},
		{
			reason: "a new pod starts above a broken one",
			status: { ...changed, updatedReplicas: 1, readyReplicas: 1 },
			unready: [0, 2],
		},
		{
			reason: "a broken pod after a revert",
			status: { ...reverted, updatedReplicas: 2, readyReplicas: 2 },
			unready: [2],
			kept: [2],
		},
		{
			reason: "the old pod is on its way out",
			status: { ...changed, updatedReplicas: 0, readyReplicas: 2 },
			unready: [2],
			terminating: 2,
		},
		{ reason: "endpoints that lag behind", status: { ...changed, updatedReplicas: 0, readyReplicas: 2 }, unready: [] },
	])("$kept: $reason", ({ status, unready, kept, terminating }) => {
		const observed = set(status);
		const pods = [0, 1, 2].map((index) => ({
			name: `a-${index}`,
			ready: !unready.includes(index),
			terminating: index === terminating,
		}));
		const hold = kept && { by: "pods", pods: kept.map((index) => `a-${index}`) };
		expect(podHold(statefulSetRollout(observed, observed, "hash"), pods)).toEqual(hold);
	});
});
