import { dirname } from "node:path";
import { run } from "../programs.ts";
import type { Binaries } from "./binaries.ts";

/**
 * Sentences on combinations that Kubernetes does not support: a controller manager or scheduler newer than the API server,
 * or more than one minor version older. envtest's folder lacks these two, so they may come from elsewhere.
 */
export const unsupportedSkews = async ({
	kubeApiserver,
	kubeControllerManager,
	kubeScheduler,
}: Binaries): Promise<string[]> => {
	const others = [kubeControllerManager, kubeScheduler].filter((path) => dirname(path) !== dirname(kubeApiserver));
	if (others.length === 0) return [];
	const server = await versionSaid(kubeApiserver);
	const sentences = await Promise.all(
		others.map(async (path) => {
			const other = await versionSaid(path);
			if (server === undefined || other === undefined) return [];
			const newer = other.minor - server.minor;
			if (newer <= 0 && newer >= -1) return [];
			return [
				`${path} is ${other.version}, which Kubernetes does not support with ${server.version} of ${kubeApiserver}: ` +
					`put a program of ${server.version} beside it`,
			];
		}),
	);
	return sentences.flat();
};

/** The programs print "Kubernetes v1.36.3". */
const versionSaid = async (program: string): Promise<{ version: string; minor: number } | undefined> => {
	const { output } = await run(program, ["--version"], dirname(program), {});
	const [version, minor] = /v1\.(\d+)\.\d+\S*/.exec(output) ?? [];
	return version === undefined ? undefined : { version, minor: Number(minor) };
};
