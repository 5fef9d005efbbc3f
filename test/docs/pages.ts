import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

// The documentation as its readers have it: pages, their sections and their code blocks.

export const ROOT = join(import.meta.dirname, "../..");

/** Folders without pages of ours. */
const NOT_OURS = new Set(["node_modules", ".git", ".cache", "coverage"]);

/** Every Markdown file of the project, from its root. */
export const pages = (folder = ROOT): string[] =>
	readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : pages(path);
		return entry.name.endsWith(".md") ? [relative(ROOT, path)] : [];
	});

export const pageText = (path: string): string => readFileSync(join(ROOT, path), "utf8");

export interface Section {
	readonly level: number;
	readonly title: string;
	readonly text: string;
}

/** Headings with what stands below each, up to the next of whatever level. Code blocks have no headings. */
export const sectionsOf = (markdown: string): Section[] => {
	const sections: { level: number; title: string; lines: string[] }[] = [];
	let fence = false;
	for (const line of markdown.split("\n")) {
		if (line.trimStart().startsWith("```")) fence = !fence;
		const [, marks, title] = fence ? [] : (/^(#{1,6}) +(.+)$/.exec(line) ?? []);
		if (marks !== undefined && title !== undefined) sections.push({ level: marks.length, title, lines: [] });
		else sections.at(-1)?.lines.push(line);
	}
	return sections.map(({ level, title, lines }) => ({ level, title, text: lines.join("\n").trim() }));
};

/** The sections between a heading and the next of its level or above. */
export const sectionsBelow = (sections: readonly Section[], title: string): Section[] => {
	const start = sections.findIndex((section) => section.title === title);
	const level = sections[start]?.level ?? 0;
	const rest = sections.slice(start + 1);
	const end = rest.findIndex((section) => section.level <= level);
	return start < 0 ? [] : rest.slice(0, end < 0 ? undefined : end);
};

/** Rows of the tables in a text, without their heads, as cells. A bar within a cell is escaped. */
export const tableRows = (text: string): string[][] =>
	text
		.split("\n")
		.filter((line) => line.startsWith("|") && !line.startsWith("|--"))
		.map((line) =>
			line
				.split(/(?<!\\)\|/)
				.slice(1, -1)
				.map((cell) => cell.trim().replaceAll("\\|", "|").replaceAll("&lt;", "<")),
		);

export interface CodeBlock {
	readonly page: string;
	readonly line: number;
	readonly language: string;
	readonly text: string;
}

export const codeBlocksOf = (page: string): CodeBlock[] => {
	const blocks: CodeBlock[] = [];
	let open: { line: number; language: string; indent: number; lines: string[] } | undefined;
	for (const [index, line] of pageText(page).split("\n").entries()) {
		const [, indent = "", language = ""] = /^(\s*)```(.*)$/.exec(line) ?? [];
		const isFence = line.trimStart().startsWith("```");
		if (open === undefined && isFence)
			open = { line: index + 1, language: language.split(" ")[0] ?? "", indent: indent.length, lines: [] };
		else if (open !== undefined && isFence) {
			blocks.push({ page, line: open.line, language: open.language, text: `${open.lines.join("\n")}\n` });
			open = undefined;
		} else open?.lines.push(line.slice(open.indent));
	}
	return blocks;
};
