import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { lastAppliedOf } from "../../kube/held-children.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { YIELDED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { CLUSTER_TIMEOUT, testBinaries } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually, pause } from "./installed.ts";
import { applyCase, type Line, METACONTROLLER, startLine } from "./line.ts";

// A policy that changes fields whenever they are written, for reasons that nobody knows, and with each write the object: without a
// brake, Metacontroller and the API server go on for ever.

const TIMEOUT = 300_000;
const NAMESPACE = "rewriting";
/** Seconds for which nothing is written. */
const QUIET_SECONDS = 60;

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe("behind a policy that changes what is written, for ever", () => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine({ name: "local", metacontroller: METACONTROLLER });
		await applyCase(line, "rewriting-policy");
		const labels = { [NAMESPACE]: "true" };
		await line.cluster.store.apply(
			{ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE, labels } },
			{ fieldManager: "test" },
		);
		// The API server enforces a policy some time after it has accepted it.
		await eventually(async () => {
			const stored = await line.cluster.store.apply(config, { fieldManager: "test", dryRun: true });
			expect(valueAt(stored, "data", "PRISM_CONFIG_TTL")).toBe("policy");
		});
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const config: KubeObject = {
		apiVersion: "v1",
		kind: "ConfigMap",
		metadata: { name: "it-config", namespace: NAMESPACE, annotations: { tried: "" } },
		data: { PRISM_CONFIG_TTL: "30" },
	};
	const runner = (name: string, replicas: number): KubeObject => ({
		apiVersion: "prism.io/v1alpha1",
		kind: "PatternRunner",
		metadata: { name, namespace: NAMESPACE },
		spec: {
			pattern: "keyvalue",
			backend: "memstore",
			replicas,
			config: { ttl: 30 },
			terminationGracePeriodSeconds: 20,
		},
	});
	const warning = async (name: string) =>
		conditionOf(await line.get("PatternRunner", name, NAMESPACE), "Warning")?.message ?? "";
	const deployment = (name: string) => line.get("Deployment", name, NAMESPACE);
	const pods = (object: unknown) => valueAt(object, "spec", "template", "spec");
	const grace = (object: unknown) => valueAt(pods(object), "terminationGracePeriodSeconds");
	const countedWrites = async (name: string) =>
		Number((await deployment(name)).metadata.annotations?.["policy.example/writes"]);
	const isQuiet = async () => {
		await pause(5000);
		const before = [await line.writes(), await countedWrites("it"), await countedWrites("capped")];
		await pause(QUIET_SECONDS * 1000);
		expect([await line.writes(), await countedWrites("it"), await countedWrites("capped")]).toEqual(before);
	};

	it("sends the fields as they are stored after 30 s, and writes nothing any more", { timeout: TIMEOUT }, async () => {
		await line.apply(runner("it", 1));
		await line.apply(runner("capped", 3));
		await eventually(async () => {
			const text = await warning("it");
			expect(text).toContain("Deployment it is stored with other values than the operator sends");
			expect(text).toContain("spec.template.spec.terminationGracePeriodSeconds is 45, not 25");
			expect(text).toContain(".resources.requests.cpu is 200m, not ");
			expect(text).toContain("ConfigMap it-config is stored");
			expect(text).toContain("data.PRISM_CONFIG_TTL is policy, not 30");
			expect(await warning("capped")).toContain("spec.replicas is 2, not 3");
			expect(await warning("capped")).not.toContain("another client changes spec.replicas");
		}, 90);
		// It was a loop.
		expect(await countedWrites("it")).toBeGreaterThan(10);
		await line.untilReady("PatternRunner", "it", NAMESPACE);
		await isQuiet();
	});

	it("sends its own values again with the next edit of the spec, and comes to rest again", {
		timeout: TIMEOUT,
	}, async () => {
		const spec = { terminationGracePeriodSeconds: 60 };
		await line.edit("PatternRunner", "it", (before) => ({ ...before, ...spec }), NAMESPACE);
		await eventually(async () => expect(grace(lastAppliedOf(await deployment("it")))).toBe(65), 10);
		await eventually(async () => expect(await warning("it")).toContain("is 45, not 65"), 60);
		await isQuiet();
	});

	it("sends them again when the annotation is removed", { timeout: TIMEOUT }, async () => {
		for (const name of ["rewriting", "rewriting-data"]) {
			const bindings = await line.cluster.store.resourceOf(
				"admissionregistration.k8s.io/v1",
				"MutatingAdmissionPolicyBinding",
			);
			await line.cluster.store.delete(bindings, undefined, name);
		}
		// The API server goes on enforcing a policy for a moment.
		await pause(5000);
		expect(grace(await deployment("it"))).toBe(45);
		const { kubectl } = await testBinaries();
		for (const [kind, name] of [
			["deployment", "it"],
			["configmap", "it-config"],
		] as const) {
			const args = ["annotate", kind, name, "-n", NAMESPACE, `${YIELDED_ANNOTATION}-`];
			await promisify(execFile)(kubectl, args, { env: { HOME: tmpdir(), KUBECONFIG: line.cluster.kubeconfig ?? "" } });
		}
		await eventually(async () => {
			const stored = await deployment("it");
			expect(grace(stored)).toBe(65);
			expect(recordsAt(pods(stored), "containers")[0]?.["args"]).toContain("--pattern=keyvalue");
			expect(valueAt(await line.get("ConfigMap", "it-config", NAMESPACE), "data", "PRISM_CONFIG_TTL")).toBe("30");
			expect(await warning("it")).not.toContain("is stored with other values");
		}, 30);
	});
});
