import type { Mutant } from "./instrumented.ts";

// Mutants that no test can find because they change nothing that can be seen, one by one, each with its reason.

interface Equivalent {
	readonly file: string;
	/** The source line, without its indentation, with the part that is changed between guillemets. */
	readonly line: string;
	readonly to: string;
	readonly why: string;
}

const TEXT = '"Stryker was here!"';

const exhausted = (file: string): Equivalent => ({
	file,
	line: "«default:»",
	to: "default:",
	why: "the types leave nothing that gets here",
});

export const EQUIVALENT: readonly Equivalent[] = [
	exhausted("hooks/prismnamespace/provisioning.ts"),
	exhausted("hooks/prismplugin/rollout-part.ts"),
	exhausted("kube/checks.ts"),
	exhausted("schemas/messages/status-fields.ts"),
	exhausted("schemas/messages/prismnamespace.ts"),
	exhausted("schemas/messages/text.ts"),
	{
		file: "kube/quantity.ts",
		line: 'const [, sign, whole = «""», fraction = "", binarySuffix, decimalSuffix = "", exponent] = match;',
		to: TEXT,
		why: "the group takes part in every match: the default is for the types",
	},
	{
		file: "kube/quantity.ts",
		line: 'return { negative, nanos: «scaled > GREATEST_BINARY» ? GREATEST_BINARY : scaled, format: "binary" };',
		to: "scaled >= GREATEST_BINARY",
		why: "where both are equal, either is the result",
	},
	{
		file: "kube/quantity.ts",
		line: "const nanos = «power >= 0» ? digits * 10n ** BigInt(power) : divideUp(digits, 10n ** BigInt(-power));",
		to: "power > 0",
		why: "multiplied and divided by 10 to the 0 is the same",
	},
	{
		file: "kube/quantity.ts",
		line: 'return { negative, nanos, format: exponent === undefined ? «"decimal"» : "exponent" };',
		to: '""',
		why: "the format is only asked for the two others",
	},
	{
		file: "kube/quantity.ts",
		line: 'const suffix = DECIMAL_SUFFIXES[index] ?? «""»;',
		to: TEXT,
		why: "only an exponent goes beyond the suffixes, and takes none",
	},
	{
		file: "kube/quantity.ts",
		// biome-ignore lint/suspicious/noTemplateCurlyInString: it is a line of source
		line: 'return `${mantissa}${BINARY_SUFFIXES[index] ?? «""»}`;',
		to: TEXT,
		why: "nothing goes beyond the suffixes: the default is for the types",
	},
	{
		file: "kube/endpointslices.ts",
		line: "«left.pod < right.pod» ? -1 : 1,",
		to: "left.pod <= right.pod",
		why: "each name is there once",
	},
	{
		file: "hooks/prismnamespace/input.ts",
		line: "const expired = «expiresAt !== undefined» && secondsBetween(expiresAt, now) >= 0;",
		to: "true",
		why: "seconds from a time that is none are NaN, and no comparison holds of it",
	},
];

const marked = ({ line, column, original }: Omit<Mutant, "excluded">, content: string): string => {
	const text = content.split("\n")[line - 1] ?? "";
	const [first = ""] = original.split("\n", 1);
	return `${text.slice(0, column - 1)}«${first}»${text.slice(column - 1 + first.length)}`.trim();
};

export const equivalentTo = (mutant: Omit<Mutant, "excluded">, content: string): Equivalent | undefined => {
	const line = marked(mutant, content);
	return EQUIVALENT.find(
		(known) => known.file === mutant.file && known.line === line && known.to === mutant.replacement,
	);
};
