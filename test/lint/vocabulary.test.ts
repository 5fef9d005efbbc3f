import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadAll } from "js-yaml";
import { expect, it } from "vitest";
import { isRecord } from "../../kube/object.ts";

// The words of the Kubernetes documentation in what people read: pages, descriptions of fields, messages, metrics, and comments of the
// code, the manifests and the scripts. A word is in a list if it can be matched without false alarms.

const ROOT = join(import.meta.dirname, "../..");

/** Words, and what is written in their place. */
const WORDS: ReadonlyMap<string, string> = new Map([
	["anew", "again"],
	["at the (?:least|most)", "at least, at most"],
	["behaviours?(?!\\.md)|catalogues?|colours?|favour|honour|whilst", "American spelling"],
	["brought back", "drift correction"],
	["has not appeared", "was not created"],
	["is wanted|are wanted|what is wanted", "desired state"],
	["journals?", "history"],
	["left alone|leaves? (?:it|them) alone", "circuit breaker open; skipped"],
	["let(?:s|ting)? (?:it |them )?go", "release, revoke"],
	["makes? no sense", "invalid response"],
	["mend(?:s|ed|ing)?", "fix, correct"],
	["news", "status"],
	["now and then", "back off"],
	["put right", "reconcile"],
	["sightings?", "summary"],
	["somebody|someone|who(?:m?)ever", "user, administrator, tenant"],
	["succession", "handoff between versions"],
	["tak(?:e|en|es|ing) (?:it |them )?away", "revoke, deprovision"],
	["tells", "reports, returns"],
	["(?:is|are|was|were|be|been|being) told", "apply, push"],
	["what there is", "observed state"],
]);

/** Words that comments don't have either, and what is written in their place. In pages, some of them have another meaning. */
const COMMENT_WORDS: ReadonlyMap<string, string> = new Map([
	...WORDS,
	["looks? (?:at|after)|looked at", "read, check, scan, reconcile"],
	["nobody|nobody's", "no client, no controller, nothing"],
	["on its way out", "is being deleted"],
	["sa(?:id|ys?)|tell|told", "report, return, log"],
	["seats?", "instance, placement"],
	["whoever|somebody's|someone's", "user, client, controller"],
]);

const listed = (words: ReadonlyMap<string, string>): RegExp =>
	new RegExp(`\\b(?:${[...words.keys()].join("|")})\\b`, "i");
const LISTED = listed(WORDS);
const LISTED_IN_COMMENTS = listed(COMMENT_WORDS);

const wordIn = (text: string): string | undefined => LISTED.exec(text)?.[0];
const wordInComment = (comment: string): string | [] => LISTED_IN_COMMENTS.exec(comment)?.[0] ?? [];

/** The comments of a source file, by line, without names and texts in quotes. */
const commentsOf = (source: string): string[] =>
	[...source.matchAll(/(?:^|\s)\/\/ (.*)$|^\s*(?:\/\*)?\* (.*)$/gm)].map(([, line, block]) =>
		withoutQuotes(line ?? block ?? ""),
	);

/** The same of manifests, makefiles and shell scripts, with the help texts of targets. */
const hashCommentsOf = (source: string): string[] =>
	[...source.matchAll(/(?:^|\s)#+ (.*)$/gm)].map(([, comment = ""]) => withoutQuotes(comment));

const withoutQuotes = (text: string): string => text.replaceAll(/`[^`]*`|"[^"]*"/g, "");

/** The sentences of a page: without code and addresses. */
const proseOf = (page: string): string =>
	page
		.replaceAll(/```.*?```/gs, "")
		.replaceAll(/`[^`\n]*`/g, "")
		.replaceAll(/\]\([^)]*\)/g, "]");

/** Each text that is a value of one of the keys, at any depth. */
const textsAt = (value: unknown, keys: readonly string[]): string[] => {
	if (Array.isArray(value)) return value.flatMap((item) => textsAt(item, keys));
	if (!isRecord(value)) return [];
	return Object.entries(value).flatMap(([key, item]) =>
		keys.includes(key) && typeof item === "string" ? [item] : textsAt(item, keys),
	);
};

