import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { CHART } from "../../codegen/chart/files.ts";
import { helmBinary } from "../../hack/helm/binary.ts";
import { isRecord } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { parseManifests } from "../../yaml/manifests.ts";

// Helm as tests run it: our own, on our own chart.

/** For `beforeAll`: the first build on a machine takes some minutes. */
export const HELM_TIMEOUT = 15 * 60_000;

const ROOT = join(import.meta.dirname, "../..");
export const CHART_FOLDER = join(ROOT, CHART);
export const RELEASE = "prism-operator";
export const NAMESPACE = "prism-system";

/** What it prints; what it complains of is in the error. */
export const helm = async (...args: string[]): Promise<string> => {
	const program = await helmBinary(process.env, (message) => console.error(message));
	const { stdout } = await promisify(execFile)(program, args, { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 });
	return stdout;
};

/** Every object of the chart under these flags, tests of the chart's own apart. */
export const template = async (...args: string[]): Promise<KubeObject[]> =>
	parseManifests(await helm("template", RELEASE, CHART_FOLDER, "--namespace", NAMESPACE, ...args), "the chart").map(
		({ object }) => object,
	);

/** Flags that set values by their JSON. */
export const set = (values: Readonly<Record<string, unknown>>): string[] =>
	Object.entries(values).flatMap(([name, value]) => ["--set-json", `${name}=${JSON.stringify(value)}`]);

export const only = (objects: readonly KubeObject[], kind: string): KubeObject[] =>
	objects.filter((object) => object.kind === kind);

/** The one Deployment of the hooks. */
export const hooksOf = (objects: readonly KubeObject[]): KubeObject => {
	const found = only(objects, "Deployment").find(({ metadata }) => metadata.name.endsWith("-controller-manager"));
	if (found === undefined) throw new Error("the chart has no Deployment of the hooks");
	return found;
};

/** Value at a path of keys and indices; undefined where it ends. */
export const at = (value: unknown, ...path: (string | number)[]): unknown =>
	path.reduce<unknown>((current, step) => {
		if (Array.isArray(current) && typeof step === "number") return current[step];
		return isRecord(current) ? current[String(step)] : undefined;
	}, value);

export const list = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isRecord) : []);

/** The environment of the hooks' container, as the process will see it. */
export const environmentOf = (deployment: object): Record<string, string> =>
	Object.fromEntries(
		list(at(deployment, "spec", "template", "spec", "containers", 0, "env")).flatMap(({ name, value, valueFrom }) =>
			// Of a Secret, or of the pod: nobody but the kubelet knows it.
			valueFrom === undefined ? [[String(name), String(value)]] : [],
		),
	);
