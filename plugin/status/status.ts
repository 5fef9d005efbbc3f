import { waitsFor } from "../../hooks/first-cause.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { isReady } from "../../kube/health.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { type ClusterView, descendants, namespaceOf } from "../cluster/cluster-view.ts";
import { placeOf, prismCommand, type Speech, slashName } from "../cluster/command-lines.ts";
import { type GivenFlags, type Session, whereOf } from "../cluster/context.ts";
import { healthOf, isPaused, MARK_COLORS, MARKS, type Mark, warningsOf } from "../cluster/health.ts";
import { byKindAndName, isOurs, isUserKind, USER_KINDS } from "../cluster/kinds.ts";
import { namedIn } from "../cluster/patches.ts";
import { readView, withLabels } from "../cluster/read-cluster.ts";
import { ageText, columnLines, fitted, type Paint, section } from "../text/paint.ts";

// `status`: what is healthy and what is not, on one screen. Problems come first, and the next command last.

interface StatusFlags extends GivenFlags {
	readonly watch?: true;
}

const WATCH_MS = 2000;

export const status = async (session: Session, words: readonly string[], flags: StatusFlags): Promise<number> => {
	const { kubectl, scope, speech } = session;
	const place = { where: await whereOf(session), allNamespaces: scope.allNamespaces === true };
	const paint = flags.output === "wide" ? { ...session.paint, columns: undefined } : session.paint;
	for (;;) {
		const view = await readView(kubectl, scope, {});
		const found = statusOf(view, await selected(words, session, view), place);
		if (flags.watch === true && process.stdout.isTTY) process.stdout.write("\u001b[2J\u001b[H");
		if (flags.output === "json") session.json(statusData(found));
		else session.print(statusLines(found, paint, speech));
		if (flags.watch !== true) return statusCode(found);
		await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
	}
};

/** All objects, the named ones with their descendants, or those that a selector matches. */
const selected = async (
	words: readonly string[],
	{ kubectl, scope }: Session,
	view: ClusterView,
): Promise<readonly KubeObject[]> => {
	const objects = await withLabels(kubectl, scope, view);
	if (words.length === 0) return objects;
	const named = namedIn(view, words, objects);
	return [...new Set(named.flatMap((object) => [object, ...descendants(view, object).filter(isOurs)]))];
};

interface StatusScope {
	/** "in namespace team-a", "in all namespaces". */
	readonly where: string;
	readonly allNamespaces: boolean;
}

export type Status = ReturnType<typeof statusOf>;
type StatusRow = Status["rows"][number];

const ORDER: readonly Mark[] = ["bad", "waiting", "paused", "plain", "good"];

/** Without PrismRosters: stacks and shards report their state. */
export const statusOf = (view: ClusterView, objects: readonly KubeObject[], place: StatusScope) => {
	const rows = objects
		.filter(isUserKind)
		.map((object) => ({ object, health: healthOf(object, view), ready: isReady(object) }))
		.toSorted(
			(left, right) =>
				ORDER.indexOf(left.health.mark) - ORDER.indexOf(right.health.mark) ||
				Number(isQuoting(left.object)) - Number(isQuoting(right.object)) ||
				byKindAndName(left.object, right.object),
		);
	return { rows, view, ...place };
};

/** Objects that wait for another object come after the others, which have the first causes. */
const isQuoting = (object: KubeObject): boolean => waitsFor(object).length > 0;

/** 0 if all objects are ready, otherwise 2. */
export const statusCode = ({ rows }: Status): number => (rows.every(({ ready }) => ready) ? 0 : 2);

// ── Text ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export const statusLines = (found: Status, paint: Paint, speech: Speech): string[] => {
	const { rows, view, where } = found;
	const notes = view.notes.map((note) => paint.color("yellow", `! ${note}`));
	if (rows.length === 0)
		return [`no Prism objects ${where}${found.allNamespaces ? "" : "; -A looks in all namespaces"}`, ...notes];
	const late = rows.filter(({ ready }) => !ready);
	const warned = rows.filter(({ object, ready }) => ready && warningsOf(object).length > 0);
	const frozen = rows.filter(({ object, ready }) => ready && isPaused(object));
	return [
		headline(found, paint),
		...section(capped(late, PROBLEMS_SHOWN, "are not ready", paint, (row) => problemLines(row, found, paint))),
		...section(frozen.map((row) => `${marked("paused", paint)} ${title(row, found)} is paused`)),
		...section(capped(warned, WARNINGS_SHOWN, "have warnings", paint, (row) => warningLines(row, found, paint))),
		...section(summaryLines(found, paint)),
		...section(notes),
		...section(nextLine(late, paint, speech)),
	];
};

