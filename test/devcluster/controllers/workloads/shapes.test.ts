import { expect, test } from "vitest";
import {
	isActive,
	isDeployment,
	isPod,
	isReady,
	isReplicaSet,
	isService,
	isStatefulSet,
	type Pod,
} from "../../../../devcluster/controllers/workloads/shapes.ts";
import type { KubeObject } from "../../../../schemas/common.ts";

const pod = (status?: Pod["status"], deletionTimestamp?: string): Pod => ({
	apiVersion: "v1",
	kind: "Pod",
	metadata: { name: "demo", ...(deletionTimestamp !== undefined && { deletionTimestamp }) },
	spec: { containers: [] },
	...(status && { status }),
});

test("each kind is told by its name", () => {
	const checks = {
		Pod: isPod,
		ReplicaSet: isReplicaSet,
		Deployment: isDeployment,
		StatefulSet: isStatefulSet,
		Service: isService,
	};
	for (const [kind, isKind] of Object.entries(checks)) {
		const of = (name: string): KubeObject => ({ apiVersion: "v1", kind: name, metadata: { name: "demo" } });
		expect(Object.keys(checks).filter((name) => isKind(of(name)))).toEqual([kind]);
		expect(isKind(undefined)).toBe(false);
	}
});

test.each<[Pod["status"], boolean]>([
	[undefined, false],
	[{ conditions: [] }, false],
	[{ conditions: [{ type: "Ready", status: "False" }] }, false],
	[{ conditions: [{ type: "Initialized", status: "True" }] }, false],
	[
		{
			conditions: [
				{ type: "Initialized", status: "False" },
				{ type: "Ready", status: "True" },
			],
		},
		true,
	],
])("a pod with the status %o is ready: %s", (status, ready) => {
	expect(isReady(pod(status))).toBe(ready);
});

test.each<[Pod["status"], string | undefined, boolean]>([
	[undefined, undefined, true],
	[{ phase: "Running" }, undefined, true],
	[{ phase: "Failed" }, undefined, false],
	[{ phase: "Succeeded" }, undefined, false],
	[{ phase: "Running" }, "2026-01-01T00:00:00Z", false],
])("a pod with the status %o, deleted at %s, counts: %s", (status, deletionTimestamp, active) => {
	expect(isActive(pod(status, deletionTimestamp))).toBe(active);
});
