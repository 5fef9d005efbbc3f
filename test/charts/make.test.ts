import { execFile, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ControlPlane } from "../../devcluster/control-plane/control-plane.ts";
import { helmBinary } from "../../hack/helm/binary.ts";
import { CLUSTER_TIMEOUT, startTestCluster, testBinaries } from "../cluster.ts";
import { eventually } from "../integration/installed.ts";
import { HELM_TIMEOUT } from "./helm.ts";

// The targets for the current cluster, on a real API server. No pods run there.

const ROOT = join(import.meta.dirname, "../..");
const TIMEOUT = 300_000;
let cluster: ControlPlane;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
	const helm = await helmBinary(process.env, (message) => console.error(message));
	const { kubectl } = await testBinaries();
	cluster = await startTestCluster();
	const { MAKEFLAGS: _flags, MAKELEVEL: _level, ...rest } = process.env;
	const PATH = [dirname(helm), dirname(kubectl), process.env["PATH"]].join(":");
	environment = { ...rest, PATH, KUBECONFIG: cluster.kubeconfig };
}, CLUSTER_TIMEOUT + HELM_TIMEOUT);
afterAll(() => cluster?.stop());

const sh = (script: string) =>
	promisify(execFile)("bash", ["-o", "pipefail", "-c", script], { cwd: ROOT, env: environment }).then(
		({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
		(error: { code: number; stdout: string; stderr: string }) => error,
	);
const succeeds = async (script: string): Promise<string> => {
	const { code, stdout, stderr } = await sh(script);
	if (code !== 0) throw new Error(`${script} ended with ${code}: ${stderr}`);
	return stdout;
};
const crds = () => succeeds("kubectl get crds --output name | grep prism.io || true");

describe("make", { timeout: TIMEOUT }, () => {
	it("install applies the CRDs repeatedly, and config/crd/ is the same", async () => {
		await succeeds("make install");
		await succeeds("make install");
		await succeeds("kubectl apply -f config/crd/");
		expect((await crds()).trim().split("\n").length).toBe(7);
		await succeeds("kubectl wait --for=condition=Established crd/prismstacks.prism.io --timeout=60s");
	});

	it("local-test applies the sample and shows it", async () => {
		expect(await succeeds("make local-test")).toContain("prismstack.prism.io/prism-dev created");
		await succeeds("kubectl apply -f config/samples/");
	});

	it("deploy installs the operator with the given image if kubectl installed the CRDs", async () => {
		await succeeds("make deploy IMG=localhost:5000/operator:dev");
		const image = "jsonpath={.spec.template.spec.containers[0].image}";
		const named = "kubectl --namespace prism-system get deployment/prism-operator-controller-manager";
		expect(await succeeds(`${named} --output '${image}'`)).toBe("localhost:5000/operator:dev");
		await succeeds("make deploy IMG=prism-operator");
		expect(await succeeds(`${named} --output '${image}'`)).toBe("prism-operator:latest");
		expect(await succeeds("kubectl get clusterrole | grep prism")).toContain("metacontroller");
		expect(await succeeds("kubectl get clusterrolebinding | grep prism")).toContain("metacontroller");
	});

	it.each(["undeploy", "uninstall"])("%s fails while custom resources are left", async (target) => {
		const { code, stderr } = await sh(`make ${target}`);
		expect(code).toBe(2);
		expect(stderr).toMatch(/cannot remove .*: custom resources are left:\n/);
		expect(stderr).toContain("prismstack.prism.io/prism-dev\n");
		expect(stderr).toContain("FORCE=1");
	});

	it("local-clean deletes the custom resources and the operator, uninstall the CRDs", async () => {
		await succeeds("make local-clean");
		expect(await succeeds("kubectl get deployments --namespace prism-system --output name")).toBe("");
		expect(await crds()).not.toBe("");
		await succeeds("make uninstall");
		expect(await crds()).toBe("");
		await succeeds("make uninstall");
	});

	it("names the missing program", async () => {
		const { code, stderr } = await sh("make deploy HELM=no-helm");
		expect(code).toBe(2);
		expect(stderr).toContain("no-helm is missing: https://helm.sh/docs/intro/install\n");
	});
});

it("local-run runs the operator here with the given LOG_LEVEL, and deletes the sample at the end", {
	timeout: TIMEOUT,
}, async () => {
	const context = (await succeeds("kubectl config current-context")).trim();
	const run = spawn("make", ["local-run", `LOCAL_CONTEXT=${context}`], {
		cwd: ROOT,
		env: { ...environment, LOG_LEVEL: "debug" },
		stdio: ["ignore", "pipe", "pipe"],
		// A process group of its own, which is what a terminal's Ctrl-C goes to.
		detached: true,
	});
	let output = "";
	for (const stream of [run.stdout, run.stderr])
		stream.on("data", (chunk: Buffer) => {
			output += chunk.toString();
		});
	const ended = new Promise((resolve) => run.once("close", resolve));
	try {
		await eventually(() => succeeds("kubectl get deployment prism-dev-proxy keyvalue-memstore"), 60);
		expect(output).toMatch(/"level":(20|30)/);
	} finally {
		process.kill(-(run.pid ?? 0), "SIGINT");
		await ended;
	}
	await eventually(async () => expect(await succeeds("kubectl get prismstacks --output name")).toBe(""), 30);
});

it("kustomize's output is applied by kubectl alone", { timeout: TIMEOUT }, async () => {
	// Metacontroller's kinds are those of the chart; its own come first, as its own release would bring them.
	await succeeds("kubectl apply --server-side -f charts/prism-operator/charts/metacontroller/crds/");
	await succeeds("kubectl wait --for=condition=Established crd --all --timeout=60s");
	expect(await succeeds("kubectl kustomize config/default | kubectl apply -f -")).toContain(
		"deployment.apps/prism-operator-controller-manager created",
	);
});
