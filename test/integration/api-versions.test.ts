import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ControlPlane } from "../../devcluster/control-plane/control-plane.ts";
import { onceServed } from "../../devcluster/retry-until-served.ts";
import { KINDS } from "../../hooks/index.ts";
import { customResourceDefinition } from "../../kube/crd.ts";
import { isRecord, recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { CLUSTER_TIMEOUT, startTestCluster, testBinaries } from "../cluster.ts";
import { ensureNamespaces } from "./installed.ts";

// The way to a v1beta1 that docs/api-versioning.md describes, walked with a v1beta1 of the same fields.

const ROOT = join(import.meta.dirname, "../..");
const TIMEOUT = 180_000;
let cluster: ControlPlane;
let kubectl: string;

/** The kinds with two versions, of which these are served and that one is stored; where both are and v1beta1 is, v1alpha1 is deprecated. */
const install = async (served: readonly string[], stored: string): Promise<void> => {
	for (const kind of KINDS) {
		const definition = customResourceDefinition(kind);
		const [only] = recordsAt(definition, "spec", "versions");
		if (!isRecord(definition["spec"]) || only === undefined) throw new Error(`${kind.kind} has no version`);
		const versions = ["v1alpha1", "v1beta1"]
			.map((name) => ({
				...only,
				name,
				served: served.includes(name),
				storage: stored === name,
				...(name !== stored && stored === "v1beta1" && { deprecated: true }),
			}))
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
/** Every object of the samples, each in a namespace of its own, for names repeat. */
const SAMPLES = readdirSync(join(ROOT, "samples"), { recursive: true, encoding: "utf8" })
	.filter((name) => name.endsWith(".yaml"))
	.toSorted()
	.flatMap((name) => readManifests(join(ROOT, "samples", name)))
	.map(({ object }) => object)
	.filter(({ apiVersion }) => apiVersion === "prism.io/v1alpha1");

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

	it("takes every sample in either version, and gives it back in the other without a difference", async () => {
		expect(new Set(SAMPLES.map(({ kind }) => kind)).size).toBe(6);
		for (const [index, { kind, metadata, ...content }] of SAMPLES.entries()) {
			const { namespace: _namespace, ...rest } = metadata;
			const inVersion = async (written: string, others: string) => {
				const namespace = `${written}-${index}`;
				await ensureNamespaces(cluster.store, [namespace]);
				const object = { ...content, kind, apiVersion: `prism.io/${written}`, metadata: { ...rest, namespace } };
				const { status: _none, ...fresh } = await cluster.store.create(object);
				const created = await cluster.store.updateStatus({ ...fresh, status: { observedGeneration: 1 } });
				const resource = await cluster.store.resourceOf(`prism.io/${others}`, kind);
				const other = await cluster.store.get(resource, namespace, metadata.name);
				if (other === undefined) throw new Error(`there is no ${kind} ${metadata.name} in ${others}`);
				expect(other.apiVersion).toBe(`prism.io/${others}`);
				// Written back as it was read, it is what is stored already.
				const back = await cluster.store.update(other);
				expect(back.metadata.resourceVersion, `${kind} ${metadata.name}`).toBe(created.metadata.resourceVersion);
				expect(back["spec"]).toEqual(created["spec"]);
				await cluster.store.delete(resource, namespace, metadata.name);
				return created["spec"];
			};
			expect(await inVersion("v1beta1", "v1alpha1")).toEqual(await inVersion("v1alpha1", "v1beta1"));
		}
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

	it("warns whoever still writes the old version, by the API server's own words", async () => {
		const flags = ["--kubeconfig", cluster.kubeconfig, "annotate", "--dry-run=server"];
		const annotate = async (version: string) =>
			promisify(execFile)(kubectl, [...flags, `prismstacks.${version}.prism.io`, "prism-dev", `seen=${version}`]);
		await expect(annotate("v1alpha1")).resolves.toMatchObject({
			stderr: "Warning: prism.io/v1alpha1 PrismStack is deprecated; use prism.io/v1beta1 PrismStack\n",
		});
		await expect(annotate("v1beta1")).resolves.toMatchObject({ stderr: "" });
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
