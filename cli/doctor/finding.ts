import { MARK_COLOURS, MARKS, type Mark } from "../cluster/health.ts";
import { commandLines, type Paint, padded, wrapped } from "../text/paint.ts";

// What `doctor` found: each with what is the matter, and how to mend it.

export interface Finding {
	/** good: as it should be. odd: works, and should be looked at. bad: keeps things from working. unknown: can't be seen. */
	readonly level: "good" | "odd" | "bad" | "unknown";
	/** What was looked at: kinds, Metacontroller, controllers, hooks, objects. */
	readonly about: string;
	readonly says: string;
	/** Further lines. */
	readonly details?: readonly string[];
	/** Words, or a command that can be copied. */
	readonly fix?: readonly string[];
}

const LEVELS: Readonly<Record<Finding["level"], { mark: Mark; sign: string }>> = {
	good: { mark: "good", sign: MARKS.good },
	odd: { mark: "waiting", sign: "!" },
	bad: { mark: "bad", sign: MARKS.bad },
	unknown: { mark: "plain", sign: "?" },
};

const LABEL = 16;
const INDENT = " ".repeat(LABEL + 2);

export const doctorLines = (findings: readonly Finding[], paint: Paint): string[] => {
	const bad = findings.filter(({ level }) => level === "bad").length;
	const odd = findings.filter(({ level }) => level === "odd").length;
	const unseen = findings.filter(({ level }) => level === "unknown").length;
	const counts = [
		`${bad} problem${bad === 1 ? "" : "s"}`,
		`${odd} warning${odd === 1 ? "" : "s"}`,
		...(unseen > 0 ? [`${unseen} not to be seen`] : []),
	];
	return [...findings.flatMap((finding) => findingLines(finding, paint)), "", paint.colour("bold", counts.join(", "))];
};

const findingLines = ({ level, about, says, details = [], fix = [] }: Finding, paint: Paint): string[] => {
	const { mark, sign } = LEVELS[level];
	const width = paint.columns === undefined ? undefined : paint.columns - INDENT.length;
	const [first = "", ...rest] = wrapped(says, width);
	return [
		`${paint.colour(MARK_COLOURS[mark], sign)} ${padded(about, LABEL)}${first}`,
		...rest.map((line) => INDENT + line),
		...details.flatMap((detail) =>
			wrapped(detail, width === undefined ? undefined : width - 2).map(
				(line, index) => `${INDENT}${index === 0 ? "- " : "  "}${line}`,
			),
		),
		...fix.flatMap((text) =>
			isCommand(text)
				? commandLines(text, FIX, paint).map((line) => paint.colour("cyan", line))
				: adviceLines(text, paint),
		),
	];
};

const FIX = "    ";

const adviceLines = (text: string, { columns, colour }: Paint): string[] =>
	wrapped(text, columns === undefined ? undefined : columns - FIX.length - 2).map((line, index) =>
		colour("dim", `${FIX}${index === 0 ? "→ " : "  "}${line}`),
	);

const isCommand = (text: string): boolean => /^(kubectl|helm|prism-operator) /.test(text);

/** 2 when something keeps things from working. */
export const doctorCode = (findings: readonly Finding[]): number =>
	findings.some(({ level }) => level === "bad") ? 2 : 0;