const files = (pattern: string): string[] =>
	globSync(pattern, { cwd: ROOT, exclude: (path) => path.includes("node_modules") }).toSorted();
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** What people read, by the file that has it. */
const TEXTS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
	...["*.md", "docs/**/*.md", "charts/*/README.md", ".github/*.md", "samples/*.md", "examples/**/*.md"]
		.flatMap(files)
		.filter((file) => file !== "CHANGELOG.md")
		.map((file) => [file, [proseOf(read(file))]] as const),
	...[...files("charts/*/values.yaml"), ...files("codegen/chart/*.yaml")].map(
		(file) => [file, [...read(file).matchAll(/#(.*)$/gm)].map(([, comment = ""]) => comment)] as const,
	),
	...files("crds/*.yaml").map((file) => [file, textsAt(loadAll(read(file)), ["description", "message"])] as const),
	...files("codegen/dashboards/*.yaml").map(
		(file) => [file, textsAt(loadAll(read(file)), ["what", "figure", "graph"])] as const,
	),
	...files("schemas/messages/*.ts").map(
		(file) => [file, [...read(file).matchAll(/["`]([^"`\n]{4,})["`]/g)].map(([, text = ""]) => text)] as const,
	),
]);

it.each([...TEXTS])("%s has no word of the list", (_, texts) => {
	expect(texts.flatMap((text) => wordIn(text) ?? [])).toEqual([]);
});

const CODE = [
	"cli/**/*.ts",
	"codegen/**/*.ts",
	"devcluster/**/*.ts",
	"hack/**/*.ts",
	"hooks/**/*.ts",
	"kube/**/*.ts",
	"plugin/**/*.ts",
	"probe/*.ts",
	"protos/**/*.{proto,ts}",
	"schemas/**/*.ts",
	"server/**/*.ts",
	"yaml/*.ts",
];

it.each(CODE.flatMap(files))("the comments of %s have no word of the list", (file) => {
	expect(commentsOf(read(file)).flatMap(wordInComment)).toEqual([]);
});

const MANIFESTS_AND_SCRIPTS = [
	"Makefile",
	"devcluster/*.mk",
	"Dockerfile",
	".ci/*",
	".github/**/*.{yaml,yml}",
	"bin/*",
	"buf*.yaml",
	"config/{default,samples}/*.yaml",
	"compositecontrollers/*.yaml",
	"samples/**/*.yaml",
	"examples/**/*.yaml",
];

it.each(MANIFESTS_AND_SCRIPTS)("%s: files whose comments have no word of the list", (pattern) => {
	expect(files(pattern)).not.toEqual([]);
	const words = files(pattern).flatMap((file) => hashCommentsOf(read(file)).flatMap(wordInComment));
	expect(words).toEqual([]);
});

it("reads pages, descriptions, messages and the chart", () => {
	expect([...TEXTS.values()].flat().length).toBeGreaterThan(1000);
	for (const file of [
		"README.md",
		"docs/concepts.md",
		"crds/prism.io_prismstacks.yaml",
		"schemas/messages/prismstack.ts",
	])
		expect(TEXTS.get(file)?.join(" ").length).toBeGreaterThan(500);
});

it.each([
	["The operator tells each proxy", "tells"],
	["The proxy is told again", "is told"],
	["Somebody edited it", "Somebody"],
	["The operator applies it again", undefined],
])("finds a word: %s", (text, word) => {
	expect(wordIn(text)).toBe(word);
});

it("reads comments, and neither code nor what is in quotes", () => {
	const source =
		'const a = "told"; // one `told`\n/** Two. */\n\t/**\n\t * three "says"\n\t */\nconst b = 1 * a;\n// four';
	expect(commentsOf(source)).toEqual(["one ", "Two. */", "three ", "four"]);
	const makefile = "# one\nhelp: ## two `told`\n\t@echo '#three' # four\n";
	expect(hashCommentsOf(makefile)).toEqual(["one", "two ", "four"]);
});
