import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { isRecord } from "../kube/object.ts";

// Every regular expression of the sources: literals, RegExp(...) over constants, and the patterns of schemas.

export interface FoundPattern {
	readonly file: string;
	readonly source: string;
	readonly flags: string;
}

const ROOT = join(import.meta.dirname, "..");

export const patternsIn = (folders: readonly string[]): FoundPattern[] =>
	folders
		.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: ROOT }))
		.toSorted()
		.flatMap((file) => patternsOf(file, readFileSync(join(ROOT, file), "utf8")));

export const patternsOf = (file: string, text: string): FoundPattern[] => {
	const { program, errors } = parseSync(file, text);
	if (errors.length > 0) throw new Error(`cannot read ${file}: ${errors[0]?.message ?? ""}`);
	const nodes = nodesBelow(program);
	const constants = new Map(
		nodes.flatMap((node): [string, unknown][] =>
			node["type"] === "VariableDeclarator" && isRecord(node["id"]) ? [[String(node["id"]["name"]), node["init"]]] : [],
		),
	);
	const found = (source: string, flags: string): FoundPattern => ({ file, source, flags });
	return nodes.flatMap((node): FoundPattern[] => {
		if (node["type"] === "Literal" && isRecord(node["regex"]))
			return [found(String(node["regex"]["pattern"]), String(node["regex"]["flags"]))];
		if (isRecord(node["callee"]) && node["callee"]["name"] === "RegExp" && Array.isArray(node["arguments"])) {
			const [source, flags] = node["arguments"].map((argument) => textOf(argument, constants));
			if (source === undefined) throw new Error(`cannot tell the RegExp at ${file}:${lineAt(text, node["start"])}`);
			return [found(source, flags ?? "")];
		}
		const isSchema = node["type"] === "Property" && isRecord(node["key"]) && node["key"]["name"] === "pattern";
		const isConstant = isRecord(node["id"]) && String(node["id"]["name"]).endsWith("_PATTERN");
		const value = isSchema ? node["value"] : isConstant ? node["init"] : undefined;
		const source = value === undefined ? undefined : textOf(value, constants);
		return source === undefined ? [] : [found(source, "")];
	});
};

/** What a constant expression says; undefined: it is none that the file alone tells. */
const textOf = (node: unknown, constants: ReadonlyMap<string, unknown>): string | undefined => {
	if (!isRecord(node)) return undefined;
	if (node["type"] === "Literal") return typeof node["value"] === "string" ? node["value"] : undefined;
	if (node["type"] === "Identifier") return textOf(constants.get(String(node["name"])), constants);
	if (node["type"] === "MemberExpression" && isRecord(node["property"]) && node["property"]["name"] === "source") {
		const literal = isRecord(node["object"]) ? constants.get(String(node["object"]["name"])) : undefined;
		return isRecord(literal) && isRecord(literal["regex"]) ? String(literal["regex"]["pattern"]) : undefined;
	}
	if (node["type"] !== "TemplateLiteral" || !Array.isArray(node["quasis"]) || !Array.isArray(node["expressions"]))
		return undefined;
	const values = node["expressions"].map((expression) => textOf(expression, constants));
	if (values.includes(undefined)) return undefined;
	return node["quasis"]
		.map((quasi, index) => {
			const text: unknown = isRecord(quasi) && isRecord(quasi["value"]) ? quasi["value"]["cooked"] : "";
			return `${String(text)}${values[index] ?? ""}`;
		})
		.join("");
};

const nodesBelow = (node: unknown): Record<string, unknown>[] => {
	if (Array.isArray(node)) return node.flatMap(nodesBelow);
	if (!isRecord(node)) return [];
	return [node, ...Object.values(node).flatMap(nodesBelow)];
};

const lineAt = (text: string, at: unknown): number => text.slice(0, Number(at)).split("\n").length;

// ── Text that a pattern is slow on, if it is slow on any ────────────────────────────────────────────────────────────

const SIZE = 65_536;
const MEMBERS: Readonly<Record<string, string>> = {
	d: "07",
	w: "aZ_9",
	s: " \t\n",
	S: "x!",
	D: "x",
	W: " -",
	n: "\n",
	t: "\t",
};

/** Repeats of each of its own characters and words, and of the characters behind each word; with an end that fits nowhere. */
export function* adversarial({ source }: FoundPattern): Generator<string> {
	const { characters, words } = piecesOf(source);
	const repeats = [...characters, ...words].map((piece) => piece.repeat(Math.ceil(SIZE / piece.length)));
	const behind = words.flatMap((word) => characters.map((character) => word + character.repeat(SIZE - word.length)));
	for (const text of repeats) yield text;
	for (const text of [...repeats, ...behind]) yield `${text}\u0001`;
}

const piecesOf = (source: string) => {
	const characters = new Set<string>();
	const plain = source
		.replaceAll(/\\u\{?([0-9a-fA-F]{4,6})\}?/g, (_, digits: string) =>
			String.fromCodePoint(Number.parseInt(digits, 16)),
		)
		.replaceAll(/\\[pP]\{[^}]{1,40}\}/g, "\u200b")
		.replaceAll(/\\(.)/g, (_, letter: string) => {
			const members = MEMBERS[letter];
			if (members === undefined) return letter;
			for (const member of members) characters.add(member);
			return "";
		});
	for (const character of plain) characters.add(character);
	return { characters: [...characters], words: [...new Set(plain.match(/[\w:/@=. "-]{2,}/g) ?? [])] };
};
