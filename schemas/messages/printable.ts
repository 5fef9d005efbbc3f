/** Characters that a terminal does not print as they are: control characters, and those that reverse or hide their neighbors. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** A text that a terminal prints unchanged: line breaks and tabs become spaces, other control characters their code, such as \u{1b}. */
export const printable = (text: string): string =>
	text.replaceAll(UNPRINTABLE, (sign) => (/\s/.test(sign) ? " " : codeOf(sign)));

/** The same for a text of several lines: line breaks and tabs stay. */
export const printableLines = (text: string): string =>
	text.replaceAll(UNPRINTABLE, (sign) => (sign === "\n" || sign === "\t" ? sign : codeOf(sign)));

/** JSON of the same value: such characters occur only in its strings. */
export const printableJson = (json: string): string =>
	json.replaceAll(UNPRINTABLE, (sign) =>
		sign === "\n" || sign === "\t"
			? sign
			: Array.from({ length: sign.length }, (_, at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, "0")}`).join(
					"",
				),
	);

const codeOf = (sign: string): string => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`;
