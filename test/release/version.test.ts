import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PAGES_WITH_IMAGES, withImageTags } from "../../hack/release/pages.ts";
import { valueAt } from "../../kube/object.ts";
import { RELEASE } from "../../server/release.ts";
import { parseDocuments } from "../../yaml/manifests.ts";

// Where a version stands that a release has to change.

const read = (path: string) => readFileSync(join(import.meta.dirname, "../..", path), "utf8");

describe("the version", () => {
	it.each(["package.json", "probe/package.json", "devcluster/kind/package.json"])(
		"is that of %s, and of its lock",
		(path) => {
			expect(valueAt(JSON.parse(read(path)), "version")).toBe(RELEASE);
			const entry = path.replace(/\/?package\.json$/, "");
			expect(valueAt(JSON.parse(read("package-lock.json")), "packages", entry, "version")).toBe(RELEASE);
		},
	);

	it("is the chart's", () => {
		const [chart] = parseDocuments(read("charts/prism-operator/Chart.yaml"), "Chart.yaml");
		expect(chart).toMatchObject({ version: RELEASE, appVersion: RELEASE });
	});

	it.each(PAGES_WITH_IMAGES)("is behind the images of %s", (path) => {
		expect(withImageTags(read(path), RELEASE)).toBe(read(path));
		expect(withImageTags(read(path), "9.9.9")).not.toBe(read(path));
	});
});
