import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { KubeObject } from "../../schemas/common.ts";
import { parseManifests } from "../../yaml/manifests.ts";

export const ROOT = join(import.meta.dirname, "../..");
export const FOLDER = "examples/gitops";

/** The objects in a file of the examples. */
export const objectsIn = (path: string): KubeObject[] =>
	parseManifests(readFileSync(join(ROOT, FOLDER, path), "utf8"), path).map(({ object }) => object);

/** Every YAML file below a folder of the examples, but kustomize's own. */
export const filesIn = (folder: string): string[] =>
	readdirSync(join(ROOT, FOLDER, folder), { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(".yaml") && !name.endsWith("kustomization.yaml"))
		.map((name) => join(folder, name))
		.toSorted();

/** The one object of a kind and name in a file. */
export const objectIn = (path: string, kind: string, name: string): KubeObject => {
	const found = objectsIn(path).find((object) => object.kind === kind && object.metadata.name === name);
	if (found === undefined) throw new Error(`${path} has no ${kind} ${name}`);
	return found;
};
