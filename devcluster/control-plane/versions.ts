import { readFile } from "node:fs/promises";
import { join } from "node:path";

// The programs of the control plane, and their versions.

export const TOOLS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"] as const;
export type Tool = (typeof TOOLS)[number];

/** Folder of the go.mod that pins the versions. */
export const SOURCES = import.meta.dirname;

export interface Versions {
	readonly go: string;
	readonly kubernetes: string;
	readonly etcd: string;
}

export const pinnedVersions = async (): Promise<Versions> => {
	const file = join(SOURCES, "go.mod");
	const text = await readFile(file, "utf8");
	const version = (pattern: RegExp): string => {
		const found = pattern.exec(text)?.[1];
		if (found === undefined) throw new Error(`cannot read ${file}: nothing in it matches ${String(pattern)}`);
		return found;
	};
	return {
		go: version(/^go (\S+)/m),
		kubernetes: version(/^\tk8s\.io\/kubernetes v(\S+)/m),
		etcd: version(/^\tgo\.etcd\.io\/etcd\/server\/v3 v(\S+)/m),
	};
};

export const versionOf = (tool: Tool, { kubernetes, etcd }: Versions): string => (tool === "etcd" ? etcd : kubernetes);
