import { secondsBetween } from "../kube/time.ts";
import type { KubeObject } from "../schemas/common.ts";
import {
	type Health,
	healthOf,
	isPaused,
	isReady,
	MARK_COLOURS,
	MARKS,
	type Mark,
	warningsOf,
} from "./cluster/health.ts";
import { kindOf, USER_KINDS } from "./cluster/kinds.ts";
import { placeOf, prismCommand, type Speech, slashName } from "./cluster/speech.ts";
import { type ClusterView, namespaceOf } from "./cluster/view.ts";
import { ageText, columnLines, fitted, type Paint } from "./text/paint.ts";

// `status`: one screen that says what is healthy and what is not. Problems come first, and the line to go on with last.

export interface StatusRow {
	readonly object: KubeObject;
	readonly health: Health;
	readonly ready: boolean;
}

export interface Status {
	readonly rows: readonly StatusRow[];
	/** "in namespace team-a", "in all namespaces". */
	readonly where: string;
	readonly allNamespaces: boolean;
	readonly view: ClusterView;
}

const ORDER: readonly Mark[] = ["bad", "waiting", "paused", "plain", "good"];

/** Rosters are nobody's business; what they tell is told by the stacks and shards that they belong to. */
export const statusOf = (
	view: ClusterView,
	objects: readonly KubeObject[],
	place: Pick<Status, "where" | "allNamespaces">,
): Status => {
	const kinds = USER_KINDS.map(({ kind }) => kind);
	const rows = objects
		.filter((object) => kindOf(object) !== undefined && kinds.includes(object.kind))
		.map((object) => ({ object, health: healthOf(object, view), ready: isReady(object) }))
		.toSorted(
			(left, right) =>
				ORDER.indexOf(left.health.mark) - ORDER.indexOf(right.health.mark) ||
				Number(isQuoting(left)) - Number(isQuoting(right)) ||
				kinds.indexOf(left.object.kind) - kinds.indexOf(right.object.kind) ||
				(nameOf(left.object) < nameOf(right.object) ? -1 : 1),
		);
	return { rows, view, ...place };
};

/** Who only quotes another object comes after those who don't: their causes are first. */
const isQuoting = ({ health }: StatusRow): boolean =>
	["PatternNotReady", "BackendNotReady", "NamespaceNotReady"].includes(health.word);

const nameOf = (object: KubeObject): string => `${namespaceOf(object)}/${object.metadata.name}`;

/** 0 when all is ready, 2 when something is not. */
export const statusCode = ({ rows }: Status): number => (rows.every(({ ready }) => ready) ? 0 : 2);

// ── Text ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export const statusLines = (status: Status, paint: Paint, speech: Speech): string[] => {
	const { rows, view, where } = status;
	const notes = view.notes.map((note) => paint.colour("yellow", `! ${note}`));
	if (rows.length === 0)
		return [`no Prism objects ${where}${status.allNamespaces ? "" : "; -A looks in all namespaces"}`, ...notes];
	const late = rows.filter(({ ready }) => !ready);
	const warned = rows.filter(({ object, ready }) => ready && warningsOf(object).length > 0);
	const frozen = rows.filter(({ object, ready }) => ready && isPaused(object));
	return [
		headline(status, paint),
		...section(capped(late, PROBLEMS_SHOWN, "are not ready", paint, (row) => problemLines(row, status, paint))),
		...section(frozen.map((row) => `${marked("paused", paint)} ${title(row, status)} is paused`)),
		...section(capped(warned, WARNINGS_SHOWN, "have warnings", paint, (row) => warningLines(row, status, paint))),
		...section(summaryLines(status, paint)),
		...section(notes),
		...section(nextLine(late, paint, speech)),
	];
};

/** More than that is no longer one screen. */
const PROBLEMS_SHOWN = 10;
const WARNINGS_SHOWN = 3;

