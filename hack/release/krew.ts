import { dump } from "js-yaml";

// The manifest with the archives of the plugin for `kubectl krew install`.

export interface Download {
	readonly os: "linux" | "darwin";
	readonly arch: "amd64" | "arm64";
	readonly uri: string;
	readonly sha256: string;
}

/** The executables include Node; the script needs an installed Node. */
export const krewManifest = (version: string, downloads: readonly Download[], executables: boolean): string =>
	dump(
		{
			apiVersion: "krew.googlecontainertools.github.com/v1alpha2",
			kind: "Plugin",
			metadata: { name: "prism" },
			spec: {
				version: `v${version}`,
				homepage: "https://github.com/prism/prism-operator",
				shortDescription: "Explain what the Prism gateway does in a cluster",
				description:
					"Shows what the Prism gateway's custom resources made, the first cause of what is not ready, and the next command.\n" +
					"Shards, tenants and plugins: where they are, how far a rollout is, what applying a file would change.\n",
				...(!executables && { caveats: "The plugin needs Node.js 20 or newer on the PATH.\n" }),
				platforms: downloads.map(({ os, arch, uri, sha256 }) => ({
					selector: { matchLabels: { os, arch } },
					uri,
					sha256,
					bin: "kubectl-prism",
				})),
			},
		},
		{ noRefs: true, lineWidth: -1, seqNoIndent: true },
	);
