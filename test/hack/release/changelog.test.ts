import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { released, sectionOf } from "../../../hack/release/changelog.ts";

const CHANGELOG = "# Changelog\n\n## Unreleased\n\n### Added\n\n- New\n\n## 0.1.0 - 2026-01-02\n\n- Old\n";

describe("the changelog of a release", () => {
	it.each([
		["Unreleased", "### Added\n\n- New"],
		["0.1.0", "- Old"],
		["0.2.0", undefined],
	])("%s", (title, text) => {
		expect(sectionOf(CHANGELOG, title)).toBe(text);
	});

	it("gives what is unreleased a version, and starts over", () => {
		const next = released(CHANGELOG, "0.2.0", "2026-11-29");
		expect(sectionOf(next, "Unreleased")).toBeUndefined();
		expect(sectionOf(next, "0.2.0")).toBe("### Added\n\n- New");
		expect(sectionOf(next, "0.1.0")).toBe("- Old");
		expect(next).toContain("## Unreleased\n\n## 0.2.0 - 2026-11-29\n");
	});

	it("refuses a version that is there, and a release of nothing", () => {
		expect(() => released(CHANGELOG, "0.1.0", "2026-11-29")).toThrow("already has a section of this version");
		expect(() => released("## Unreleased\n\n", "0.2.0", "2026-11-29")).toThrow("is missing or empty");
	});
});

/** Of Keep a Changelog, in its order. */
const SECTIONS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];

const formFaults = (changelog: string): string[] =>
	changelog
		.split(/^## /m)
		.slice(1)
		.flatMap((release) => {
			const [title = "", ...lines] = release.split("\n");
			const sections = lines.flatMap((line) => /^### (.*)$/.exec(line)?.[1] ?? []);
			const sorted = SECTIONS.filter((section) => sections.includes(section));
			return [
				...(/^(Unreleased|\d+\.\d+\.\d+(-[\w.]+)? - \d{4}-\d{2}-\d{2})$/.test(title) ? [] : [`title ${title}`]),
				...(sections.join() === sorted.join() ? [] : [`${title}: ${sections.join(", ")}`]),
			];
		});

describe("the form of the changelog", () => {
	it("is that of Keep a Changelog", () => {
		const changelog = readFileSync(join(import.meta.dirname, "../../../CHANGELOG.md"), "utf8");
		expect(sectionOf(changelog, "Unreleased")).toMatch(/^### /);
		expect(formFaults(changelog)).toEqual([]);
	});

	it.each([
		["## 0.2.0\n", "title 0.2.0"],
		["## Unreleased\n\n### Breaking\n", "Unreleased: Breaking"],
		["## Unreleased\n\n### Fixed\n\n### Added\n", "Unreleased: Fixed, Added"],
		["## Unreleased\n\n### Added\n\n### Added\n", "Unreleased: Added, Added"],
	])("would be seen to differ: %j", (changelog, fault) => {
		expect(formFaults(changelog)).toEqual([fault]);
	});
});
