import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { KINDS } from "../../hooks/index.ts";
import { isKubeObject, isRecord, recordsAt, valueAt } from "../../kube/object.ts";
import { objectProblems } from "../../kube/validation.ts";
import { parseDocuments } from "../../yaml/manifests.ts";
import { CHART_FOLDER } from "./helm.ts";

// What Artifact Hub shows of the chart.

const [CHART] = parseDocuments(readFileSync(join(CHART_FOLDER, "Chart.yaml"), "utf8"), "Chart.yaml");
const annotation = (name: string): unknown => valueAt(CHART, "annotations", `artifacthub.io/${name}`);
const listIn = (name: string): Record<string, unknown>[] => {
	const [list] = parseDocuments(String(annotation(name)), name);
	return Array.isArray(list) ? list.filter(isRecord) : [];
};

describe("Artifact Hub is told of", () => {
	it("every kind that somebody can create", () => {
		expect(listIn("crds").map(({ kind, version, name }) => [kind, version, name])).toEqual(
			KINDS.map(({ kind, version, plural, group }) => [kind, version, `${plural}.${group}`]),
		);
	});

	it("examples that the API server would take", () => {
		const examples = listIn("crdsExamples");
		expect(examples.length).toBeGreaterThan(0);
		for (const example of examples) {
			const kind = KINDS.find((known) => known.kind === example["kind"]);
			expect(kind && isKubeObject(example) && objectProblems(kind, example)).toEqual([]);
		}
	});

	it("images at the chart's own version and its Metacontroller's", () => {
		const images = listIn("images").map(({ image }) => String(image));
		const own = String(valueAt(CHART, "appVersion"));
		expect(images[0]).toBe(`ghcr.io/prism/prism-operator:v${own}`);
		expect(images[1]).toBe(`ghcr.io/prism/prism-operator-probe:v${own}`);
		const [{ version } = {}] = recordsAt(CHART, "dependencies");
		expect(images[2]).toMatch(new RegExp(`:v${String(version)}$`));
	});

	it("pages that there are", () => {
		const links = listIn("links").map(({ url }) => String(url));
		expect(links.length).toBeGreaterThan(2);
		const [maintainers] = recordsAt(CHART, "maintainers");
		const urls = [...links, String(maintainers?.["url"]), String(valueAt(CHART, "icon"))];
		const own = String(valueAt(CHART, "appVersion"));
		const pages = urls.flatMap((url) => {
			const [, version, page] = /\/(?:blob|prism-operator)\/v([^/]+)\/(.*)$/.exec(url) ?? [];
			return version === own && page !== undefined ? [page] : [];
		});
		expect(pages).toEqual(expect.arrayContaining(["GOVERNANCE.md", "docs/images/icon.svg"]));
		for (const page of pages) expect(existsSync(join(CHART_FOLDER, "../..", page)), page).toBe(true);
	});

	it("words that it knows", () => {
		expect(annotation("operator")).toBe("true");
		const levels = ["Basic Install", "Seamless Upgrades", "Full Lifecycle", "Deep Insights", "Auto Pilot"];
		expect(levels).toContain(annotation("operatorCapabilities"));
		expect(annotation("category")).toBe("database");
		expect(annotation("license")).toBe("Apache-2.0");
	});
});
