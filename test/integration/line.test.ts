import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { isRecord } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { namedSecrets } from "../samples.ts";
import { ensureNamespaces, eventually, pause } from "./installed.ts";
import { LINES, type Line, RESYNC_SECONDS, type Spec, startLine } from "./line.ts";

// The whole line: a manifest is applied, the hooks are called over HTTP, children appear and become ready, the stack says
// so. In memory and on a real control plane, with the real Metacontroller in the place of the stand-in when METACONTROLLER names it.

const ROOT = join(import.meta.dirname, "../..");

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe.each(LINES)("$line", (options) => {
	let line: Line;
	/** The PatternRunner among the samples. */
	let sampled: KubeObject["metadata"] = { name: "none" };

	beforeAll(async () => {
		line = await startLine(options);
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const samples = [
		"quickstart.yaml",
		"documents/memo-036-prismstack-prism-production.yaml",
		"documents/memo-036-prismstack-prism-dev.yaml",
		"documents/memo-036-prismstack-prism-nats.yaml",
		"documents/memo-036-prismstack-prism-multi-backend.yaml",
		"documents/memo-036-patternrunner-keyvalue-memstore-001.yaml",
		"documents/memo-036-backendconfig-nats-production.yaml",
	]
		.flatMap((file) => readManifests(join(ROOT, "samples", file)))
		.map(({ object }) => object);

	it("drives every sample to Ready, then is quiet for two resyncs", { timeout: 180_000 }, async () => {
		const applied: KubeObject[] = [];
		for (const [index, sample] of samples.entries()) {
			// Patterns become objects of their own names, which the documents' stacks share: each gets a namespace.
			const namespace = index === 0 ? "default" : `sample-${index}`;
			await ensureNamespaces(line.cluster.store, [namespace]);
			for (const secret of namedSecrets(sample, namespace))
				await line.cluster.store.apply(secret, { fieldManager: "test" });
			const spec: unknown = JSON.parse(JSON.stringify(sample["spec"]).replaceAll('"prism-system"', `"${namespace}"`));
			applied.push(await line.apply({ ...sample, metadata: { ...sample.metadata, namespace }, spec }));
		}
		sampled = applied.find(({ kind }) => kind === "PatternRunner")?.metadata ?? sampled;
		for (const { kind, metadata } of applied) await line.untilReady(kind, metadata.name, metadata.namespace);
		await pause(1000);
		const before = await line.versions(applied);
		expect(Object.keys(before).length).toBeGreaterThan(60);
		const callsBefore = line.calls();
		const writesBefore = await line.writes();
		await pause(2.5 * RESYNC_SECONDS * 1000);
		expect(line.calls() - callsBefore).toBeGreaterThanOrEqual(2 * applied.length);
		expect(await line.versions(applied)).toEqual(before);
		// A write that changes nothing leaves no new version; the API server counts it all the same.
		expect(await line.writes()).toBe(writesBefore);
	});

	it("never says Ready for an edit that is not carried out yet, and rolls it out", { timeout: 60_000 }, async () => {
		const claims: string[] = [];
		let generation: number | undefined;
		const stacks = await line.cluster.informers.get(await line.resource("PrismStack"));
		const unsubscribe = stacks.subscribe(({ object }) => {
			const ready = conditionOf(object, "Ready");
			if (object.metadata.name !== "prism-dev" || ready?.observedGeneration !== object.metadata.generation) return;
			if (ready?.observedGeneration !== generation) claims.length = 0;
			generation = ready?.observedGeneration;
			claims.push(ready?.status ?? "none");
		});
		const edited = await line.edit("PrismStack", "prism-dev", (spec) => ({
			...spec,
			proxy: { ...(spec["proxy"] as object), image: "ghcr.io/prism/prism-proxy:v1.1.0" },
		}));
		const done = await eventually(async () => {
			expect(generation).toBe(edited.metadata.generation);
			expect(claims.at(-1)).toBe("True");
			return line.get("PrismStack", "prism-dev");
		}, 30);
		unsubscribe();
		expect(claims.at(0)).toBe("False");
		expect(conditionOf(done, "Reconciling")).toBeUndefined();
		const deployment = await line.get("Deployment", "prism-dev-proxy");
		expect(JSON.stringify(deployment["spec"])).toContain("prism-proxy:v1.1.0");
	});

	it("brings a deleted child back, and undoes a hand-made edit", { timeout: 60_000 }, async () => {
		const { metadata } = await line.get("Service", "prism-dev-proxy");
		await line.cluster.store.delete(await line.resource("Service"), "default", "prism-dev-proxy");
		await eventually(async () =>
			expect((await line.get("Service", "prism-dev-proxy")).metadata.uid).not.toBe(metadata.uid),
		);

		await line.edit("Deployment", "keyvalue-memstore", (spec) => ({ ...spec, replicas: 4 }));
		await eventually(async () =>
			expect((await line.get("Deployment", "keyvalue-memstore"))["spec"]).toMatchObject({ replicas: 1 }),
		);
		await line.untilReady("PrismStack", "prism-dev");
	});

	it("says what is wrong with a rollout that fails, and recovers", { timeout: 60_000 }, async () => {
		const edit = (change: Parameters<Line["edit"]>[2]) =>
			line.edit("PatternRunner", sampled.name, change, sampled.namespace);
		const { image, ...good } = (await line.get("PatternRunner", sampled.name, sampled.namespace))["spec"] as Spec;
		await edit((spec) => ({ ...spec, image: "ghcr.io/prism/keyvalue-runner:broken" }));
		await eventually(async () => {
			const ready = conditionOf(await line.get("PatternRunner", sampled.name, sampled.namespace), "Ready");
			expect(ready?.status).toBe("False");
			expect(ready?.message).toContain(`Deployment ${sampled.name}`);
		});
		await edit(() => ({ ...good, image }));
		await line.untilReady("PatternRunner", sampled.name, sampled.namespace);
	});

	it("keeps the children of an object whose spec can't be carried out, and says why", { timeout: 60_000 }, async () => {
		const before = await line.get("Deployment", sampled.name, sampled.namespace);
		const backendConfig = { name: "b", namespace: "elsewhere" };
		await line.edit("PatternRunner", sampled.name, (spec) => ({ ...spec, backendConfig }), sampled.namespace);
		await eventually(async () => {
			const stalled = conditionOf(await line.get("PatternRunner", sampled.name, sampled.namespace), "Stalled");
			expect(stalled?.reason).toBe("CrossNamespaceReference");
		});
		const after = await line.get("Deployment", sampled.name, sampled.namespace);
		expect(after.metadata.uid).toBe(before.metadata.uid);
		expect(after["spec"]).toEqual(before["spec"]);
	});

	it("never makes the count of pods jump when autoscaling is switched on and off", { timeout: 90_000 }, async () => {
		const scaled = (autoscaling?: unknown) =>
			line.cluster.store.apply(
				{
					apiVersion: "prism.io/v1alpha1",
					kind: "PatternRunner",
					metadata: { name: "scaled", namespace: "default" },
					spec: {
						pattern: "keyvalue",
						backend: "memstore",
						replicas: 3,
						...(autoscaling !== undefined && { autoscaling }),
					},
				},
				{ fieldManager: "test" },
			);
		const replicas = async () => {
			const { spec } = await line.get("Deployment", "scaled");
			return isRecord(spec) ? spec["replicas"] : undefined;
		};
		/** What an autoscaler does. */
		const scaleTo = async (count: number) => {
			await line.edit("Deployment", "scaled", (spec) => ({ ...spec, replicas: count }));
			await pause(1.5 * RESYNC_SECONDS * 1000);
		};
		const hpa = { minReplicas: 2, maxReplicas: 10, targetCPUUtilizationPercentage: 80 };

		await scaled();
		await line.untilReady("PatternRunner", "scaled");
		const trace: unknown[] = [];
		const informer = await line.cluster.informers.get(await line.resource("Deployment"));
		const unsubscribe = informer.subscribe(({ object }) => {
			const { spec } = object;
			if (object.metadata.name === "scaled" && isRecord(spec) && trace.at(-1) !== spec["replicas"])
				trace.push(spec["replicas"]);
		});
		let before = 3;
		for (const count of [7, 5]) {
			await scaled(hpa);
			await line.untilReady("PatternRunner", "scaled");
			expect(await replicas()).toBe(before);
			await scaleTo(count);
			expect(await replicas()).toBe(count);
			await scaled();
			await line.untilReady("PatternRunner", "scaled");
			before = count;
		}
		// What the autoscaler left stays until spec.replicas is changed.
		await line.edit("PatternRunner", "scaled", (spec) => ({ ...spec, replicas: 4 }));
		await eventually(async () => expect(await replicas()).toBe(4));
		await line.untilReady("PatternRunner", "scaled");
		unsubscribe();
		expect(trace).toEqual([3, 7, 5, 4]);
	});

	it("tells of a child whose name belongs to somebody else, and leaves that object alone", {
		timeout: 60_000,
	}, async () => {
		const theirs = {
			apiVersion: "v1",
			kind: "ConfigMap",
			metadata: { name: "taken-config", namespace: "default" },
			data: { a: "1" },
		};
		const stored = await line.cluster.store.create(theirs);
		await line.cluster.store.apply(
			{
				apiVersion: "prism.io/v1alpha1",
				kind: "PatternRunner",
				metadata: { name: "taken", namespace: "default" },
				spec: { pattern: "keyvalue", backend: "memstore", config: { ttl: "1h" } },
			},
			{ fieldManager: "test" },
		);
		// Half a minute passes: as if the child had been missed for long. A sync under way may overwrite that once.
		await eventually(async () => {
			const taken = await line.get("PatternRunner", "taken");
			const ready = conditionOf(taken, "Ready");
			const { status } = taken;
			if (ready?.reason !== "NameTaken" && isRecord(status) && Array.isArray(status["missing"])) {
				const missing = [{ kind: "ConfigMap", name: "taken-config", since: "2026-01-01T00:00:00Z" }];
				await line.cluster.store.updateStatus({ ...taken, status: { ...status, missing } });
				await pause(1.2 * RESYNC_SECONDS * 1000);
			}
			expect(ready?.reason).toBe("NameTaken");
			expect(ready?.message).toContain("ConfigMap taken-config");
		}, 30);
		expect((await line.get("ConfigMap", "taken-config")).metadata.resourceVersion).toBe(
			stored.metadata.resourceVersion,
		);
	});

	it("leaves nothing behind when a stack is deleted", { timeout: 60_000 }, async () => {
		await line.cluster.store.delete(await line.resource("PrismStack"), "default", "prism-dev", {
			propagationPolicy: "Background",
		});
		await eventually(async () => {
			for (const kind of ["PrismStack", "PatternRunner", "BackendConfig", "Deployment", "Service", "ConfigMap"]) {
				const left = (await line.cluster.store.list(await line.resource(kind), "default")).items;
				const ours = left.filter(
					({ metadata }) => metadata.labels?.["stack"] === "prism-dev" || metadata.name === "prism-dev",
				);
				expect(ours.map(({ metadata }) => metadata.name)).toEqual([]);
			}
		}, 30);
	});

	it("wrote no event about a failed sync", async () => {
		const failed = (await line.cluster.store.list(await line.resource("Event"))).items.filter(
			({ reason, message }) => reason === "SyncError" && !OF_ITSELF.test(isRecord(message) ? "" : String(message)),
		);
		expect(failed.map(({ message }) => (isRecord(message) ? "" : message))).toEqual([]);
	});
});

/** The real Metacontroller says it when an object goes while its finalizer is taken away a second time: harmless. */
const OF_ITSELF = /can't remove finalizer for .* not found$/;
