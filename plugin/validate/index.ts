import { KINDS } from "../../hooks/index.ts";
import { describeObject, placedIn } from "../../kube/object.ts";
import { admitted } from "../../kube/offline.ts";
import { objectProblems, problemsOf as wrongFields } from "../../kube/validation.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { fieldOf, fieldOfWarning } from "../../schemas/findings/fields.ts";
import type { Warning } from "../../schemas/findings/finding.ts";
import type { Context } from "../../schemas/installation.ts";
import { findingText, warningText } from "../../schemas/messages/text.ts";
import { API_VERSION, GROUP, VERSION } from "../../schemas/vocabulary.ts";
import { type Manifest, ManifestError, parseManifests, readText } from "../../yaml/manifests.ts";
import { descriptorNamed, isOurs } from "../cluster/kinds.ts";
import { published, rowOf } from "../render/render.ts";
import { foundBy, relatedTo } from "../text/findings.ts";
import { exceededBounds } from "./bounds.ts";
import { refusedChildren, sharedChildren } from "./children.ts";
import { metadataProblems } from "./metadata.ts";
import { type Located, locate, type Position } from "./positions.ts";
import { danglingReferences, type FileFinding } from "./references.ts";

// `validate`: errors that the API server would return, and warnings of the operator, for all files, each with its line.

export interface Problem {
	readonly source: string;
	readonly position: Position | undefined;
	/** error: it would be rejected, or does not work. warning: it can be intended. */
	readonly level: "error" | "warning";
	/** "PrismStack default/shop". */
	readonly subject: string | undefined;
	readonly message: string;
}

/** "FILE:LINE:COLUMN: error: KIND NAME: FIELD: MESSAGE", which editors and CI systems parse. */
export const problemLine = ({ source, position, level, subject, message }: Problem): string =>
	[
		position === undefined ? source : `${source}:${position.line}:${position.column}`,
		level,
		...(subject === undefined ? [] : [subject]),
		message,
	].join(": ");

interface Entry {
	readonly manifest: Manifest;
	readonly place: Located | undefined;
}

/** Texts by the name that messages use. */
export const validate = (texts: readonly { readonly source: string; readonly text: string }[], context: Context) => {
	const read = texts.map(({ source, text }) => entriesOf(source, text));
	const entries = read.flatMap((file) => file.entries);
	const objects = entries.map(({ manifest }) => manifest.object);
	const shared = sharedChildren(objects, context);
	const problems = entries.flatMap((entry) => problemsOf(entry, { objects, entries, shared, context }));
	return {
		problems: [...read.flatMap((file) => file.problems), ...problems].toSorted(
			inOrderOf(texts.map(({ source }) => source)),
		),
		/** Number of checked objects. */
		checked: objects.filter(isOurs).length,
		/** Number of objects of other kinds, which only the API server can check. */
		skipped: objects.filter((object) => !isOurs(object) && mistakenKind(object) === undefined).length,
		/** Number of files. */
		files: texts.length,
	};
};

/** Reads the files; "-" is standard input. */
export const validateFiles = (files: readonly string[], context: Context) =>
	validate(
		files.map((file) => {
			const source = file === "-" ? "standard input" : file;
			return { source, text: readText(file, source) };
		}),
		context,
	);

const inOrderOf = (sources: readonly string[]) => (left: Problem, right: Problem) =>
	sources.indexOf(left.source) - sources.indexOf(right.source) ||
	(left.position?.line ?? 0) - (right.position?.line ?? 0) ||
	(left.position?.column ?? 0) - (right.position?.column ?? 0);

/** A file that can't be parsed is one problem; the other files are still checked. */
const entriesOf = (source: string, text: string): { entries: Entry[]; problems: Problem[] } => {
	try {
		const manifests = parseManifests(text, source);
		const places = locate(text);
		const found = places.length === manifests.length ? places : [];
		return { entries: manifests.map((manifest, index) => ({ manifest, place: found[index] })), problems: [] };
	} catch (error) {
		if (!(error instanceof ManifestError)) throw error;
		const [, line, column] = /\((\d+):(\d+)\)/.exec(error.message) ?? [];
		const position = line === undefined ? undefined : { line: Number(line), column: Number(column) };
		const [first = ""] = error.message.split("\n");
		return {
			entries: [],
			problems: [{ source, position, level: "error", subject: undefined, message: first.replace(/ \(\d+:\d+\)$/, "") }],
		};
	}
};

/** Errors of one manifest, for commands other than validate. */
export const objectErrors = ({ source, object }: Manifest): string[] => {
	const row = rowOf(object);
	return row === undefined
		? []
		: objectProblems(row.parent, object).map((problem) => `${source}: ${describeObject(object)}: ${problem}`);
};

// ── One object ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** The context of an object. */
interface Surroundings {
	readonly objects: readonly KubeObject[];
	readonly entries: readonly Entry[];
	/** Children that the object would create and that belong to another object. */
	readonly shared: ReadonlyMap<KubeObject, readonly FileFinding[]>;
	readonly context: Context;
}

