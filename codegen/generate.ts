import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KINDS, REGISTRY } from "../hooks/index.ts";
import { controllerObject } from "../kube/controllers.ts";
import { customResourceDefinition } from "../kube/crd.ts";
import type { KindDescriptor } from "../schemas/common.ts";
import { printManifests } from "../yaml/manifests.ts";
import { CHART_FOLDERS, chartFiles } from "./chart/files.ts";
import { diagramPage } from "./docs/diagrams.ts";
import { configurationPage, errorsPage, providersPage, reasonsPage } from "./docs/pages.ts";
import { referencePage } from "./docs/reference.ts";
import { supportPage } from "./docs/support.ts";
import { type File, NOTICE } from "./generated.ts";
import { gitopsFiles } from "./gitops/files.ts";

// Everything that is generated, by one command that can also only compare: nothing drifts.

/** Where the controllers in compositecontrollers/ find the hooks: the Service that the chart installs. */
const DEFAULT_ORIGIN = "http://prism-operator.prism-system.svc:8080";

const manifest = (path: string, value: unknown): File => [path, NOTICE + printManifests([value])];

const fileOf = ({ group, plural }: KindDescriptor): string => `${group}_${plural}.yaml`;

/** Every generated file: path from the project's root → content. */
export const generatedFiles = (): ReadonlyMap<string, string> => {
	const controller = { origin: DEFAULT_ORIGIN, features: { inlineCredentials: false, serviceMonitors: false } };
	return new Map([
		...KINDS.map((kind) => manifest(`crds/${fileOf(kind)}`, customResourceDefinition(kind))),
		...REGISTRY.map((row) => manifest(`compositecontrollers/${row.name}.yaml`, controllerObject(row, controller))),
		manifest("crds/Kustomization", kustomization(KINDS.map(fileOf))),
		manifest("compositecontrollers/Kustomization", kustomization(REGISTRY.map(({ name }) => `${name}.yaml`))),
		...KINDS.map((kind): File => [`docs/reference/${kind.singular}.md`, referencePage(kind)]),
		["docs/reference/errors.md", errorsPage()],
		["docs/reference/reasons.md", reasonsPage()],
		["docs/reference/providers.md", providersPage()],
		["docs/reference/support.md", supportPage()],
		["docs/reference/diagram.md", diagramPage()],
		["docs/configuration.md", configurationPage()],
		...chartFiles(),
		...gitopsFiles(),
	]);
};

/** For config/default; without an extension, so that `kubectl apply -f` passes it by. */
const kustomization = (resources: readonly string[]) => ({
	apiVersion: "kustomize.config.k8s.io/v1beta1",
	kind: "Kustomization",
	resources: resources.toSorted(),
});

/** Folders that hold nothing but generated files. */
const GENERATED_FOLDERS = ["crds", "compositecontrollers", "docs/reference", ...CHART_FOLDERS] as const;

/** What differs from `root`: files that are missing, differ, or should not be there. */
export const generatedDrift = (root: string): string[] => {
	const files = generatedFiles();
	const drifted = [...files].filter(([path, content]) => contentOf(join(root, path)) !== content).map(([path]) => path);
	return [...drifted, ...strangers(root, files)];
};

/** Writes all generated files below `root` and removes what no longer is one. Returns the paths that changed. */
export const writeGenerated = (root: string): string[] => {
	const files = generatedFiles();
	const changed = generatedDrift(root);
	for (const folder of GENERATED_FOLDERS) mkdirSync(join(root, folder), { recursive: true });
	for (const path of strangers(root, files)) rmSync(join(root, path));
	for (const [path, content] of files) writeFileSync(join(root, path), content);
	return changed;
};

const strangers = (root: string, files: ReadonlyMap<string, string>): string[] =>
	GENERATED_FOLDERS.flatMap((folder) => {
		try {
			return readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
		} catch {
			return [];
		}
	}).filter((path) => !files.has(path));

const contentOf = (path: string): string | undefined => {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return undefined;
	}
};
