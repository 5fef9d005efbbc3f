import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, it } from "vitest";
import { OLDEST_KUBERNETES, RELEASE_VALUES, withoutHelm } from "../../hack/release/manifests.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { parseManifests, printManifests } from "../../yaml/manifests.ts";
import { CLUSTER_TIMEOUT, testBinaries } from "../cluster.ts";
import { HELM_TIMEOUT, helm, set, template } from "./helm.ts";

// config/default is the chart with these values, for those without Helm. UPDATE=1 writes its part of the hooks anew.

const ROOT = join(import.meta.dirname, "../..");
const HOOKS = join(ROOT, "config/default/hooks.yaml");
const OLDEST = ["--kube-version", OLDEST_KUBERNETES];
const NOTICE = "# Written by `UPDATE=1 vitest run test/charts/kustomize.test.ts`, which compares it with the chart.\n";

beforeAll(async () => {
	await helm("version");
	await testBinaries();
}, CLUSTER_TIMEOUT + HELM_TIMEOUT);

it("has the hooks as the chart renders them", async () => {
	const objects = await template(
		...OLDEST,
		...set({ ...RELEASE_VALUES, "crds.enabled": false, "controllers.enabled": false }),
	);
	const rendered = NOTICE + printManifests(objects.map(withoutHelm));
	if (process.env["UPDATE"] || !existsSync(HOOKS)) writeFileSync(HOOKS, rendered);
	expect(readFileSync(HOOKS, "utf8")).toBe(rendered);
});

it("builds, with kubectl alone, what the chart installs", async () => {
	const { kubectl } = await testBinaries();
	const { stdout } = await promisify(execFile)(kubectl, ["kustomize", join(ROOT, "config/default")], {
		maxBuffer: 64 * 1024 * 1024,
	});
	const specs = (objects: readonly KubeObject[]) =>
		Object.fromEntries(objects.map(({ kind, metadata, spec }) => [`${kind} ${metadata.name}`, spec]));
	const built = parseManifests(stdout, "config/default").map(({ object }) => object);
	const { "Namespace prism-system": _namespace, ...rest } = specs(built);
	expect(rest).toEqual(specs(await template(...OLDEST, ...set(RELEASE_VALUES))));
});
