import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { ControlPlane } from "../../devcluster/control-plane/control-plane.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { parseManifests } from "../../yaml/manifests.ts";
import { CLUSTER_TIMEOUT, startTestCluster, testBinaries } from "../cluster.ts";
import { FOLDER, filesIn, objectIn, ROOT } from "../gitops/examples.ts";
import { HELM_TIMEOUT, helm, only, template } from "./helm.ts";

// What Argo CD and Flux make of the examples: with Helm, kustomize and a real API server, but without either of them.

vi.setConfig({ testTimeout: 120_000 });

const run = promisify(execFile);
let cluster: ControlPlane;
let kubectl: string;

beforeAll(async () => {
	await helm("version");
	({ kubectl } = await testBinaries());
	cluster = await startTestCluster();
	await run(kubectl, ["--kubeconfig", cluster.kubeconfig, "apply", "--server-side", "-f", join(ROOT, "crds")]);
}, CLUSTER_TIMEOUT + HELM_TIMEOUT);
afterAll(() => cluster?.stop());

const rendered = async (values: unknown): Promise<KubeObject[]> => {
	const file = join(await mkdtemp(join(tmpdir(), "prism-gitops-")), "values.json");
	await writeFile(file, JSON.stringify(values));
	return template("--values", file);
};

describe("the chart", () => {
	it("renders the same each time for Argo CD, which can't look up what Helm generated before", async () => {
		const application = objectIn("argocd/apps/operator.yaml", "Application", "prism-operator");
		const values = valueAt(application, "spec", "source", "helm", "valuesObject");
		const first = await rendered(values);
		expect(first).toEqual(await rendered(values));
		expect(only(first, "Secret")).toEqual([]);
		expect(only(first, "Certificate").length).toBeGreaterThan(0);
	});

	it("takes the values of Flux's release", async () => {
		const release = objectIn("flux/operator/operator.yaml", "HelmRelease", "prism-operator");
		expect(only(await rendered(valueAt(release, "spec", "values")), "CompositeController").length).toBe(4);
	});
});

it("kustomize puts the health checks into Flux's Kustomization", async () => {
	const { stdout } = await run(kubectl, ["kustomize", join(ROOT, FOLDER, "flux")]);
	const built = parseManifests(stdout, "flux").map(({ object }) => object);
	const stacks = built.find(({ kind, metadata }) => kind === "Kustomization" && metadata.name === "prism-stacks");
	expect(recordsAt(stacks, "spec", "healthCheckExprs").length).toBe(6);
	expect(valueAt(stacks, "spec", "wait")).toBe(true);
});

describe("what is in git", () => {
	const apply = async (file: string, ...more: string[]) => {
		const path = join(ROOT, FOLDER, file);
		const flags = ["--server-side", "--field-manager=argocd-controller", "--force-conflicts", "--output=json", ...more];
		const { stdout } = await run(kubectl, ["--kubeconfig", cluster.kubeconfig, "apply", "-f", path, ...flags]);
		return parseManifests(stdout, file).map(({ object: { spec, metadata } }) => ({
			spec,
			annotations: metadata.annotations,
		}));
	};

	it.each(filesIn("stacks"))(
		"%s does not differ from what the API server made of it, compared by the server",
		async (file) => {
			const live = await apply(file);
			expect(live.length).toBeGreaterThan(0);
			expect(await apply(file, "--dry-run=server")).toEqual(live);
		},
	);

	it("goes on without an annotation that an action set, and does not take it away", async () => {
		const file = "stacks/dev/stack.yaml";
		await apply(file);
		const annotation = ["annotate", "prismstack", "prism-dev", "prism.io/restartedAt=now"];
		await run(kubectl, ["--kubeconfig", cluster.kubeconfig, ...annotation]);
		const [live] = await apply(file);
		expect(live?.annotations).toMatchObject({ "prism.io/restartedAt": "now" });
	});
});
