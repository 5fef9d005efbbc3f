import { describe, expect, it } from "vitest";
import { KINDS } from "../../hooks/index.ts";
import { isKubeObject, isRecord } from "../../kube/object.ts";
import { objectProblems } from "../../kube/validation.ts";
import { GROUP } from "../../schemas/vocabulary.ts";
import { parseDocuments } from "../../yaml/manifests.ts";
import { type CodeBlock, codeBlocksOf, pages } from "./pages.ts";

// Every object of our kinds in every page is one that the API server would accept. Blocks in shell (a heredoc) count too.

/** Its kind is not there before somebody follows the page, which has a test of its own. */
const TOY = "docs/adding-a-kind.md";

const BLOCKS = pages()
	.flatMap(codeBlocksOf)
	.filter(({ page }) => page !== TOY);

/** YAML in a block: the block itself, or what a shell's heredocs hold. */
const yamlIn = ({ language, text }: CodeBlock): string[] => {
	if (["yaml", "yml", "json"].includes(language)) return [text];
	if (["sh", "bash", "shell", "console"].includes(language))
		return [...text.matchAll(/<<-? ?['"]?(\w+)['"]?[^\n]*\n([\s\S]*?)\n\1\b/g)].map(([, , body = ""]) => body);
	return [];
};

const isOurs = (value: unknown): value is Record<string, unknown> =>
	isRecord(value) && String(value["apiVersion"]).startsWith(`${GROUP}/`);

const EXAMPLES = BLOCKS.flatMap((block) =>
	yamlIn(block)
		.filter((text) => text.includes(`apiVersion: ${GROUP}/`))
		.flatMap((text) => parseDocuments(text, `${block.page}:${block.line}`))
		.filter(isOurs)
		.map((object, index) => ({ where: `${block.page}:${block.line} #${index + 1}`, object })),
);

const problemsOf = (object: Record<string, unknown>): string[] => {
	if (!isKubeObject(object)) return ["no object: it needs apiVersion, kind and metadata.name"];
	const kind = KINDS.find(
		(known) => `${known.group}/${known.version}` === object.apiVersion && known.kind === object.kind,
	);
	return kind === undefined ? [`no kind ${object.kind} in ${object.apiVersion}`] : objectProblems(kind, object);
};

describe("the examples in the docs", () => {
	it("are found", () => {
		expect(EXAMPLES.length).toBeGreaterThan(15);
		expect(new Set(EXAMPLES.map(({ object }) => object["kind"])).size).toBe(KINDS.length);
	});

	it.each(EXAMPLES)("$where: $object.kind is valid", ({ object }) => {
		expect(problemsOf(object)).toEqual([]);
	});

	it("would tell of one that is not", () => {
		expect(
			problemsOf({ apiVersion: `${GROUP}/v1alpha1`, kind: "PrismStack", metadata: { name: "a" }, spec: { proxi: {} } }),
		).toEqual(["spec.proxi: unknown field"]);
		expect(yamlIn({ page: "p", line: 1, language: "sh", text: "kubectl apply -f - <<EOF\na: 1\nEOF\n" })).toEqual([
			"a: 1",
		]);
	});
});
