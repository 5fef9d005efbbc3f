import { existsSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { pages, pageText, ROOT, sectionsOf } from "./pages.ts";

// Every relative link of every page leads to a file or folder that is there, and to a heading where it names one.

interface Link {
	readonly page: string;
	readonly target: string;
}

const withoutCode = (text: string): string =>
	text.replaceAll(/^\s*```[\s\S]*?^\s*```/gm, "").replaceAll(/`[^`\n]*`/g, "code");

const linksIn = (page: string): Link[] =>
	[...withoutCode(pageText(page)).matchAll(/\]\(([^)\s]+)\)/g)]
		.map(([, target = ""]) => ({ page, target }))
		.filter(({ target }) => !/^[a-z]+:/.test(target));

/** As GitHub makes them: lower case, without punctuation, dashes for spaces. */
const anchorOf = (title: string): string =>
	title
		.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
		.toLowerCase()
		.replaceAll(/[^\p{L}\p{N} _-]/gu, "")
		.replaceAll(" ", "-");

const anchorsIn = (page: string): Set<string> => {
	const text = pageText(page);
	const named = [...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, name = ""]) => name);
	return new Set([...sectionsOf(text).map(({ title }) => anchorOf(title)), ...named]);
};

const brokenBecause = ({ page, target }: Link): string | undefined => {
	const [file = "", anchor] = target.split("#");
	const path = file === "" ? page : normalize(join(dirname(page), decodeURIComponent(file)));
	if (!existsSync(join(ROOT, path))) return `${path} is not there`;
	if (anchor === undefined || statSync(join(ROOT, path)).isDirectory() || !path.endsWith(".md")) return undefined;
	return anchorsIn(path).has(anchor) ? undefined : `${path} has no heading #${anchor}`;
};

const LINKS = pages().flatMap(linksIn);

describe("links in the docs", () => {
	it("are found", () => {
		expect(LINKS.length).toBeGreaterThan(150);
	});

	it("lead somewhere", () => {
		const broken = LINKS.flatMap((link) => {
			const why = brokenBecause(link);
			return why === undefined ? [] : [`${link.page}: (${link.target}): ${why}`];
		});
		expect(broken).toEqual([]);
	});

	it("would be told if they did not", () => {
		expect(brokenBecause({ page: "README.md", target: "docs/nowhere.md" })).toBe("docs/nowhere.md is not there");
		expect(brokenBecause({ page: "docs/install.md", target: "#no-such-heading" })).toContain("has no heading");
		expect(brokenBecause({ page: "docs/install.md", target: "#tokens" })).toBeUndefined();
		expect(anchorOf("`restart`, (now): a_b-c")).toBe("restart-now-a_b-c");
	});
});
