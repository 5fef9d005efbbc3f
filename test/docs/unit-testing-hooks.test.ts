import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pageText, ROOT } from "./pages.ts";

// The page shows the example that really runs, to the letter. UPDATE=1 puts it there.

const PAGE = "docs/unit-testing-hooks.md";
const EXAMPLE = readFileSync(join(import.meta.dirname, "unit-testing-hooks.example.test.ts"), "utf8");

const withExample = (page: string): string =>
	page.replace(
		/<!-- example -->[\s\S]*<!-- \/example -->/,
		() => `<!-- example -->\n\`\`\`ts\n${EXAMPLE}\`\`\`\n<!-- /example -->`,
	);

describe("the page on testing hooks", () => {
	it("has the example as it stands", () => {
		const wanted = withExample(pageText(PAGE));
		expect(wanted).toContain(EXAMPLE);
		if (process.env["UPDATE"] === "1") writeFileSync(join(ROOT, PAGE), wanted);
		expect(pageText(PAGE)).toBe(wanted);
	});
});