/** On a terminal only the first of them: a pipe, or -o wide, gets all. */
const capped = (
	rows: readonly StatusRow[],
	most: number,
	what: string,
	{ columns }: Paint,
	linesOf: (row: StatusRow) => string[],
): string[] => {
	const shown = columns === undefined ? rows : rows.slice(0, most);
	const more = rows.length - shown.length;
	return [...shown.flatMap(linesOf), ...(more > 0 ? [`  … ${more} more ${what}: -o wide shows them`] : [])];
};

const section = (lines: readonly string[]): string[] => (lines.length === 0 ? [] : ["", ...lines]);

const marked = (mark: Mark, { colour }: Paint): string => colour(MARK_COLOURS[mark], MARKS[mark]);

const headline = ({ rows, where }: Status, { colour }: Paint): string => {
	const late = rows.filter(({ ready }) => !ready).length;
	const total = `${rows.length} object${rows.length === 1 ? "" : "s"}`;
	if (late === 0) return `${colour("green", MARKS.good)} ${colour("bold", "all is ready")} ${where}: ${total}`;
	return `${colour("red", MARKS.bad)} ${colour("bold", `${late} of ${total} ${late === 1 ? "is" : "are"} not ready`)} ${where}`;
};

const title = ({ object }: StatusRow, { allNamespaces }: Status): string => {
	const namespace = allNamespaces ? `${namespaceOf(object)}/` : "";
	return `${object.kind} ${namespace}${object.metadata.name}`;
};

/** A problem in two lines: who and why, then the words, as far as there is room. */
const problemLines = (row: StatusRow, status: Status, paint: Paint): string[] => {
	const { health } = row;
	const since = health.since === undefined ? "" : `  ${ageText(secondsBetween(health.since, status.view.now))}`;
	const head = `${MARKS[health.mark]} ${title(row, status)}  ${health.word}${since}`;
	return [
		fitted(head, paint.columns).replace(MARKS[health.mark], marked(health.mark, paint)),
		paint.colour("dim", fitted(`    ${oneLine(health.message)}`, paint.columns)),
	];
};

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

const warningLines = (row: StatusRow, status: Status, paint: Paint): string[] => {
	const head = `! ${title(row, status)}  Warning`;
	return [
		fitted(head, paint.columns).replace("!", paint.colour("yellow", "!")),
		...warningsOf(row.object).map((warning) =>
			paint.colour("dim", fitted(`    ${oneLine(warning.replace(/^warning: /, ""))}`, paint.columns)),
		),
	];
};

/** One line for each kind: how many are ready, and the names of those that are. */
const summaryLines = ({ rows }: Status, paint: Paint): string[] => {
	const kinds = USER_KINDS.map(({ kind }) => kind).filter((kind) => rows.some(({ object }) => object.kind === kind));
	return columnLines(
		kinds.map((kind) => {
			const all = rows.filter(({ object }) => object.kind === kind);
			const ready = all.filter((row) => row.ready);
			const mark = ready.length === all.length ? "good" : "bad";
			return [
				`${marked(mark, paint)} ${kind}`,
				`${ready.length}/${all.length} ready`,
				ready.map(({ object }) => object.metadata.name).join(", "),
			];
		}),
		paint,
	);
};

const nextLine = (late: readonly StatusRow[], { colour }: Paint, speech: Speech): string[] => {
	const first = late.find((row) => !isQuoting(row)) ?? late[0];
	if (first === undefined) return [];
	const command = prismCommand(speech, "why", slashName(first.object), ...placeOf(first.object));
	return [`Next: ${colour("bold", command)}`];
};

// ── Data ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** For scripts. */
export const statusData = ({ rows, view }: Status) => ({
	ready: rows.every(({ ready }) => ready),
	objects: rows.map(({ object: { kind, metadata }, health, ready }) => ({
		kind,
		namespace: metadata.namespace,
		name: metadata.name,
		ready,
		reason: health.word,
		...(health.since !== undefined && { since: health.since }),
		message: health.message,
	})),
	notes: view.notes,
});
