import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ControlPlane } from "../../devcluster/control-plane/control-plane.ts";
import { METACONTROLLER_CRDS } from "../../devcluster/metacontroller/crds.ts";
import { KINDS } from "../../hooks/index.ts";
import { isRecord } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { carriesToken, readTokens } from "../../server/tokens.ts";
import { CLUSTER_TIMEOUT, startTestCluster, testBinaries } from "../cluster.ts";
import { eventually, installKinds } from "../integration/installed.ts";
import { at, CHART_FOLDER, HELM_TIMEOUT, helm, hooksOf, NAMESPACE, only, RELEASE, template } from "./helm.ts";
import { OPTIONAL_CRDS } from "./optional-crds.ts";

// What the real API server says of the chart: of each object, and of a release's life.

const GOLDEN = join(import.meta.dirname, "golden");
const CASES = readdirSync(GOLDEN).filter((name) => name.endsWith(".values.yaml"));

let cluster: ControlPlane;
beforeAll(async () => {
	await helm("version");
	cluster = await startTestCluster();
	const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };
	await cluster.store.create({
		apiVersion: "v1",
		kind: "Namespace",
		metadata: { name: NAMESPACE, labels: restricted },
	});
	await cluster.store.create({
		apiVersion: "v1",
		kind: "ServiceAccount",
		metadata: { name: "default", namespace: NAMESPACE },
	});
	// Where the values of a golden case have dashboards go.
	await cluster.store.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "monitoring" } });
	for (const crd of [...OPTIONAL_CRDS, ...METACONTROLLER_CRDS]) {
		await cluster.store.apply(crd, { fieldManager: "test" });
	}
	await installKinds(cluster.store);
	for (const crd of [...OPTIONAL_CRDS, ...METACONTROLLER_CRDS]) {
		const { group, names } = crd["spec"] as { group: string; names: { plural: string } };
		const version = String(at(crd, "spec", "versions", 0, "name"));
		await eventually(() => cluster.store.resourceNamed(`${group}/${version}`, names.plural));
	}
}, CLUSTER_TIMEOUT + HELM_TIMEOUT);
afterAll(() => cluster.stop());

const dryRun = (object: KubeObject) => cluster.store.apply(object, { fieldManager: "test", dryRun: true });

/** A pod as a workload's controller would make it, with the account that no controller makes here. */
const podOf = (workload: KubeObject): KubeObject => {
	const { metadata, spec } = at(workload, "spec", "template") as { metadata: object; spec: object };
	return {
		apiVersion: "v1",
		kind: "Pod",
		metadata: { ...metadata, name: "pod", namespace: NAMESPACE },
		spec: { ...spec, serviceAccountName: "default" },
	};
};

describe("objects", () => {
	it.each(CASES)("of %s are accepted, and their pods in a restricted namespace", async (name) => {
		const objects = await template("--values", join(GOLDEN, name));
		for (const object of objects) await expect(dryRun(object), object.metadata.name).resolves.toBeDefined();
		const pods = only(objects, "Deployment").map(podOf);
		expect(pods.length).toBeGreaterThan(0);
		for (const pod of pods) {
			// The class and the Secrets to pull with are the cluster's own.
			const { priorityClassName: _class, ...spec } = pod["spec"] as Record<string, unknown>;
			await expect(dryRun({ ...pod, spec })).resolves.toBeDefined();
		}
	});

	it("of another user id are refused in that namespace", async () => {
		const pod = podOf(hooksOf(await template()));
		const spec = { ...(pod["spec"] as object), securityContext: {} };
		await expect(dryRun({ ...pod, spec })).rejects.toThrow("violates PodSecurity");
	});
});

