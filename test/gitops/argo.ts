import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { KubeObject } from "../../schemas/common.ts";
import { parseManifests } from "../../yaml/manifests.ts";
import { runLua } from "./lua.ts";
import type { Health } from "./observed.ts";

// What Argo CD says of an object, with the scripts of examples/gitops.

const FILE = join(import.meta.dirname, "../../examples/gitops/argocd/argocd-cm.yaml");
const config = (): Record<string, string> => {
	const [object] = parseManifests(readFileSync(FILE, "utf8"), FILE).map((manifest) => manifest.object);
	return object?.["data"] as Record<string, string>;
};
export const DATA = config();

export const argoOf = async (object: KubeObject): Promise<{ status: Health; message: string }> => {
	const script = DATA[`resource.customizations.health.prism.io_${object.kind}`];
	if (script === undefined) throw new Error(`no health of ${object.kind}`);
	return (await runLua(script, object)) as { status: Health; message: string };
};
