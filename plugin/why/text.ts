import { secondsBetween } from "../../kube/time.ts";
import { namespaceOf } from "../cluster/cluster-view.ts";
import { MARK_COLORS, MARKS, type Mark } from "../cluster/health.ts";
import { ageText, commandLines, fitted, hanging, type Paint, padded, section, widthOf } from "../text/paint.ts";
import type { Advice, Detail, Explanation, Step } from "./diagnosis.ts";
import { named } from "./diagnosis.ts";
import type { Diagnosis } from "./index.ts";

// An explanation as text: the object, the steps, the cause, its start, the evidence, and the next command.

export const whyLines = (diagnosis: Diagnosis, paint: Paint, now: string, notes: readonly string[] = []): string[] => {
	const { finding, also } = diagnosis;
	return [
		...(finding === undefined ? readyLines(diagnosis, paint, now) : findingLines(diagnosis, finding, paint, now)),
		...section(also.flatMap((line) => hanging(line, "! ", "  ", paint))),
		...section(notes.flatMap((line) => hanging(line, "! ", "  ", paint))),
	];
};

const STATES: Readonly<Record<Explanation["state"], { mark: Mark; words: string }>> = {
	broken: { mark: "bad", words: "is not ready" },
	waiting: { mark: "waiting", words: "is not ready yet" },
	paused: { mark: "paused", words: "is paused" },
};

const readyLines = ({ object, message, since }: Diagnosis, paint: Paint, now: string): string[] => {
	const age = since === undefined ? "" : `, for ${ageText(secondsBetween(since, now))}`;
	const head = `${paint.color("green", MARKS.good)} ${paint.color("bold", `${named(object)} is ready`)}${age}`;
	return [head, ...(message === "" ? [] : hanging(message, "  ", "  ", paint))];
};

const findingLines = ({ object }: Diagnosis, finding: Explanation, paint: Paint, now: string): string[] => {
	const { mark, words } = STATES[finding.state];
	const leaving = object.metadata.deletionTimestamp !== undefined ? "is being deleted" : words;
	return [
		`${paint.color(MARK_COLORS[mark], MARKS[mark])} ${paint.color("bold", `${named(object)} ${leaving}`)}`,
		...section(trailLines(finding.steps, namespaceOf(object), paint, now)),
		...section(causeLines(finding, paint, now)),
		...finding.details.flatMap((detail) => section(detailLines(detail, paint))),
		...section(nextLines(finding.next, paint)),
	];
};

// ── The way down ────────────────────────────────────────────────────────────────────────────────────────────────────

const trailLines = (steps: readonly Step[], home: string, paint: Paint, now: string): string[] => {
	if (steps.length < 2) return [];
	const names = steps.map(({ object }, index) => {
		const where = namespaceOf(object) === home ? "" : `${namespaceOf(object)}/`;
		return `  ${index === 0 ? "" : `${"   ".repeat(index - 1)}└─ `}${object.kind} ${where}${object.metadata.name}`;
	});
	const width = Math.min(
		Math.max(...names.map(widthOf)),
		paint.columns === undefined ? Number.POSITIVE_INFINITY : paint.columns - 30,
	);
	return steps.map(({ word, since }, index) => {
		const age = since === undefined ? "" : ` ${ageText(secondsBetween(since, now))}`;
		const name = padded(fitted(names[index] ?? "", width), width);
		const last = index === steps.length - 1;
		return `${name}  ${last ? paint.color("bold", word) : word}${paint.color("dim", age)}`;
	});
};

// ── The cause ───────────────────────────────────────────────────────────────────────────────────────────────────────

const LABEL = 10;

const causeLines = ({ cause, since, evidence }: Explanation, paint: Paint, now: string): string[] => {
	const labelled = (label: string, text: string) =>
		hanging(text, paint.color("bold", padded(label, LABEL)), " ".repeat(LABEL), paint);
	return [
		...labelled("Cause", cause),
		...(since === undefined ? [] : labelled("Since", `${since} (${ageText(secondsBetween(since, now))} ago)`)),
		...labelled("Shown by", evidence),
	];
};

const detailLines = ({ title, lines }: Detail, paint: Paint): string[] => [
	paint.color("bold", title),
	...lines.flatMap((line) => hanging(line, "  ", "    ", paint)),
];

/** Each advice: a sentence, then the command to copy, which a shell reads as one line. */
const nextLines = (advice: readonly Advice[], paint: Paint): string[] => {
	if (advice.length === 0) return [];
	const lines = advice.flatMap(({ say, command }) => [
		...(say === undefined ? [] : hanging(say, "  # ", "  # ", paint).map((line) => paint.color("dim", line))),
		...(command === undefined ? [] : commandLines(command, "  ", paint).map((line) => paint.color("cyan", line))),
	]);
	return [paint.color("bold", "Next"), ...lines];
};

// ── Data ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export const whyData = ({ object, finding, also, message, since }: Diagnosis) => ({
	kind: object.kind,
	namespace: object.metadata.namespace,
	name: object.metadata.name,
	ready: finding === undefined,
	...(finding === undefined
		? { message, since }
		: {
				state: finding.state,
				cause: finding.cause,
				since: finding.since,
				shownBy: finding.evidence,
				trail: finding.steps.map(({ object: step, word, since: at }) => ({
					kind: step.kind,
					namespace: step.metadata.namespace,
					name: step.metadata.name,
					reason: word,
					...(at !== undefined && { since: at }),
				})),
				details: finding.details,
				next: finding.next.map(({ say, command, field }) => ({ say, command, field })),
			}),
	also,
});
