import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isRecord } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { eventually, pause } from "./installed.ts";
import { LINES, type Line, RESYNC_SECONDS, startLine } from "./line.ts";

// Runners that KEDA scales, where the installation has it. Its kind is here, and nobody who acts on it: what an autoscaler
// does to a Deployment the test does itself.

const SCALED_OBJECT: KubeObject = {
	apiVersion: "apiextensions.k8s.io/v1",
	kind: "CustomResourceDefinition",
	metadata: { name: "scaledobjects.keda.sh" },
	spec: {
		group: "keda.sh",
		scope: "Namespaced",
		names: { kind: "ScaledObject", listKind: "ScaledObjectList", plural: "scaledobjects", singular: "scaledobject" },
		versions: [
			{
				name: "v1alpha1",
				served: true,
				storage: true,
				schema: {
					openAPIV3Schema: {
						type: "object",
						properties: { spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
					},
				},
			},
		],
	},
};

describe.each(LINES)("KEDA: $line", (options) => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine({ ...options, features: { keda: true }, definitions: [SCALED_OBJECT] });
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const scaled = (autoscaling?: unknown) =>
		line.apply({
			apiVersion: "prism.io/v1alpha1",
			kind: "PatternRunner",
			metadata: { name: "scaled" },
			spec: { pattern: "queue", backend: "memstore", replicas: 3, ...(autoscaling !== undefined && { autoscaling }) },
		});
	const replicas = async () => {
		const { spec } = await line.get("Deployment", "scaled");
		return isRecord(spec) ? spec["replicas"] : undefined;
	};
	const scaleTo = async (count: number) => {
		await line.edit("Deployment", "scaled", (spec) => ({ ...spec, replicas: count }));
		await pause(1.5 * RESYNC_SECONDS * 1000);
		expect(await replicas()).toBe(count);
	};
	const scalers = async (): Promise<string[]> => {
		const kinds = ["HorizontalPodAutoscaler", "ScaledObject"];
		const found = await Promise.all(kinds.map((kind) => line.get(kind, "scaled").then(...settled(kind))));
		return found.flat();
	};
	const settled = (kind: string) => [() => [kind], () => []] as const;

	it("takes over from the HPA, hands back and switches off, and the count of pods never jumps", {
		timeout: 120_000,
	}, async () => {
		const bounds = { minReplicas: 2, maxReplicas: 10 };
		const hpa = { ...bounds, targetCPUUtilizationPercentage: 80 };
		const keda = {
			...bounds,
			scaler: "keda",
			pollingInterval: 15,
			cooldownPeriod: 120,
			triggers: [
				{
					type: "nats-jetstream",
					metadata: { stream: "orders", lagThreshold: "10" },
					authenticationRef: { name: "nats-auth" },
				},
			],
		};
		await scaled();
		await line.untilReady("PatternRunner", "scaled");
		const trace: unknown[] = [];
		const informer = await line.cluster.informers.get(await line.resource("Deployment"));
		const unsubscribe = informer.subscribe(({ object }) => {
			const { spec } = object;
			if (object.metadata.name === "scaled" && isRecord(spec) && trace.at(-1) !== spec["replicas"])
				trace.push(spec["replicas"]);
		});

		await scaled(hpa);
		await eventually(async () => expect(await scalers()).toEqual(["HorizontalPodAutoscaler"]));
		await scaleTo(7);
		await scaled(keda);
		await eventually(async () => expect(await scalers()).toEqual(["ScaledObject"]));
		await line.untilReady("PatternRunner", "scaled");
		expect(await replicas()).toBe(7);
		expect((await line.get("ScaledObject", "scaled"))["spec"]).toMatchObject({
			scaleTargetRef: { name: "scaled" },
			minReplicaCount: 2,
			maxReplicaCount: 10,
			pollingInterval: 15,
			cooldownPeriod: 120,
			triggers: keda.triggers,
		});
		await scaleTo(5);
		await scaled(hpa);
		await eventually(async () => expect(await scalers()).toEqual(["HorizontalPodAutoscaler"]));
		await line.untilReady("PatternRunner", "scaled");
		expect(await replicas()).toBe(5);
		await scaled(keda);
		await eventually(async () => expect(await scalers()).toEqual(["ScaledObject"]));
		await scaleTo(6);
		await scaled();
		await eventually(async () => expect(await scalers()).toEqual([]));
		await eventually(async () => expect(await replicas()).toBe(3));
		await line.untilReady("PatternRunner", "scaled");
		unsubscribe();
		expect(trace).toEqual([3, 7, 5, 6, 3]);
	});
});
