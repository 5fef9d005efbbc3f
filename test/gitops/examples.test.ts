import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Value } from "@sinclair/typebox/value";
import { describe, expect, it } from "vitest";
import { KINDS } from "../../hooks/index.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import { METACONTROLLER } from "../../kube/supported-versions.ts";
import { objectProblems } from "../../kube/validation.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { parseDocuments } from "../../yaml/manifests.ts";
import { FOLDER, filesIn, objectIn, objectsIn, ROOT } from "./examples.ts";
import { SHAPES } from "./shapes.ts";

const WAVE = "argocd.argoproj.io/sync-wave";
const waveOf = (metadata: { annotations?: Record<string, string> }): number =>
	Number(metadata.annotations?.[WAVE] ?? "0");

describe("the examples' own kinds", () => {
	it.each(filesIn("stacks"))("%s has nothing that the API server would refuse", (file) => {
		for (const object of objectsIn(file)) {
			const kind = KINDS.find((known) => known.kind === object.kind);
			expect(object.apiVersion).toBe(API_VERSION);
			expect(kind && objectProblems(kind, object)).toEqual([]);
			// Both put them into a namespace of the folder's name.
			expect(object.metadata.namespace).toBeUndefined();
		}
	});

	it("come in waves: what others name first", () => {
		for (const folder of readdirSync(join(ROOT, FOLDER, "stacks"))) {
			const objects = filesIn(`stacks/${folder}`).flatMap(objectsIn);
			const wavesOf = (...kinds: string[]) =>
				objects.filter(({ kind }) => kinds.includes(kind)).map(({ metadata }) => waveOf(metadata));
			const bases = wavesOf("PrismStack", "PrismShard");
			expect(bases.length).toBeGreaterThan(0);
			for (const namespace of wavesOf("PrismNamespace")) expect(namespace).toBeGreaterThan(Math.max(...bases));
			for (const plugin of wavesOf("PrismPlugin")) expect(plugin).toBeLessThan(Math.min(...bases));
		}
	});
});

describe("Argo CD's and Flux's kinds", () => {
	const files = [...filesIn("argocd"), ...filesIn("flux")].filter(
		(file) => !/argocd-cm|health-checks|namespaces/.test(file),
	);

	it.each(files)("%s has only fields that there are", (file) => {
		for (const object of objectsIn(file)) {
			const shape = SHAPES.find(
				({ properties: { apiVersion, kind } }) => apiVersion.const === object.apiVersion && kind.const === object.kind,
			);
			if (shape === undefined) throw new Error(`${object.apiVersion} ${object.kind} is not a kind that is used here`);
			expect([...Value.Errors(shape, object)].map(({ path, message }) => `${path}: ${message}`)).toEqual([]);
		}
	});

	it("lead to files and folders that there are", () => {
		const paths = [
			...["root", "apps/operator"].flatMap((name) =>
				objectsIn(`argocd/${name}.yaml`).map((object) => valueAt(object, "spec", "source", "path")),
			),
			...objectsIn("flux/apps.yaml").map((object) => valueAt(object, "spec", "path")),
			valueAt(
				objectIn("flux/operator/operator.yaml", "HelmRelease", "prism-operator"),
				"spec",
				"chart",
				"spec",
				"chart",
			),
		];
		for (const path of paths) expect(existsSync(join(ROOT, String(path))), String(path)).toBe(true);
		const [generator] = recordsAt(objectsIn("argocd/apps/stacks.yaml")[0], "spec", "generators");
		expect(recordsAt(generator, "git", "directories")).toEqual([{ path: `${FOLDER}/stacks/*` }]);
	});

	it("install Metacontroller as docs/install.md does", () => {
		const page = readFileSync(join(ROOT, "docs/install.md"), "utf8");
		const [, block = ""] = /```yaml\n# metacontroller-values\.yaml\n(.*?)```/s.exec(page) ?? [];
		const [values] = parseDocuments(block, "docs/install.md");
		const application = objectIn("argocd/apps/metacontroller.yaml", "Application", "metacontroller");
		expect(valueAt(application, "spec", "source", "helm", "valuesObject")).toEqual(values);
		expect(valueAt(application, "spec", "source", "targetRevision")).toBe(METACONTROLLER);
		const release = objectIn("flux/operator/metacontroller.yaml", "HelmRelease", "metacontroller");
		expect(valueAt(release, "spec", "values")).toEqual(values);
		const source = objectIn("flux/sources.yaml", "OCIRepository", "metacontroller");
		expect(valueAt(source, "spec", "ref", "tag")).toBe(METACONTROLLER);
	});

	it("bring Metacontroller, then the operator, then what it runs, and take them away the other way round", () => {
		const waves = ["metacontroller", "operator", "stacks"].map((name) => {
			const [first] = objectsIn(`argocd/apps/${name}.yaml`);
			return waveOf(first?.metadata ?? {});
		});
		expect(waves).toEqual([-2, -1, 0]);
		const stacks = objectIn("flux/apps.yaml", "Kustomization", "prism-stacks");
		expect(valueAt(stacks, "spec", "dependsOn")).toEqual([{ name: "prism-operator" }]);
	});

	it("never delete in the foreground, which takes proxies away before their namespaces", () => {
		const [set] = objectsIn("argocd/apps/stacks.yaml");
		const applications = ["root", "apps/metacontroller", "apps/operator"].flatMap((name) =>
			objectsIn(`argocd/${name}.yaml`),
		);
		for (const { metadata } of applications)
			expect(metadata.finalizers).toEqual(["resources-finalizer.argocd.argoproj.io/background"]);
		expect(valueAt(set, "spec", "template", "metadata", "finalizers")).toEqual([
			"resources-finalizer.argocd.argoproj.io/background",
		]);
		expect(valueAt(set, "spec", "template", "spec", "syncPolicy", "syncOptions")).toContain(
			"PrunePropagationPolicy=background",
		);
	});
});
