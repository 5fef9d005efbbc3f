import { expect, test } from "vitest";
import { pinnedVersions, TOOLS, versionOf } from "../../../devcluster/control-plane/versions.ts";

test("versions are those of go.mod", async () => {
	const { go, kubernetes, etcd } = await pinnedVersions();
	for (const version of [kubernetes, etcd]) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
	expect(go).toMatch(/^1\.\d+/);
});

test("etcd has its own, and all other programs that of Kubernetes", () => {
	const versions = { go: "1.26.0", kubernetes: "1.36.3", etcd: "3.7.0" };
	expect(TOOLS.map((tool) => versionOf(tool, versions))).toEqual(["3.7.0", "1.36.3", "1.36.3", "1.36.3", "1.36.3"]);
});