const problemsOf = (
	{ manifest: { source, object }, place }: Entry,
	{ objects, entries, shared, context }: Surroundings,
): Problem[] => {
	const problemOf =
		(level: Problem["level"]) =>
		({ path, message }: FileFinding): Problem => ({
			source,
			position: path === "" ? place?.position : place?.at(path),
			level,
			subject: describeObject(object),
			message: path === "" ? message : `${path}: ${message}`,
		});
	const mistaken = mistakenKind(object);
	if (mistaken !== undefined) return [mistaken].map(problemOf("error"));
	const kind = isOurs(object) ? descriptorNamed(object.kind) : undefined;
	if (kind === undefined) return [];
	const wrong = [...metadataProblems(kind, object), ...wrongFields(kind, object)];
	const isRight = wrong.length === 0;
	const references = danglingReferences(object, objects);
	const found = isRight ? hookFindings(object, objects, context) : [];
	return [
		...wrong.map(({ field, words }) => ({ path: field, message: words })).map(problemOf("error")),
		...(shared.get(object) ?? []).map(problemOf("error")),
		...(isRight ? refusedChildren(object, context) : []).map(problemOf("error")),
		...[...twice(object, source, entries), ...references].map(problemOf("warning")),
		...found
			.filter(({ path }) => path === "" || !references.some((one) => one.path.startsWith(path)))
			.concat(isRight ? exceededBounds(object, objects) : [])
			.map(({ level, ...finding }) => problemOf(level)(finding)),
	];
};

/** Objects that look like ours, but have a wrong apiVersion or kind. */
const mistakenKind = ({ apiVersion, kind }: KubeObject): FileFinding | undefined => {
	const [group = "", version = ""] = apiVersion.split("/");
	const descriptor = KINDS.find((known) => known.kind.toLowerCase() === kind.toLowerCase());
	if (group === GROUP && version !== VERSION)
		return { path: "apiVersion", message: `${GROUP} has no version "${version}", only ${VERSION}` };
	if (group === GROUP && descriptor === undefined)
		return {
			path: "kind",
			message: `${GROUP} has no kind "${kind}": it has ${KINDS.map((known) => known.kind).join(", ")}`,
		};
	if (group === GROUP && descriptor !== undefined && descriptor.kind !== kind)
		return { path: "kind", message: `"${kind}" is written ${descriptor.kind}` };
	if (descriptor !== undefined && group !== GROUP && /prism/i.test(apiVersion))
		return { path: "apiVersion", message: `${kind} is of ${API_VERSION}, not of "${apiVersion}"` };
	return undefined;
};

/** A second object with the same name would overwrite the first one. */
const twice = (object: KubeObject, source: string, entries: readonly Entry[]) => {
	const same = entries.filter(
		({ manifest }) =>
			manifest.object.kind === object.kind &&
			describeObject(placedIn(manifest.object)) === describeObject(placedIn(object)),
	);
	const first = same[0];
	if (first === undefined || first.manifest.object === object) return [];
	const { position } = first.place ?? {};
	const where = `${first.manifest.source === source ? "" : `${first.manifest.source}:`}${position === undefined ? "" : `${first.manifest.source === source ? "line " : ""}${position.line}`}`;
	return [{ path: "metadata.name", message: `the same object is at ${where} already: the last one wins` }];
};

/** Findings of the operator for an object that the API server accepts: rejections and warnings. */
const hookFindings = (object: KubeObject, objects: readonly KubeObject[], context: Context) => {
	const row = rowOf(object);
	if (row === undefined) return [];
	const parent = admitted(row.parent, object, context.now);
	// The other objects, with the status that they will have.
	const related = relatedTo(
		row,
		parent,
		objects.map((other) => placedIn(other)),
	).map((other) => published(other, context)[0] ?? other);
	const { verdict, warnings } = foundBy(row, parent, { observed: [], related }, context);
	const { reason } = verdict.finding;
	const refused = {
		// No installation accepts it.
		level: reason === "InvalidSpec" ? ("error" as const) : ("warning" as const),
		path: fieldOf(verdict.finding) ?? "",
		message: `the operator would reject it: ${reason}: ${findingText(verdict.finding)}`,
	};
	const problems = warnings
		// The check of references reports it already.
		.filter((warning) => !isDangling(warning))
		.map((warning) => ({
			level: "warning" as const,
			path: fieldOfWarning(warning) ?? "",
			message: warningText(warning),
		}))
		.toSorted((left, right) => (left.message < right.message ? -1 : 1))
		// Do not repeat the field in the message.
		.map(({ message, ...rest }) => ({
			...rest,
			message: message.startsWith(`${rest.path} `) ? message.slice(rest.path.length + 1) : message,
		}));
	return [...(verdict.stalled === true ? [refused] : []), ...problems];
};

const isDangling = (warning: Warning): boolean =>
	warning.warning === "PluginMissing" || (warning.warning === "PluginNotServed" && warning.type === undefined);
