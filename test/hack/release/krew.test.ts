import { expect, it } from "vitest";
import { type Download, krewManifest } from "../../../hack/release/krew.ts";
import { recordsAt, valueAt } from "../../../kube/object.ts";
import { parseDocuments } from "../../../yaml/manifests.ts";

const DOWNLOADS: Download[] = [
	{ os: "linux", arch: "amd64", uri: "https://x/linux.tar.gz", sha256: "1" },
	{ os: "darwin", arch: "arm64", uri: "https://x/darwin.tar.gz", sha256: "2" },
];
const manifestOf = (executables: boolean) =>
	parseDocuments(krewManifest("1.2.3", DOWNLOADS, executables), "prism.yaml")[0];

it("has the version and one platform for each download", () => {
	expect(manifestOf(true)).toMatchObject({ kind: "Plugin", metadata: { name: "prism" }, spec: { version: "v1.2.3" } });
	expect(recordsAt(manifestOf(true), "spec", "platforms")).toEqual(
		DOWNLOADS.map(({ os, arch, uri, sha256 }) => ({
			selector: { matchLabels: { os, arch } },
			uri,
			sha256,
			bin: "kubectl-prism",
		})),
	);
});

it.each([
	[true, false],
	[false, true],
])("with executables %s, Node.js is needed: %s", (executables, isNeeded) => {
	expect(valueAt(manifestOf(executables), "spec", "caveats") !== undefined).toBe(isNeeded);
});
