import { describe, expect, it } from "vitest";
import { KINDS, REGISTRY } from "../../hooks/index.ts";
import { GROUP } from "../../schemas/vocabulary.ts";
import { pageText } from "./pages.ts";

// The script of the storage version migration has every resource with an apiVersion that it rewrites. Owner references of the others would
// name a version that is no longer served, and their objects would stay when the parent is deleted.

const SCRIPT = /```sh migrate\n(.*?)```/s.exec(pageText("docs/api-versioning.md"))?.[1] ?? "";
const listed = (name: string): string[] => {
	const [, list = ""] = new RegExp(`^${name}="([^"]*)"`, "m").exec(SCRIPT) ?? [];
	return list.split(" ").toSorted();
};

/** Features whose CRDs a cluster may lack: the page names their resources below the script. */
const OWN_CRDS = ["keda", "serviceMonitors"];

describe("the script of the storage version migration", () => {
	it("has every CRD", () => {
		expect(listed("resources")).toEqual(KINDS.map(({ plural }) => plural).toSorted());
	});

	it("has every resource of children", () => {
		const children = REGISTRY.flatMap((row) => row.children)
			.filter(({ apiVersion }) => !apiVersion.startsWith(`${GROUP}/`))
			.filter(({ onlyWith = "" }) => !OWN_CRDS.includes(onlyWith))
			.map(({ resource }) => resource);
		expect(listed("children")).toEqual([...new Set(children)].toSorted());
	});
});
