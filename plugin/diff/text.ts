import { formatPatch, OMIT_HEADERS, type StructuredPatch, structuredPatch } from "diff";
import { dump } from "js-yaml";
import { describeObject } from "../../kube/object.ts";
import { redactedChange } from "../../kube/redaction.ts";
import { type Color, hanging, type Paint } from "../text/paint.ts";
import type { Change } from "./compare.ts";

// Changes as text: a summary, then unified diffs. Credentials are redacted, also on the old side.

const SIGNS = { created: "+", changed: "~", deleted: "-", blocked: "!", refused: "!" } as const;
const COLORS = {
	created: "green",
	changed: "yellow",
	deleted: "red",
	blocked: "red",
	refused: "red",
} as const satisfies Record<Change["what"], Color>;

export const diffText = (changes: readonly Change[], paint: Paint): string[] => {
	if (changes.length === 0) return ["nothing would change"];
	return [...summary(changes, paint), ...changes.flatMap((change) => changeLines(change, paint))];
};

const summary = (changes: readonly Change[], paint: Paint): string[] => {
	const counts = Object.keys(SIGNS).flatMap((what) => {
		const count = changes.filter((change) => change.what === what).length;
		return count === 0 ? [] : [`${count} ${what}`];
	});
	return [
		paint.color("bold", counts.join(", ")),
		...changes.flatMap(({ what, object, notes }) => {
			const head = paint.color(COLORS[what], `  ${SIGNS[what]} ${describeObject(object)}`);
			return [head, ...notes.flatMap((note) => hanging(note, INDENT, INDENT, paint))];
		}),
	];
};

const INDENT = "      ";

const changeLines = ({ what, object, before, after, parent }: Change, paint: Paint): string[] => {
	if (what === "blocked" || what === "refused") return [];
	const whose = parent === undefined || parent === "" ? "" : ` of ${parent}`;
	const title = `${describeObject(object)}${whose}`;
	const [was, is] = redactedChange(before, after, object.kind);
	return [
		"",
		paint.color("bold", `--- ${before === undefined ? "nothing" : title}`),
		paint.color("bold", `+++ ${after === undefined ? "nothing" : title}`),
		...unifiedLines(linesOf(was), linesOf(is)).map((line) => {
			const color = LINE_COLORS[line.charAt(0)];
			return color === undefined ? line : paint.color(color, line);
		}),
	];
};

const LINE_COLORS: Readonly<Record<string, Color>> = { "@": "cyan", "+": "green", "-": "red" };

const AROUND = 3;
/** A diff with more changed lines is shown as a replacement: it would be unreadable, and slow to compute. */
const MOST_CHANGES = 2000;

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

/** Hunks of a unified diff; none if nothing differs. An empty text has no lines. */
export const unifiedLines = (before: readonly string[], after: readonly string[]): string[] => {
	const options = { context: AROUND, maxEditLength: MOST_CHANGES };
	const patch = structuredPatch("", "", textOf(before), textOf(after), "", "", options) ?? replaced(before, after);
	return patch.hunks.length === 0 ? [] : formatPatch(patch, OMIT_HEADERS).slice(0, -1).split("\n");
};

const replaced = (before: readonly string[], after: readonly string[]): StructuredPatch => ({
	...structuredPatch("", "", "", ""),
	hunks: [
		{
			oldStart: 1,
			oldLines: before.length,
			newStart: 1,
			newLines: after.length,
			lines: [...before.map((line) => `-${line}`), ...after.map((line) => `+${line}`)],
		},
	],
});

const linesOf = (value: unknown): string[] => {
	if (value === undefined) return [];
	return dump(value, { noRefs: true, lineWidth: -1, sortKeys: inOrder, seqNoIndent: true }).trimEnd().split("\n");
};

const FIRST = ["apiVersion", "kind", "metadata", "name", "namespace"];

const place = (key: string): number => (FIRST.includes(key) ? FIRST.indexOf(key) : FIRST.length);

/** The same order on both sides, with the identity of the object first. */
const inOrder = (left: unknown, right: unknown): number => {
	const [a, b] = [String(left), String(right)];
	return place(a) - place(b) || (a < b ? -1 : a > b ? 1 : 0);
};
