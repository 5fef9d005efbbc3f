// HTML templates with escaping: texts can't become markup unless a template created them.

const MADE = Symbol("html");

export interface Html {
	readonly [MADE]: string;
}

/** Values in a template; undefined and false render nothing. */
export type Part = string | number | Html | undefined | false | readonly Part[];

export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
	[MADE]: strings.map((text, index) => (index === 0 ? text : textOf(parts[index - 1]) + text)).join(""),
});

const textOf = (part: Part): string => {
	if (part === undefined || part === false) return "";
	if (typeof part === "string" || typeof part === "number") return escaped(String(part));
	return isList(part) ? part.map(textOf).join("") : part[MADE];
};

const isList = (part: Html | readonly Part[]): part is readonly Part[] => Array.isArray(part);

export const textOfPage = (page: Html): string => page[MADE];

/** Constant markup, such as a style sheet. Never for received data. */
export const constantMarkup = (markup: string): Html => ({ [MADE]: markup });

const ENTITIES: Readonly<Record<string, string>> = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
	"'": "&#39;",
};

const CONTROL = /[\p{Cc}\p{Bidi_Control}]/gu;

/** Also removes characters that change the text direction or are invisible: a name must not look like another one. */
const escaped = (text: string): string =>
	text
		.replace(CONTROL, (character) => (character === "\n" || character === "\t" ? character : "\ufffd"))
		.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
