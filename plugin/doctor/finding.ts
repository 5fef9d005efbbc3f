import { compact } from "../../kube/object.ts";
import { counted } from "../../schemas/messages/words.ts";
import { MARK_COLORS, MARKS, type Mark } from "../cluster/health.ts";
import { commandLines, hanging, type Paint, padded } from "../text/paint.ts";

// Findings of `doctor`: each has the problem and the fix.

export interface DoctorFinding {
	/** good: no problem. odd: a warning. bad: something does not work. unknown: it could not be checked. */
	readonly level: "good" | "odd" | "bad" | "unknown";
	/** The checked component: CRDs, Metacontroller, controllers, operator, objects. */
	readonly about: string;
	readonly says: string;
	/** Further lines. */
	readonly details?: readonly string[];
	/** Sentences, or commands to copy. */
	readonly fix?: readonly string[];
}

const findingOf =
	(level: DoctorFinding["level"], about: string) =>
	(says: string, ...fix: readonly string[]): DoctorFinding => ({ level, about, says, ...(fix.length > 0 && { fix }) });

/** Findings about one component. */
export const findingsAbout = (about: string) => ({
	good: findingOf("good", about),
	odd: findingOf("odd", about),
	bad: findingOf("bad", about),
	unknown: findingOf("unknown", about),
});

const LEVELS: Readonly<Record<DoctorFinding["level"], { mark: Mark; sign: string }>> = {
	good: { mark: "good", sign: MARKS.good },
	odd: { mark: "waiting", sign: "!" },
	bad: { mark: "bad", sign: MARKS.bad },
	unknown: { mark: "plain", sign: "?" },
};

const LABEL = 16;
const INDENT = " ".repeat(LABEL + 2);

export const doctorLines = (findings: readonly DoctorFinding[], paint: Paint): string[] => {
	const count = (wanted: DoctorFinding["level"]) => findings.filter(({ level }) => level === wanted).length;
	const counts = compact([
		counted(count("bad"), "problem"),
		counted(count("odd"), "warning"),
		count("unknown") > 0 && `${count("unknown")} unknown`,
	]);
	return [...findings.flatMap((finding) => findingLines(finding, paint)), "", paint.color("bold", counts.join(", "))];
};

const findingLines = ({ level, about, says, details = [], fix = [] }: DoctorFinding, paint: Paint): string[] => {
	const { mark, sign } = LEVELS[level];
	return [
		...hanging(says, `${paint.color(MARK_COLORS[mark], sign)} ${padded(about, LABEL)}`, INDENT, paint),
		...details.flatMap((line) => hanging(line, `${INDENT}- `, `${INDENT}  `, paint)),
		...fix.flatMap((text) =>
			isCommand(text)
				? commandLines(text, FIX, paint).map((line) => paint.color("cyan", line))
				: hanging(text, `${FIX}→ `, `${FIX}  `, paint).map((line) => paint.color("dim", line)),
		),
	];
};

const FIX = "    ";

const isCommand = (text: string): boolean => /^(kubectl|helm|prism-operator) /.test(text);

/** 2 if something does not work. */
export const doctorCode = (findings: readonly DoctorFinding[]): number =>
	findings.some(({ level }) => level === "bad") ? 2 : 0;
