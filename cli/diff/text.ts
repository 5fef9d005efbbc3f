import { dump } from "js-yaml";
import { contentHash, describeObject, isRecord } from "../../kube/object.ts";
import { redactedText } from "../report/redact.ts";
import { diffLines, hunksOf } from "../text/line-diff.ts";
import { type Colour, type Paint, wrapped } from "../text/paint.ts";
import type { Change } from "./compare.ts";

// Changes as text: first a line for each, then the unified differences. Credentials are never shown, also not old ones.

const SIGNS = { created: "+", changed: "~", deleted: "-", blocked: "!", refused: "!" } as const;
const COLOURS = {
	created: "green",
	changed: "yellow",
	deleted: "red",
	blocked: "red",
	refused: "red",
} as const satisfies Record<Change["what"], Colour>;

export const diffText = (changes: readonly Change[], paint: Paint): string[] => {
	if (changes.length === 0) return ["nothing would change"];
	return [...summary(changes, paint), ...changes.flatMap((change) => changeLines(change, paint))];
};

const summary = (changes: readonly Change[], paint: Paint): string[] => {
	const counts = (["created", "changed", "deleted", "blocked", "refused"] as const).flatMap((what) => {
		const count = changes.filter((change) => change.what === what).length;
		return count === 0 ? [] : [`${count} ${what}`];
	});
	return [
		paint.colour("bold", counts.join(", ")),
		...changes.flatMap(({ what, object, notes }) => {
			const head = paint.colour(COLOURS[what], `  ${SIGNS[what]} ${describeObject(object)}`);
			const width = paint.columns === undefined ? undefined : paint.columns - INDENT.length;
			return [head, ...notes.flatMap((note) => wrapped(note, width)).map((line) => INDENT + line)];
		}),
	];
};

const INDENT = "      ";

const changeLines = ({ what, object, before, after, parent }: Change, paint: Paint): string[] => {
	if (what === "blocked" || what === "refused") return [];
	const whose = parent === undefined || parent === "" ? "" : ` of ${parent}`;
	const title = `${describeObject(object)}${whose}`;
	const hunks = hunksOf(diffLines(linesOf(before, object.kind), linesOf(after, object.kind)));
	return [
		"",
		paint.colour("bold", `--- ${before === undefined ? "nothing" : title}`),
		paint.colour("bold", `+++ ${after === undefined ? "nothing" : title}`),
		...hunks.flatMap(({ header, lines }) => [
			paint.colour("cyan", header),
			...lines.map(({ sign, text }) => {
				const line = `${sign}${redactedText(text)}`;
				return sign === " " ? line : paint.colour(sign === "+" ? "green" : "red", line);
			}),
		]),
	];
};

const linesOf = (value: unknown, kind: string): string[] => {
	if (value === undefined) return [];
	const shown = kind === "Secret" && isRecord(value) ? withoutValues(value) : value;
	return dump(shown, { noRefs: true, lineWidth: -1, sortKeys: inOrder, seqNoIndent: true }).trimEnd().split("\n");
};

/** Whether a value of a Secret changes is told; what it is, is not. */
const withoutValues = (secret: Record<string, unknown>): Record<string, unknown> =>
	Object.fromEntries(
		Object.entries(secret).map(([field, value]) => [
			field,
			(field === "data" || field === "stringData") && isRecord(value)
				? Object.fromEntries(
						Object.entries(value).map(([key, text]) => [key, `(value ${contentHash(text).slice(0, 8)})`]),
					)
				: value,
		]),
	);

const FIRST = ["apiVersion", "kind", "metadata", "name", "namespace"];

const place = (key: string): number => (FIRST.includes(key) ? FIRST.indexOf(key) : FIRST.length);

/** The same order on both sides, with what names an object first. */
const inOrder = (left: unknown, right: unknown): number => {
	const [a, b] = [String(left), String(right)];
	return place(a) - place(b) || (a < b ? -1 : a > b ? 1 : 0);
};
