import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { recordsAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually } from "./installed.ts";
import { applyBadNeverRuns, applyCase, type Line, METACONTROLLER, startLine } from "./line.ts";

// StatefulSets of the real controllers that wait for somebody: held by their spec, or by a broken pod that is left in place. And
// growth, which is no failure.

const TIMEOUT = 240_000;

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe("workloads of the real controllers", () => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine({
			name: "local",
			metacontroller: METACONTROLLER,
			featureGates: { MaxUnavailableStatefulSet: true },
		});
		for (const name of ["brk", "stuck", "sts", "trm"]) await cluster("v1", "Namespace", name, {});
		await applyBadNeverRuns(line, "stuck");
		for (const name of ["c47b-stuck", "c26-sts"]) await applyCase(line, name);
		for (const name of ["p", "i"]) await line.untilReady("PrismShard", name, "stuck");
		await line.untilReady("PrismShard", "w", "sts");
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const cluster = (apiVersion: string, kind: string, name: string, fields: object) =>
		line.cluster.store.apply({ apiVersion, kind, metadata: { name }, ...fields }, { fieldManager: "test" });
	const readyOf = async (kind: string, name: string, namespace: string) => {
		const ready = conditionOf(await line.get(kind, name, namespace), "Ready");
		return `${ready?.status} ${ready?.reason}: ${ready?.message}`;
	};
	const untilTold = (kind: string, name: string, namespace: string, told: string, seconds = 90) =>
		eventually(async () => expect(await readyOf(kind, name, namespace)).toContain(told), seconds);
	const deletePod = async (name: string, namespace: string) =>
		line.cluster.store.delete(await line.resource("Pod"), namespace, name);
	const setVersion = (version: string) =>
		line.edit(
			"PrismPlugin",
			"ch",
			(spec) => ({ ...spec, version, rollout: { bakeSeconds: 1, deadlineSeconds: 20 } }),
			"stuck",
		);
	const statusOf = async (kind: string, name: string, namespace: string) =>
		(await line.get(kind, name, namespace))["status"] as Record<string, unknown>;
	const untilOneIsBroken = (set: string) =>
		eventually(async () => {
			expect(await statusOf("StatefulSet", set, "stuck")).toMatchObject({ updatedReplicas: 1, readyReplicas: 2 });
		}, 60);
	/** All that Ready was in an object while something is done. */
	const readyWhile = async (kind: string, name: string, namespace: string, deed: () => Promise<unknown>) => {
		const seen = new Set<string>();
		const informer = await line.cluster.informers.get(await line.resource(kind));
		const unsubscribe = informer.subscribe(({ object }: { readonly object: KubeObject }) => {
			const ready = conditionOf(object, "Ready");
			if (object.metadata.name === name && object.metadata.namespace === namespace)
				seen.add(`${ready?.status} ${ready?.reason}: ${ready?.message}`);
		});
		await deed();
		unsubscribe();
		return [...seen];
	};

	it.concurrent("a broken pod that is left in place after the spec was reverted", { timeout: TIMEOUT }, async () => {
		const image = (tag: string) =>
			line.edit("PrismShard", "i", (spec) => ({ ...spec, image: `ghcr.io/prism/prism-proxy:${tag}` }), "stuck");
		await image("v2-bad");
		await untilOneIsBroken("prism-i");
		await image("v1");
		await untilTold("PrismShard", "i", "stuck", "False RolloutHeld: ");
		expect(await readyOf("PrismShard", "i", "stuck")).toContain("not replaced by Kubernetes: prism-i-2");
		await deletePod("prism-i-2", "stuck");
		await line.untilReady("PrismShard", "i", "stuck");
	});

	it.concurrent("which is not the fault of a plugin's version", { timeout: TIMEOUT }, async () => {
		await eventually(
			async () => expect(await statusOf("PrismPlugin", "ch", "stuck")).toMatchObject({ lastGoodVersion: "1.0.0" }),
			60,
		);
		await setVersion("2.0.0-bad");
		await untilTold("PrismPlugin", "ch", "stuck", "not replaced by Kubernetes: prism-p-2", 120);
		await deletePod("prism-p-2", "stuck");
		await untilTold("PrismPlugin", "ch", "stuck", "False RolledBack: Version 2.0.0-bad failed");
		await line.untilReady("PrismShard", "p", "stuck");
		await setVersion("3.0.0-bad");
		await untilOneIsBroken("prism-p");
		await setVersion("4.0.0");
		await untilTold("PrismPlugin", "ch", "stuck", "not replaced by Kubernetes: prism-p-2");
		await deletePod("prism-p-2", "stuck");
		await line.untilReady("PrismPlugin", "ch", "stuck");
		expect(recordsAt(await line.get("PrismPlugin", "ch", "stuck"), "status", "history")[0]).toMatchObject({
			version: "4.0.0",
			outcome: "Complete",
		});
	});

	it.concurrent("a partition, and growth", { timeout: TIMEOUT }, async () => {
		const strategy = (updateStrategy: object) =>
			line.edit("StatefulSet", "prism-w", (spec) => ({ ...spec, updateStrategy }), "sts");
		const image = (tag: string) =>
			line.edit("PrismShard", "w", (spec) => ({ ...spec, image: `ghcr.io/prism/prism-proxy:${tag}` }), "sts");
		await strategy({ type: "RollingUpdate", rollingUpdate: { partition: 2 } });
		await image("w1");
		await untilTold("PrismShard", "w", "sts", "False RolloutHeld: ", 30);
		expect(await readyOf("PrismShard", "w", "sts")).toContain("partition is 2");
		await strategy({ type: "RollingUpdate", rollingUpdate: { partition: 0 } });
		await line.untilReady("PrismShard", "w", "sts");
		// The operator sends the type: Metacontroller brings it back.
		await strategy({ type: "OnDelete" });
		await image("w2");
		await line.untilReady("PrismShard", "w", "sts");
		for (const replicas of [5, 2]) {
			const seen = await readyWhile("PrismShard", "w", "sts", async () => {
				await line.edit("PrismShard", "w", (spec) => ({ ...spec, replicas }), "sts");
				await eventually(async () => {
					const status = await statusOf("PrismShard", "w", "sts");
					expect(status).toMatchObject({ summary: `${replicas}/${replicas}`, replicas });
					expect(await readyOf("PrismShard", "w", "sts")).toContain("ShardReady");
				}, 60);
			});
			expect(seen.filter((ready) => !ready.startsWith("True "))).toEqual([]);
		}
	});

	it.concurrent("growth of a runner", { timeout: TIMEOUT }, async () => {
		const spec = { pattern: "keyvalue", backend: "memstore", replicas: 1 };
		await line.apply({
			apiVersion: "prism.io/v1alpha1",
			kind: "PatternRunner",
			metadata: { name: "grows", namespace: "sts" },
			spec,
		});
		await line.untilReady("PatternRunner", "grows", "sts");
		for (const replicas of [4, 1]) {
			const seen = await readyWhile("PatternRunner", "grows", "sts", async () => {
				await line.edit("PatternRunner", "grows", (before) => ({ ...before, replicas }), "sts");
				await eventually(async () => {
					expect(await statusOf("PatternRunner", "grows", "sts")).toMatchObject({ availableReplicas: replicas });
					expect(await readyOf("PatternRunner", "grows", "sts")).toContain("DeploymentReady");
				}, 60);
			});
			expect(seen.filter((ready) => !ready.startsWith("True "))).toEqual([]);
		}
	});

	it.concurrent("another image: not Ready before its pods are there", { timeout: TIMEOUT }, async () => {
		const spec = { pattern: "keyvalue", backend: "memstore", replicas: 2, image: "ghcr.io/prism/keyvalue-runner:e0" };
		await line.apply({
			apiVersion: "prism.io/v1alpha1",
			kind: "PatternRunner",
			metadata: { name: "edited", namespace: "sts" },
			spec,
		});
		await line.untilReady("PatternRunner", "edited", "sts");
		for (const tag of ["e1", "e2", "e3"]) {
			const seen: string[] = [];
			const informer = await line.cluster.informers.get(await line.resource("PatternRunner"));
			const edited = await line.edit(
				"PatternRunner",
				"edited",
				(before) => ({ ...before, image: `ghcr.io/prism/keyvalue-runner:${tag}` }),
				"sts",
			);
			const unsubscribe = informer.subscribe(({ object }: { readonly object: KubeObject }) => {
				const ready = conditionOf(object, "Ready");
				if (object.metadata.name === "edited" && ready?.observedGeneration === edited.metadata.generation)
					seen.push(`${ready?.status} ${ready?.reason}`);
			});
			await eventually(async () => {
				expect(await statusOf("Deployment", "edited", "sts")).toMatchObject({ updatedReplicas: 2, replicas: 2 });
				expect(await readyOf("PatternRunner", "edited", "sts")).toMatch(/^True /);
			}, 60);
			unsubscribe();
			expect(seen.slice(0, -1).filter((ready) => ready.startsWith("True "))).toEqual([]);
		}
	});

	it.concurrent("a stack's runner that a finalizer keeps, and its runner's Deployment", {
		timeout: TIMEOUT,
	}, async () => {
		await applyCase(line, "c41-terminating-child");
		await line.untilReady("PrismStack", "tc", "trm");
		const changed = (kind: string, finalizers: readonly string[]) =>
			line.change(
				kind,
				"tckv",
				({ metadata, ...object }) => {
					const others = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== "example.com/hold");
					return { ...object, metadata: { ...metadata, finalizers: [...others, ...finalizers] } };
				},
				"trm",
			);
		for (const kind of ["Deployment", "PatternRunner"]) {
			await changed(kind, ["example.com/hold"]);
			await line.cluster.store.delete(await line.resource(kind), "trm", "tckv");
			await untilTold("PrismStack", "tc", "trm", `${kind} tckv is being deleted since`, 60);
			expect(await readyOf("PrismStack", "tc", "trm")).toMatch(/^False .*finalizers: example\.com\/hold/);
			await changed(kind, []);
			await line.untilReady("PrismStack", "tc", "trm");
		}
	});
});
