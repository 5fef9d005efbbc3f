import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { isRecord, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { RESTARTED_AT_ANNOTATION } from "../../schemas/vocabulary.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually, pause } from "./installed.ts";
import { LINES, type Line, RESYNC_SECONDS, startLine } from "./line.ts";

// Restarts, by the annotation and by `kubectl rollout restart`: an annotation is no change of spec, and has to be heard.

const SAMPLE = join(import.meta.dirname, "../../samples/quickstart.yaml");

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe.each(LINES)("$line", (options) => {
	let line: Line;
	beforeAll(async () => {
		line = await startLine(options);
		for (const { object } of readManifests(SAMPLE)) await line.apply(object);
		await line.untilReady("PrismStack", "prism-dev");
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const annotate = async (kind: string, name: string, value: string) => {
		const { apiVersion, metadata } = await line.get(kind, name);
		const annotations = { [RESTARTED_AT_ANNOTATION]: value };
		await line.cluster.store.apply(
			{ apiVersion, kind, metadata: { name, namespace: metadata.namespace ?? "default", annotations } },
			{ fieldManager: "somebody" },
		);
	};
	const annotationsOf = (workload: KubeObject): unknown =>
		valueAt(workload, "spec", "template", "metadata", "annotations");
	const generationOf = async (name: string) => (await line.get("Deployment", name)).metadata.generation;

	it("restarts a stack's proxies and admin, and not its runners", { timeout: 90_000 }, async () => {
		const [runner, proxy] = [await generationOf("keyvalue-memstore"), await generationOf("prism-dev-proxy")];
		await annotate("PrismStack", "prism-dev", "noon");
		for (const name of ["prism-dev-proxy", "prism-dev-admin"])
			await eventually(async () => {
				const deployment = await line.get("Deployment", name);
				expect(annotationsOf(deployment)).toMatchObject({ [RESTARTED_AT_ANNOTATION]: "noon" });
			}, 30);
		expect(await generationOf("prism-dev-proxy")).toBe((proxy ?? 0) + 1);
		await eventually(async () => {
			expect(conditionOf(await line.get("PrismStack", "prism-dev"), "Ready")?.status).toBe("True");
			const { status, metadata } = await line.get("Deployment", "prism-dev-proxy");
			expect(status).toMatchObject({
				observedGeneration: metadata.generation,
				updatedReplicas: 2,
				availableReplicas: 2,
			});
		}, 60);
		expect(await generationOf("keyvalue-memstore")).toBe(runner);
	});

	it("restarts a runner that a stack made, whose stack leaves the annotation alone", { timeout: 90_000 }, async () => {
		await annotate("PatternRunner", "keyvalue-memstore", "noon");
		await eventually(async () => {
			const deployment = await line.get("Deployment", "keyvalue-memstore");
			expect(annotationsOf(deployment)).toMatchObject({ [RESTARTED_AT_ANNOTATION]: "noon" });
		}, 30);
		await pause(2.5 * RESYNC_SECONDS * 1000);
		const { metadata } = await line.get("PatternRunner", "keyvalue-memstore");
		expect(metadata.annotations).toMatchObject({ [RESTARTED_AT_ANNOTATION]: "noon" });
	});

	it("leaves kubectl rollout restart of a child as it is", { timeout: 90_000 }, async () => {
		await line.edit("Deployment", "prism-dev-proxy", (spec) => {
			const template = isRecord(spec["template"]) ? spec["template"] : {};
			const metadata = isRecord(template["metadata"]) ? template["metadata"] : {};
			const annotations = isRecord(metadata["annotations"]) ? metadata["annotations"] : {};
			const restarted = { ...annotations, "kubectl.kubernetes.io/restartedAt": "one" };
			return { ...spec, template: { ...template, metadata: { ...metadata, annotations: restarted } } };
		});
		const generation = await generationOf("prism-dev-proxy");
		await pause(2.5 * RESYNC_SECONDS * 1000);
		const deployment = await line.get("Deployment", "prism-dev-proxy");
		expect(annotationsOf(deployment)).toMatchObject({ "kubectl.kubernetes.io/restartedAt": "one" });
		expect(deployment.metadata.generation).toBe(generation);
		await line.untilReady("PrismStack", "prism-dev");
	});
});
