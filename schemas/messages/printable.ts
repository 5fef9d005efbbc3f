/** What a terminal acts on instead of showing it: control characters, and those that turn or hide what is beside them. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** A text that a terminal shows as it is: line breaks and tabs become blanks, other such characters their code, as \u{1b}. */
export const printable = (text: string): string =>
	text.replaceAll(UNPRINTABLE, (sign) => (/\s/.test(sign) ? " " : codeOf(sign)));

/** The same of a text of several lines: line breaks and tabs stay. */
export const printableLines = (text: string): string =>
	text.replaceAll(UNPRINTABLE, (sign) => (sign === "\n" || sign === "\t" ? sign : codeOf(sign)));

/** JSON of the same value: such characters are only within its texts. */
export const printableJson = (json: string): string =>
	json.replaceAll(UNPRINTABLE, (sign) =>
		sign === "\n" || sign === "\t"
			? sign
			: Array.from({ length: sign.length }, (_, at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, "0")}`).join(
					"",
				),
	);

const codeOf = (sign: string): string => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`;
