import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Value } from "@sinclair/typebox/value";
import { describe, expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { render } from "../../plugin/render/render.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { Installation } from "../../schemas/installation.ts";
import { parseManifests, printManifests } from "../../yaml/manifests.ts";
import { pageText, ROOT } from "./pages.ts";

// A page for each kind, with an example between markers and what `render --tree` makes of it. UPDATE=1 writes the latter.

const NOW = "2026-01-01T00:00:00Z";
const START = "<!-- rendered -->";
const END = "<!-- /rendered -->";

const marked = (page: string, marker: string): KubeObject[] => {
	const [, yaml] = new RegExp(`<!-- ${marker} -->\n\`\`\`yaml\n([\\s\\S]*?)\`\`\`\n`).exec(page) ?? [];
	return yaml === undefined ? [] : parseManifests(yaml, marker).map(({ object }) => object);
};

const rendering = (page: string): string => {
	const objects = render(
		{ manifests: marked(page, "example"), observed: [], related: marked(page, "related"), tree: true },
		{ now: NOW, installation: Value.Default(Installation, {}) as Installation },
	);
	const children = objects.slice(1);
	const rows = children.map(({ kind, metadata }) => `| ${kind} | \`${metadata.name}\` |`);
	const table = rows.length === 0 ? ["It has no children."] : ["| object | name |", "|---|---|", ...rows];
	return [
		START,
		...table,
		"",
		`<details><summary>Output of <code>prism-operator render --tree</code></summary>`,
		"",
		"```yaml",
		`${printManifests(objects)}\`\`\``,
		"",
		"</details>",
		END,
	].join("\n");
};

const withRendering = (page: string): string =>
	page.replace(new RegExp(`${START}[\\s\\S]*${END}`), () => rendering(page));

describe("the pages of the kinds", () => {
	it("are one for each kind that people write", () => {
		const there = readdirSync(join(ROOT, "docs/kinds")).toSorted();
		expect(there).toEqual(REGISTRY.map(({ parent }) => `${parent.singular}.md`).toSorted());
	});

	it.each([...REGISTRY])("show for $parent.kind what its hook answers", ({ parent }) => {
		const path = `docs/kinds/${parent.singular}.md`;
		const page = pageText(path);
		expect(marked(page, "example").map(({ kind }) => kind)).toEqual([parent.kind]);
		const wanted = withRendering(page);
		expect(wanted, "the page has no markers for what is rendered").toContain(END);
		if (process.env["UPDATE"] === "1") writeFileSync(join(ROOT, path), wanted);
		expect(pageText(path)).toBe(wanted);
	});

	it.each([...REGISTRY])("lead from $parent.kind to its fields, and answer questions", ({ parent }) => {
		const page = pageText(`docs/kinds/${parent.singular}.md`);
		expect(page).toContain(`](../reference/${parent.singular}.md)`);
		expect(page.match(/^\*\*.+[?.]\*\*/gm)?.length ?? 0).toBeGreaterThan(4);
	});
});
