import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually, pause } from "./installed.ts";
import { type Line, METACONTROLLER, startLine } from "./line.ts";

// Counts of pods on the real control plane: autoscalers that act on nothing at zero, and scaling that replaces no pod.

const TIMEOUT = 150_000;
const NAMESPACE = "sc";

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe("scaling", () => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine({
			name: "local",
			metacontroller: METACONTROLLER,
			environment: { PRISM_DEFAULT_REQUESTS: "none" },
		});
		for (const name of ["c08-scaling", "c08b-shard-zero"])
			for (const { object } of readManifests(join(import.meta.dirname, `cases/${name}.yaml`)))
				if (object.metadata.namespace !== undefined) await line.apply(object);
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const shard = (name: string, spec: Record<string, unknown>): KubeObject => ({
		apiVersion: "prism.io/v1alpha1",
		kind: "PrismShard",
		metadata: { name, namespace: NAMESPACE },
		spec: { backends: ["postgres"], ...spec },
	});
	const replicasOf = async (kind: string, name: string) =>
		valueAt((await line.get(kind, name, NAMESPACE))["spec"], "replicas");
	const revisionOf = async (kind: string, name: string) => {
		const { metadata, status } = await line.get(kind, name, NAMESPACE);
		return metadata.annotations?.["deployment.kubernetes.io/revision"] ?? valueAt(status, "updateRevision");
	};

	it("brings what is at zero to where its autoscaler acts", { timeout: TIMEOUT }, async () => {
		await line.untilReady("PatternRunner", "hpa", NAMESPACE);
		expect(await replicasOf("Deployment", "hpa")).toBe(3);
		await line.edit("Deployment", "hpa", (spec) => ({ ...spec, replicas: 0 }), NAMESPACE);
		await eventually(async () => expect(await replicasOf("Deployment", "hpa")).toBe(3), 30);
		await line.untilReady("PatternRunner", "hpa", NAMESPACE);
		const autoscaling = { minReplicas: 2, maxReplicas: 4, targetRPS: 100 };
		await line.edit("PrismShard", "sz", (spec) => ({ ...spec, autoscaling }), NAMESPACE);
		await eventually(async () => expect(await replicasOf("StatefulSet", "prism-sz")).toBe(2), 30);
		await line.untilReady("PrismShard", "sz", NAMESPACE);
	});

	it("warns of an autoscaler that can't act", { timeout: TIMEOUT }, async () => {
		for (const { object } of readManifests(join(import.meta.dirname, "cases/c36-hpa-norequests.yaml")))
			await line.apply({ ...object, metadata: { ...object.metadata, namespace: NAMESPACE } });
		await eventually(async () => {
			const warning = conditionOf(await line.get("PatternRunner", "noreq", NAMESPACE), "Warning");
			expect(warning?.message).toContain("they request no cpu");
			expect(warning?.message).toContain("HorizontalPodAutoscaler noreq does not scale: FailedGetResourceMetric");
		}, 60);
	});

	it("tells what pods wait for that can't be created, scheduled or rolled out", { timeout: TIMEOUT }, async () => {
		const told = (kind: string, name: string, says: string) =>
			eventually(async () => {
				const ready = conditionOf(await line.get(kind, name, NAMESPACE), "Ready");
				expect(`${ready?.status} ${ready?.reason}: ${ready?.message}`).toContain(`False ${says}`);
			}, 60);
		await told("PatternRunner", "prio", "ReplicaFailure: Deployment prio can't create its pods: pods \"prio-");
		await told("PrismShard", "prio", "ReplicaFailure: StatefulSet prism-prio can't create its pods");
		await told("PrismShard", "nosc", "VolumeUnavailable: StatefulSet prism-nosc waits for a volume: ");
		const ready = conditionOf(await line.get("PrismShard", "nosc", NAMESPACE), "Ready");
		expect(ready?.message).toContain("data-prism-nosc-0 is not bound: storage class not-there does not exist");
		await line.edit("Deployment", "paused", (spec) => ({ ...spec, paused: true }), NAMESPACE);
		await line.edit("PatternRunner", "paused", (spec) => ({ ...spec, image: "example.com/runner:2" }), NAMESPACE);
		await told("PatternRunner", "paused", "RolloutHeld: Deployment paused is not rolled out: spec.paused is true");
		const stack = await line.untilReady("PrismStack", "stz", NAMESPACE);
		expect(conditionOf(stack, "Ready")?.reason).toBe("StackReady");
	});

	it("is Ready at zero where zero is wanted", { timeout: TIMEOUT }, async () => {
		const runner = await line.untilReady("PatternRunner", "zero", NAMESPACE);
		expect(conditionOf(runner, "Ready")?.reason).toBe("ScaledToZero");
	});

	it("replaces no pod", { timeout: TIMEOUT }, async () => {
		await line.untilReady("PatternRunner", "ownhpa", NAMESPACE);
		const before = await revisionOf("Deployment", "ownhpa");
		for (const replicas of [3, 1]) {
			await line.edit("PatternRunner", "ownhpa", (spec) => ({ ...spec, replicas }), NAMESPACE);
			await eventually(async () => expect(await replicasOf("Deployment", "ownhpa")).toBe(replicas), 30);
			await line.untilReady("PatternRunner", "ownhpa", NAMESPACE);
		}
		expect(await revisionOf("Deployment", "ownhpa")).toBe(before);
	});

	it("starts a StatefulSet that is made again at the size that it had", { timeout: TIMEOUT }, async () => {
		const autoscaling = { minReplicas: 1, maxReplicas: 6, targetRPS: 100 };
		await line.apply(shard("again", { autoscaling }));
		await line.untilReady("PrismShard", "again", NAMESPACE);
		await line.edit("StatefulSet", "prism-again", (spec) => ({ ...spec, replicas: 4 }), NAMESPACE);
		await eventually(async () => {
			expect((await line.get("PrismShard", "again", NAMESPACE))["status"]).toMatchObject({
				replicas: 4,
				readyReplicas: 4,
			});
		}, 60);
		const { metadata } = await line.get("StatefulSet", "prism-again", NAMESPACE);
		const options = { propagationPolicy: "Background" } as const;
		await line.cluster.store.delete(await line.resource("StatefulSet"), NAMESPACE, "prism-again", options);
		await eventually(async () => {
			const made = await line.get("StatefulSet", "prism-again", NAMESPACE);
			expect(made.metadata.uid).not.toBe(metadata.uid);
			expect(valueAt(made["spec"], "replicas")).toBe(4);
		}, 30);
	});

	it("says that a count is without effect, and keeps the count when it is no longer autoscaled", {
		timeout: TIMEOUT,
	}, async () => {
		const autoscaling = { minReplicas: 1, maxReplicas: 6, targetRPS: 100 };
		for (const name of ["kept", "set"]) {
			await line.apply(shard(name, { autoscaling, replicas: 1 }));
			await line.untilReady("PrismShard", name, NAMESPACE);
			await line.edit("StatefulSet", `prism-${name}`, (spec) => ({ ...spec, replicas: 3 }), NAMESPACE);
		}
		const warning = async (name: string) =>
			conditionOf(await line.get("PrismShard", name, NAMESPACE), "Warning")?.message ?? "";
		await line.edit("PrismShard", "set", (spec) => ({ ...spec, replicas: 2 }), NAMESPACE);
		await eventually(
			async () => expect(await warning("set")).toContain("spec.replicas was set to 2, without effect"),
			30,
		);
		expect(await replicasOf("StatefulSet", "prism-set")).toBe(3);
		await eventually(async () => {
			const { status } = await line.get("PrismShard", "kept", NAMESPACE);
			expect(status).toMatchObject({ replicas: 3, readyReplicas: 3 });
		}, 60);
		for (const name of ["kept", "set"])
			await line.edit("PrismShard", name, ({ autoscaling: _autoscaling, ...spec }) => spec, NAMESPACE);
		await eventually(async () => expect(await replicasOf("StatefulSet", "prism-set")).toBe(2), 30);
		await eventually(async () => expect(await warning("kept")).toContain("3 pods are kept from the autoscaling"), 30);
		expect(await replicasOf("StatefulSet", "prism-kept")).toBe(3);
		await line.edit("PrismShard", "kept", (spec) => ({ ...spec, replicas: 2 }), NAMESPACE);
		await eventually(async () => expect(await replicasOf("StatefulSet", "prism-kept")).toBe(2), 30);
	});

	it("warns of somebody else's autoscaler", { timeout: TIMEOUT }, async () => {
		await line.untilReady("PatternRunner", "ownhpa", NAMESPACE);
		await line.apply({
			apiVersion: "autoscaling/v2",
			kind: "HorizontalPodAutoscaler",
			metadata: { name: "theirs", namespace: NAMESPACE },
			spec: {
				scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "ownhpa" },
				minReplicas: 3,
				maxReplicas: 5,
				metrics: [
					{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
				],
			},
		});
		const says = "Deployment ownhpa: another client changes spec.replicas, and the operator reverts it";
		const saysSo = async () => {
			const runner = await line.get("PatternRunner", "ownhpa", NAMESPACE);
			expect(conditionOf(runner, "Warning")?.message ?? "").toContain(says);
		};
		await eventually(saysSo, 60);
		// It stays, although the count is observed as it was sent in between. A sync with an older status, from a cache that was
		// behind, forgets it until the autoscaler's next change, at most 15 s later.
		await pause(5000);
		await eventually(saysSo, 20);
	});
});
