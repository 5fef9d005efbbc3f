import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { isRecord, valueAt } from "../../kube/object.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { SCALED_OBJECT } from "../charts/optional-crds.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually, pause } from "./installed.ts";
import { LINES, type Line, RESYNC_SECONDS, startLine } from "./line.ts";

// Runners that KEDA scales, where the installation has it, and what becomes of them where it has not. Its kind is here, and nobody who acts on it: what an autoscaler
// does to a Deployment the test does itself.

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
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
		await line.untilReady("PatternRunner", "scaled");
		unsubscribe();
		// Without an autoscaler the count that runs is kept, until somebody edits `replicas`.
		expect(trace).toEqual([3, 7, 5, 6]);
	});
});

describe.each(LINES)("without KEDA: $line", (options) => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine(options);
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const countOf = async (name: string) => valueAt(await line.get("Deployment", name), "spec", "replicas");
	const keda = { scaler: "keda", minReplicas: 2, maxReplicas: 4, triggers: [{ type: "kafka", metadata: {} }] };

	it("what asks for it runs unscaled, with a warning", { timeout: 120_000 }, async () => {
		const spec = { pattern: "queue", backend: "memstore", replicas: 3, autoscaling: keda };
		await line.apply({ apiVersion: API_VERSION, kind: "PatternRunner", metadata: { name: "unscaled" }, spec });
		const runner = await line.untilReady("PatternRunner", "unscaled");
		expect(conditionOf(runner, "Warning")?.message).toContain("this installation has no KEDA");
		expect(await countOf("unscaled")).toBe(3);
	});

	it("proxies follow a HorizontalPodAutoscaler, within its bounds", { timeout: 120_000 }, async () => {
		const proxy = {
			resources: { requests: { cpu: "10m" } },
			autoscaling: { minReplicas: 2, maxReplicas: 4, targetCPUUtilizationPercentage: 70 },
		};
		await line.apply({ apiVersion: API_VERSION, kind: "PrismStack", metadata: { name: "scaled" }, spec: { proxy } });
		await line.untilReady("PrismStack", "scaled");
		expect(await countOf("scaled-proxy")).toBe(2);
		expect((await line.get("HorizontalPodAutoscaler", "scaled-proxy"))["spec"]).toMatchObject({ maxReplicas: 4 });
		await line.edit("Deployment", "scaled-proxy", (spec) => ({ ...spec, replicas: 3 }));
		await pause(1.5 * RESYNC_SECONDS * 1000);
		expect(await countOf("scaled-proxy")).toBe(3);
		await eventually(async () => {
			const stack = await line.untilReady("PrismStack", "scaled");
			expect(valueAt(stack, "status", "proxy", "summary")).toBe("3/3");
		}, 60);
		await line.edit("Deployment", "scaled-proxy", (spec) => ({ ...spec, replicas: 9 }));
		await eventually(async () => expect(await countOf("scaled-proxy")).toBe(4), 60);
	});
});