describe("a release", () => {
	const run = (...args: string[]) => helm(...args, "--kubeconfig", cluster.kubeconfig, "--namespace", NAMESPACE);
	const upgrade = (...args: string[]) => run("upgrade", "--install", RELEASE, CHART_FOLDER, ...args);
	const stored = async (kind: string, apiVersion: string, name: string, namespace?: string): Promise<KubeObject> => {
		const found = await cluster.store.get(await cluster.store.resourceOf(apiVersion, kind), namespace, name);
		if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
		return found;
	};
	const secret = async (name: string): Promise<Record<string, string>> => {
		const { data } = await stored("Secret", "v1", `${RELEASE}-${name}`, NAMESPACE);
		if (!isRecord(data)) throw new Error(`the Secret ${name} is empty`);
		return Object.fromEntries(
			Object.entries(data).map(([key, value]) => [key, Buffer.from(String(value), "base64").toString()]),
		);
	};
	const controller = () => stored("CompositeController", "metacontroller.k8s.io/v1alpha1", "prismstack");
	const endpoint = async () => at(await controller(), "spec", "endpointConfigs", 0);
	const adopt = ["--take-ownership"];

	it("keeps what it generated when it is upgraded", async () => {
		expect(await upgrade(...adopt)).toContain(
			"kubectl apply -f - <<'EOF'\napiVersion: prism.io/v1alpha1\nkind: PrismStack",
		);
		const [tokens, tls] = [await secret("tokens"), await secret("tls")];
		await upgrade("--set", "replicas=3");
		expect(await secret("tokens")).toEqual(tokens);
		expect(await secret("tls")).toEqual(tls);
		expect(at(await endpoint(), "caBundle", "inline")).toBe(tls["ca.crt"]);
	}, 60_000);

	it("rotates its token to one that the hooks accept already", async () => {
		const before = await secret("tokens");
		expect(at(await endpoint(), "authorization", "secretRef", "key")).toBe("token-1");
		await upgrade("--set", "auth.generation=2");
		const after = await secret("tokens");
		expect(at(await endpoint(), "authorization", "secretRef", "key")).toBe("token-2");
		expect(after["token-2"]).toBe(before["token-2"]);
		const accepts = (token: string | undefined, file: string | undefined) =>
			carriesToken(`Bearer ${token}`, readTokens(file ?? ""));
		expect(accepts(after["token-2"], before["tokens"])).toBe(true);
		expect(accepts(after["token-2"], after["tokens"])).toBe(true);
		expect(accepts(before["token-1"], after["tokens"])).toBe(false);
	}, 60_000);

	it("rotates its certificate, and trusts the one before until it is gone", async () => {
		const before = await secret("tls");
		await upgrade("--set", "auth.generation=2,tls.generation=2");
		const after = await secret("tls");
		expect(after["tls.crt"]).not.toBe(before["tls.crt"]);
		expect(after["ca.crt"]?.endsWith(before["ca.crt"] ?? "")).toBe(true);
		expect(at(await endpoint(), "caBundle", "inline")).toBe(after["ca.crt"]);
		await upgrade("--set", "auth.generation=2,tls.generation=3");
		expect((await secret("tls"))["ca.crt"]?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
	}, 60_000);

	it("releases objects that hang in deletion, by the command of the documentation", async () => {
		const stuck = (name: string): KubeObject => ({
			apiVersion: "prism.io/v1alpha1",
			kind: "PrismStack",
			metadata: { name, namespace: "default", finalizers: ["metacontroller.io/compositecontroller-prismstack"] },
			spec: {},
		});
		for (const name of ["going", "staying"]) await cluster.store.create(stuck(name));
		const stacks = await cluster.store.resourceOf("prism.io/v1alpha1", "PrismStack");
		await cluster.store.delete(stacks, "default", "going");
		const page = readFileSync(join(import.meta.dirname, "../../docs/install.md"), "utf8");
		const script = /```sh release\n(.*?)```/s.exec(page)?.[1] ?? "";
		const { kubectl } = await testBinaries();
		const env = {
			PATH: `${dirname(kubectl)}:/usr/bin:/bin`,
			KUBECONFIG: cluster.kubeconfig,
			HOME: dirname(cluster.kubeconfig),
		};
		await promisify(execFile)("sh", ["-euc", script], { env });
		expect((await cluster.store.list(stacks)).items.map(({ metadata }) => metadata.name)).toEqual(["staying"]);
		expect((await cluster.store.list(stacks)).items[0]?.metadata.finalizers).toHaveLength(1);
		await cluster.store.delete(stacks, "default", "staying");
		await promisify(execFile)("sh", ["-euc", script], { env });
	});

	it("leaves the kinds, and nothing else, when it is uninstalled", async () => {
		await run("uninstall", RELEASE);
		await expect(controller()).rejects.toThrow("there is no");
		await expect(secret("tls")).rejects.toThrow("there is no");
		const { kubectl } = await testBinaries();
		const args = ["--kubeconfig", cluster.kubeconfig, "get", "crd", "--output", "name"];
		const selector = ["--selector", "app.kubernetes.io/part-of=prism"];
		const { stdout } = await promisify(execFile)(kubectl, [...args, ...selector]);
		const left = stdout.trim().split("\n");
		expect(left.every((name) => name.endsWith(".prism.io"))).toBe(true);
		expect(left).toHaveLength(KINDS.length);
	}, 60_000);
});
