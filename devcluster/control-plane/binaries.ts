import { mkdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { cachePath, type Environment, isExecutable, ProgramError, type Report } from "../programs.ts";
import { buildTools, goMissing } from "./build.ts";
import { type DownloadOptions, downloadTools } from "./download.ts";
import { pinnedVersions, TOOLS, type Tool, type Versions } from "./versions.ts";

// Where the control plane's programs come from: those of the machine, the official ones, or built from source with Go.
// For development and tests only.

export interface Binaries {
	readonly etcd: string;
	readonly kubeApiserver: string;
	readonly kubeControllerManager: string;
	readonly kubeScheduler: string;
	readonly kubectl: string;
}

/** Looks in KUBEBUILDER_ASSETS, on the PATH and in our cache; undefined unless every program is in one of them. */
export const findControlPlane = async (environment: Environment): Promise<Binaries | undefined> =>
	binariesOf(await findTools(environment));

/** Like findControlPlane for kubectl alone. */
export const findKubectl = async (environment: Environment): Promise<string | undefined> =>
	findTool("kubectl", environment, await pinnedVersions());

/**
 * Finds the programs; downloads into the cache those that are missing, and builds there what can't be downloaded. Building
 * everything takes ten minutes or more.
 */
export const obtainControlPlane = async (
	environment: Environment,
	report: Report,
	options?: DownloadOptions,
): Promise<Binaries> => {
	const wanted = await pinnedVersions();
	const folder = cacheFolder(environment, wanted);
	const missing = missingFrom(await findTools(environment));
	if (missing.length > 0) {
		await mkdir(folder, { recursive: true });
		const undownloaded = await downloadTools(missing, wanted, folder, environment, report, options);
		const unbuilt = missingFrom(await findTools(environment));
		if (unbuilt.length > 0) {
			const noGo = await goMissing(environment, wanted.go);
			if (noGo !== undefined) throw new ProgramError(unobtainable(unbuilt, [...undownloaded, noGo], wanted.go));
			for (const sentence of undownloaded) report.line(`${sentence}; building from source instead`);
			await buildTools(unbuilt, wanted, folder, environment, report);
		}
	}
	const binaries = binariesOf(await findTools(environment));
	if (binaries === undefined) throw new Error(`cannot find what was put into ${folder}`);
	return binaries;
};

const unobtainable = (tools: readonly Tool[], causes: readonly string[], go: string): string =>
	`cannot get ${tools.join(", ")} (${causes.join("; ")}): install Go ${go} or newer from https://go.dev/dl, ` +
	`or name a mirror in CONTROL_PLANE_MIRROR, or put ${TOOLS.join(", ")} where KUBEBUILDER_ASSETS says`;

// ── Where ───────────────────────────────────────────────────────────────────────────────────────────────────────────

type FoundTools = Readonly<Record<Tool, string | undefined>>;

const findTools = async (environment: Environment): Promise<FoundTools> => {
	const versions = await pinnedVersions();
	const find = (tool: Tool) => findTool(tool, environment, versions);
	return {
		etcd: await find("etcd"),
		"kube-apiserver": await find("kube-apiserver"),
		"kube-controller-manager": await find("kube-controller-manager"),
		"kube-scheduler": await find("kube-scheduler"),
		kubectl: await find("kubectl"),
	};
};

const missingFrom = (found: FoundTools): readonly Tool[] => TOOLS.filter((tool) => found[tool] === undefined);

const binariesOf = (found: FoundTools): Binaries | undefined => {
	const { etcd, kubectl } = found;
	const kubeApiserver = found["kube-apiserver"];
	const kubeControllerManager = found["kube-controller-manager"];
	const kubeScheduler = found["kube-scheduler"];
	if (!etcd || !kubeApiserver || !kubeControllerManager || !kubeScheduler || !kubectl) return undefined;
	return { etcd, kubeApiserver, kubeControllerManager, kubeScheduler, kubectl };
};

const findTool = async (tool: Tool, environment: Environment, versions: Versions): Promise<string | undefined> => {
	const assets = environment["KUBEBUILDER_ASSETS"];
	const path = (environment["PATH"] ?? "").split(delimiter).filter(Boolean);
	const cache = cacheFolder(environment, versions);
	// A kubectl of another version works but warns at every call, so ours goes before the machine's.
	const folders = tool === "kubectl" ? [assets, cache, ...path] : [assets, ...path, cache];
	for (const folder of folders) {
		if (folder && (await isExecutable(join(folder, tool)))) return join(folder, tool);
	}
	return undefined;
};

const cacheFolder = (environment: Environment, { kubernetes, etcd }: Versions): string =>
	cachePath(environment, "control-plane", `v${kubernetes}-${etcd}`);
