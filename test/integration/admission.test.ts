import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT, testBinaries } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually, pause } from "./installed.ts";
import { applyCase, type Line, METACONTROLLER, startLine } from "./line.ts";

// Admission policies that rewrite what the operator sends, on the real API server.

const TIMEOUT = 150_000;

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe("behind admission policies", () => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine({
			name: "local",
			metacontroller: METACONTROLLER,
			// A workload that asks for nothing is to have nothing that a policy could change.
			environment: { PRISM_DEFAULT_REQUESTS: "none" },
		});
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const plugin = () => line.get("PrismPlugin", "ch", "mirror");
	const imageOf = (workload: KubeObject, container: string) =>
		recordsAt(workload, "spec", "template", "spec", "containers").find(({ name }) => name === container)?.["image"];
	const imageThatRuns = async () => imageOf(await line.get("StatefulSet", "prism-s1", "mirror"), "plugin-ch");
	/** The API server enforces a policy some time after it has accepted it. */
	const untilStored = async (namespace: string, check: (stored: KubeObject) => void) => {
		const labels = { app: "dry-run" };
		await eventually(async () => {
			const stored = await line.cluster.store.apply(
				{
					apiVersion: "apps/v1",
					kind: "Deployment",
					metadata: { name: "dry-run", namespace },
					spec: {
						selector: { matchLabels: labels },
						template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "app:1" }] } },
					},
				},
				{ fieldManager: "test", dryRun: true },
			);
			check(stored);
		});
	};
	const prism = async (...args: readonly string[]): Promise<string> => {
		const { kubectl } = await testBinaries();
		const path = [dirname(kubectl), process.env["PATH"] ?? ""].join(delimiter);
		const env = { PATH: path, HOME: tmpdir(), KUBECONFIG: line.cluster.kubeconfig ?? "" };
		const program = join(import.meta.dirname, "../../bin/kubectl-prism");
		return (await promisify(execFile)(program, args, { env })).stdout;
	};

	it("rolls a plugin out although a policy stores other images", { timeout: TIMEOUT }, async () => {
		await applyCase(line, "c02-registry-policy");
		await line.cluster.store.apply(
			{ apiVersion: "v1", kind: "Namespace", metadata: { name: "mirror", labels: { mirror: "true" } } },
			{ fieldManager: "test" },
		);
		await untilStored("mirror", (stored) => expect(imageOf(stored, "main")).toBe("mirror.corp.example/app:1"));
		for (const name of ["c02-mirror", "c02-plain"]) await applyCase(line, name);
		await eventually(async () => {
			expect((await plugin())["status"]).toMatchObject({ lastGoodVersion: "1.0.0", phase: "Running" });
		}, 100);
		expect(await imageThatRuns()).toMatch(/^mirror\.corp\.example\/.*:1\.0\.0$/);
		await line.edit("PrismPlugin", "ch", (spec) => ({ ...spec, version: "2.0.0" }), "mirror");
		await eventually(async () => {
			expect((await plugin())["status"]).toMatchObject({ lastGoodVersion: "2.0.0", phase: "Running" });
		}, 60);
		expect(await imageThatRuns()).toMatch(/^mirror\.corp\.example\/.*:2\.0\.0$/);
		expect(valueAt(await plugin(), "status", "history")).toMatchObject([
			{ outcome: "Complete" },
			{ outcome: "Complete" },
		]);
		await line.untilReady("PrismPlugin", "ch", "plain");
		await line.untilReady("PrismShard", "s1", "plain");
	});

	it("warns of resources that a policy sets, and diff tells of no change", { timeout: TIMEOUT }, async () => {
		await applyCase(line, "c01-autopilot-policy");
		await line.cluster.store.apply(
			{ apiVersion: "v1", kind: "Namespace", metadata: { name: "autopilot", labels: { autopilot: "true" } } },
			{ fieldManager: "test" },
		);
		await untilStored("autopilot", (stored) => {
			const [container] = recordsAt(stored, "spec", "template", "spec", "containers");
			expect(valueAt(container, "resources", "limits", "ephemeral-storage")).toBe("1Gi");
		});
		await applyCase(line, "c01-autopilot");
		await line.untilReady("PrismStack", "ap", "autopilot");
		const says =
			"Deployment ap-proxy is stored with other values than the operator sends: spec.template.spec.containers[name=prism-proxy].resources.limits.memory is 2Gi, not ";
		await eventually(async () => {
			const stack = await line.untilReady("PrismStack", "ap", "autopilot");
			expect(conditionOf(stack, "Warning")?.message).toContain(says);
			const runner = await line.untilReady("PatternRunner", "ap-kv", "autopilot");
			expect(conditionOf(runner, "Warning")?.message).toContain("Deployment ap-kv is stored with other values");
		}, 60);
		const none = conditionOf(await line.get("PatternRunner", "ap-none", "autopilot"), "Warning");
		expect(none?.message ?? "").not.toContain("is stored with other values");
		// The fields are left as they are stored from now on, which is one more write.
		await pause(5000);
		const before = await line.versions([await line.get("PrismStack", "ap", "autopilot")]);
		await pause(5000);
		expect(await line.versions([await line.get("PrismStack", "ap", "autopilot")])).toEqual(before);
		// It fails where something changes.
		await prism("diff", "-f", join(import.meta.dirname, "cases/c01-autopilot.yaml"), "--exit-code");
	});
});
