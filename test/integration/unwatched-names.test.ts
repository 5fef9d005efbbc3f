import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT, testBinaries } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually } from "./installed.ts";
import { type Line, METACONTROLLER, startLine } from "./line.ts";

// An installation with so many objects that it does not watch the names of their children.

const NAMESPACE = "unwatched";
const PLUGIN = join(import.meta.dirname, "../../bin/kubectl-prism");

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe("where names of children are not watched", () => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine({
			name: "local",
			metacontroller: METACONTROLLER,
			environment: { PRISM_WATCH_CHILD_NAMES: "false" },
		});
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const runner = (name: string, spec: Record<string, unknown>): KubeObject => ({
		apiVersion: "prism.io/v1alpha1",
		kind: "PatternRunner",
		metadata: { name, namespace: NAMESPACE },
		spec: { pattern: "keyvalue", backend: "memstore", ...spec },
	});
	const readyOf = async (name: string) => {
		const ready = conditionOf(await line.get("PatternRunner", name, NAMESPACE), "Ready");
		return `${ready?.status} ${ready?.reason}: ${ready?.message}`;
	};
	const why = async (name: string): Promise<string> => {
		const { kubectl } = await testBinaries();
		const env = { ...process.env, PATH: `${dirname(kubectl)}:${process.env["PATH"]}`, COLUMNS: "200" };
		const args = ["why", `patternrunner/${name}`, "-n", NAMESPACE, "--kubeconfig", line.cluster.kubeconfig ?? ""];
		return new Promise((resolve) => {
			execFile(PLUGIN, args, { env }, (_error, stdout) => resolve(stdout.replaceAll(/\s+/g, " ")));
		});
	};
	it("a name in use is possible in the condition, and certain in `why`", { timeout: 240_000 }, async () => {
		const labels = { app: "theirs" };
		const theirs = {
			selector: { matchLabels: labels },
			template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "app:1" }] } },
			replicas: 1,
		};
		const metadata = { name: "taken", namespace: NAMESPACE };
		await line.apply({ apiVersion: "apps/v1", kind: "Deployment", metadata, spec: theirs });
		const autoscaling = { minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 50 };
		await line.apply(runner("taken", { autoscaling }));
		await eventually(
			async () =>
				expect(await readyOf("taken")).toBe(
					"False ChildRefused: Deployment taken was not created within 30 s: rejected by the API server, or its name is in use",
				),
			120,
		);
		// Nothing scales an object of another owner.
		await expect(line.get("HorizontalPodAutoscaler", "taken", NAMESPACE)).rejects.toThrow("is not there");
		const words = await why("taken");
		expect(words).toContain("Deployment taken already exists");
		await line.cluster.store.delete(await line.resource("Deployment"), NAMESPACE, "taken");
		await line.untilReady("PatternRunner", "taken", NAMESPACE);
		await line.get("HorizontalPodAutoscaler", "taken", NAMESPACE);
	});
});