/** More would not fit on one screen. */
const PROBLEMS_SHOWN = 10;
const WARNINGS_SHOWN = 3;

/** A terminal gets only the first of them; a pipe, or -o wide, gets all. */
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

const marked = (mark: Mark, { color }: Paint): string => color(MARK_COLORS[mark], MARKS[mark]);

const headline = ({ rows, where }: Status, { color }: Paint): string => {
	const late = rows.filter(({ ready }) => !ready).length;
	const total = `${rows.length} object${rows.length === 1 ? "" : "s"}`;
	if (late === 0) return `${color("green", MARKS.good)} ${color("bold", "all is ready")} ${where}: ${total}`;
	return `${color("red", MARKS.bad)} ${color("bold", `${late} of ${total} ${late === 1 ? "is" : "are"} not ready`)} ${where}`;
};

const title = ({ object }: StatusRow, { allNamespaces }: Status): string => {
	const namespace = allNamespaces ? `${namespaceOf(object)}/` : "";
	return `${object.kind} ${namespace}${object.metadata.name}`;
};

/** A problem in two lines: object and reason, then the message, cut to the width. */
const problemLines = (row: StatusRow, found: Status, paint: Paint): string[] => {
	const { health } = row;
	const since = health.since === undefined ? "" : `  ${ageText(secondsBetween(health.since, found.view.now))}`;
	const head = `${MARKS[health.mark]} ${title(row, found)}  ${health.word}${since}`;
	return [
		fitted(head, paint.columns).replace(MARKS[health.mark], marked(health.mark, paint)),
		paint.color("dim", fitted(`    ${oneLine(health.message)}`, paint.columns)),
	];
};

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

const warningLines = (row: StatusRow, found: Status, paint: Paint): string[] => {
	const head = `! ${title(row, found)}  Warning`;
	return [
		fitted(head, paint.columns).replace("!", paint.color("yellow", "!")),
		...warningsOf(row.object).map((warning) =>
			paint.color("dim", fitted(`    ${oneLine(warning.replace(/^warning: /, ""))}`, paint.columns)),
		),
	];
};

/** One line for each kind: the count of ready objects, and the names of those that are not ready, or of all. */
const summaryLines = (found: Status, paint: Paint): string[] => {
	const { rows, allNamespaces } = found;
	const kinds = USER_KINDS.map(({ kind }) => kind).filter((kind) => rows.some(({ object }) => object.kind === kind));
	return columnLines(
		kinds.map((kind) => {
			const all = rows.filter(({ object }) => object.kind === kind);
			const ready = all.filter((row) => row.ready);
			const mark = ready.length === all.length ? "good" : "bad";
			const listed = mark === "good" ? all : all.filter((row) => !row.ready);
			const names = listed.map(
				({ object }) => `${allNamespaces ? `${namespaceOf(object)}/` : ""}${object.metadata.name}`,
			);
			return [
				`${marked(mark, paint)} ${kind}`,
				`${ready.length}/${all.length} ready`,
				`${mark === "good" ? "" : "not: "}${names.join(", ")}`,
			];
		}),
		paint,
	);
};

const nextLine = (late: readonly StatusRow[], { color }: Paint, speech: Speech): string[] => {
	const first = late.find(({ object }) => !isQuoting(object)) ?? late[0];
	if (first === undefined) return [];
	const command = prismCommand(speech, "why", slashName(first.object), ...placeOf(first.object));
	return [`Next: ${color("bold", command)}`];
};

// ── Data ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** For scripts. */
export const statusData = ({ rows, view }: Status) => ({
	ready: rows.every(({ ready }) => ready),
	objects: rows.map(({ object, health, ready }) => ({
		kind: object.kind,
		namespace: object.metadata.namespace,
		name: object.metadata.name,
		ready,
		reason: conditionOf(object, "Ready")?.reason ?? health.word,
		state: health.word,
		...(health.since !== undefined && { since: health.since }),
		message: health.message,
	})),
	notes: view.notes,
});
