import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readManifests } from "../../cli/manifests.ts";
import { KINDS } from "../../hooks/index.ts";
import { customResourceDefinition } from "../../kube/crd.ts";
import { isRecord, recordsAt, valueAt } from "../../kube/object.ts";
import type { ControlPlane } from "../../local/control-plane.ts";
import { onceServed } from "../../local/once-served.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT, startTestCluster, testBinaries } from "../cluster.ts";

// The way to a v1beta1 that docs/api-versioning.md describes, walked with a v1beta1 of the same fields.

const ROOT = join(import.meta.dirname, "../..");
const TIMEOUT = 180_000;
let cluster: ControlPlane;
let kubectl: string;

/** The kinds with two versions, of which these are served and that one is stored. */
const install = async (served: readonly string[], stored: string): Promise<void> => {
	for (const kind of KINDS) {
		const definition = customResourceDefinition(kind);
		const [only] = recordsAt(definition, "spec", "versions");
		if (!isRecord(definition["spec"]) || only === undefined) throw new Error(`${kind.kind} has no version`);
		const versions = ["v1alpha1", "v1beta1"]
			.map((name) => ({ ...only, name, served: served.includes(name), storage: stored === name }))
			.filter((version) => version.served || version.storage);
		const object = { ...definition, spec: { ...definition["spec"], versions } };
		await cluster.store.apply(object, { fieldManager: "test" });
	}
	for (const { group, plural } of KINDS)
		for (const version of served) await onceServed(() => cluster.store.resourceNamed(`${group}/${version}`, plural));
};

const read = async (...args: string[]): Promise<KubeObject> => {
	const flags = ["--kubeconfig", cluster.kubeconfig, "get", ...args, "--output", "json"];
	const { stdout } = await promisify(execFile)(kubectl, flags, { maxBuffer: 64 * 1024 * 1024 });
	return JSON.parse(stdout) as KubeObject;
};
const stack = (version: string) => read(`prismstacks.${version}.prism.io`, "prism-dev");

beforeAll(async () => {
	({ kubectl } = await testBinaries());
	cluster = await startTestCluster();
}, CLUSTER_TIMEOUT);
afterAll(() => cluster?.stop());

describe("the way to v1beta1", { timeout: TIMEOUT }, () => {
	it("begins with both served: what was written in one is read in the other", async () => {
		await install(["v1alpha1", "v1beta1"], "v1alpha1");
		for (const { object } of readManifests(join(ROOT, "samples/quickstart.yaml")))
			await cluster.store.apply(object, { fieldManager: "test" });
		const old = await stack("v1alpha1");
		const fresh = await stack("v1beta1");
		expect(fresh.apiVersion).toBe("prism.io/v1beta1");
		expect({ ...fresh, apiVersion: old.apiVersion, metadata: old.metadata }).toEqual(old);
		expect(fresh.metadata.generation).toBe(1);
		const owner = { apiVersion: old.apiVersion, kind: old.kind, name: old.metadata.name, uid: old.metadata.uid ?? "" };
		const children = { namespace: "default", ownerReferences: [{ ...owner, controller: true }] };
		const labels = { "app.kubernetes.io/managed-by": "prism-operator" };
		const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { ...children, name: "child", labels } };
		await cluster.store.apply(configMap, { fieldManager: "test" });
		const runner = { apiVersion: old.apiVersion, kind: "PatternRunner", metadata: { ...children, name: "child" } };
		const spec = { pattern: "keyvalue", backend: "memstore" };
		await cluster.store.apply({ ...runner, spec }, { fieldManager: "test" });
	});

	it("stores the new version, for which every object has to be written once", async () => {
		await install(["v1alpha1", "v1beta1"], "v1beta1");
		await onceServed(() => stack("v1beta1"));
		expect(valueAt(await read("crd", "prismstacks.prism.io"), "status", "storedVersions")).toEqual([
			"v1alpha1",
			"v1beta1",
		]);
		await expect(install(["v1beta1"], "v1beta1")).rejects.toThrow("storedVersions");
	});

	it("is cleared by the commands of the page, without a change to any spec", async () => {
		const [, script = ""] =
			/```sh migrate\n(.*?)```/s.exec(readFileSync(join(ROOT, "docs/api-versioning.md"), "utf8")) ?? [];
		const before = await stack("v1beta1");
		const PATH = `${dirname(kubectl)}:${process.env["PATH"]}`;
		const env = { ...process.env, PATH, KUBECONFIG: cluster.kubeconfig };
		await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], { env });
		const after = await stack("v1beta1");
		expect(after.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion);
		expect(after.metadata.generation).toBe(before.metadata.generation);
		expect(after["spec"]).toEqual(before["spec"]);
		for (const kind of ["configmap", "patternrunners.v1beta1.prism.io"]) {
			const [owner] = (await read(kind, "child")).metadata.ownerReferences ?? [];
			expect(owner).toMatchObject({ apiVersion: "prism.io/v1beta1", uid: before.metadata.uid, controller: true });
		}
		for (const { plural, group } of KINDS)
			expect(valueAt(await read("crd", `${plural}.${group}`), "status", "storedVersions")).toEqual(["v1beta1"]);
	});

	it("ends with the old version gone, and every object there", async () => {
		const before = await stack("v1beta1");
		await install(["v1beta1"], "v1beta1");
		await expect(onceServed(() => stack("v1beta1"))).resolves.toEqual(before);
		await expect(stack("v1alpha1")).rejects.toThrow("could not find the requested resource");
	});
});
