import { KINDS } from "../../hooks/index.ts";
import { conditionsOf } from "../../kube/conditions.ts";
import type { Row } from "../../kube/hook.ts";
import { describeObject, isRecord } from "../../kube/object.ts";
import { admitted } from "../../kube/offline.ts";
import { relatedObjects } from "../../kube/selectors.ts";
import { objectProblems } from "../../kube/validation.ts";
import type { KindDescriptor, KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import { API_VERSION, GROUP, VERSION } from "../../schemas/vocabulary.ts";
import { type Manifest, ManifestError, parseManifests, readText } from "../manifests.ts";
import { published, render, rowOf } from "../render.ts";
import { type Located, locate, type Position } from "./positions.ts";
import { danglingReferences } from "./references.ts";

// `validate`: what the API server would refuse, and what the hooks would warn of, of all files at once and each with its line.

export interface Problem {
	readonly source: string;
	readonly position: Position | undefined;
	/** An error would be refused, or does not work; a warning may be what was meant. */
	readonly level: "error" | "warning";
	/** "PrismStack default/shop". */
	readonly subject: string | undefined;
	readonly message: string;
}

export interface Validation {
	readonly problems: readonly Problem[];
	/** Objects of our kinds that were looked at. */
	readonly checked: number;
	/** Objects of other kinds, which only the API server can judge. */
	readonly skipped: number;
	/** Files that were read. */
	readonly files: number;
}

/** "FILE:LINE:COLUMN: error: KIND NAME: FIELD: WHAT", which editors and pipelines read. */
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

/** Texts by what they are called in messages. */
export const validate = (
	texts: readonly { readonly source: string; readonly text: string }[],
	context: Context,
): Validation => {
	const read = texts.map(({ source, text }) => entriesOf(source, text));
	const entries = read.flatMap((file) => file.entries);
	const objects = entries.map(({ manifest }) => manifest.object);
	const problems = entries.flatMap((entry) => problemsOf(entry, objects, entries, context));
	return {
		problems: [...read.flatMap((file) => file.problems), ...problems].toSorted(
			inOrderOf(texts.map(({ source }) => source)),
		),
		checked: objects.filter(isKnown).length,
		skipped: objects.filter((object) => !isKnown(object) && !isMistaken(object)).length,
		files: texts.length,
	};
};

/** For those who have the file's name alone; "-" is standard input. */
export const validateFiles = (files: readonly string[], context: Context): Validation =>
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

/** A file that can't be read as manifests is one problem; the others are looked at all the same. */
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

/** Errors of one manifest by its file alone, for commands that are about something else. */
export const objectErrors = ({ source, object }: Manifest): string[] => {
	const row = rowOf(object);
	return row === undefined
		? []
		: objectProblems(row.parent, object).map((problem) => `${source}: ${describeObject(object)}: ${problem}`);
};

// ── One object ──────────────────────────────────────────────────────────────────────────────────────────────────────

const problemsOf = (
	{ manifest: { source, object }, place }: Entry,
	objects: readonly KubeObject[],
	entries: readonly Entry[],
	context: Context,
): Problem[] => {
	const told = (level: Problem["level"], path: string, message: string): Problem => ({
		source,
		position: path === "" ? place?.position : place?.at(path),
		level,
		subject: describeObject(object),
		message: path === "" ? message : `${path}: ${message}`,
	});
	const mistaken = mistakenKind(object);
	if (mistaken !== undefined) return [told("error", mistaken.path, mistaken.message)];
	const kind = KINDS.find((descriptor) => isOf(object, descriptor));
	if (kind === undefined) return [];
	const wrong = [...metadataProblems(object), ...objectProblems(kind, object)].map(split);
	const errors = wrong.map(({ path, message }) => told("error", path, message));
	const references = danglingReferences(object, objects);
	const warnings = [
		...twice(object, source, entries),
		...references,
		...(errors.length > 0
			? []
			: hookFindings(object, objects, context).filter(
					({ path }) => path === "" || !references.some((one) => one.path.startsWith(path)),
				)),
	].map(({ path, message }) => told("warning", path, message));
	return [...errors, ...warnings];
};

const isOf = ({ apiVersion, kind }: KubeObject, descriptor: KindDescriptor): boolean =>
	apiVersion === API_VERSION && kind === descriptor.kind;

const isKnown = (object: KubeObject): boolean => KINDS.some((descriptor) => isOf(object, descriptor));
const isMistaken = (object: KubeObject): boolean => mistakenKind(object) !== undefined;

/** "spec.proxy.port: expected integer" → the field and the words. */
const split = (problem: string): { path: string; message: string } => {
	const [whole, path = ""] = /^((?:spec|metadata)[^\s:]*): /.exec(problem) ?? [];
	return whole === undefined
		? { path: "", message: problem.replace(/^object: /, "") }
		: { path, message: problem.slice(whole.length) };
};

/** What is meant for us, and would not be taken for ours. */
const mistakenKind = ({ apiVersion, kind }: KubeObject): { path: string; message: string } | undefined => {
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

/** Labels and annotations that are no texts, such as `prism.io/paused: true` without quotes, are refused. */
const metadataProblems = ({ metadata }: KubeObject): string[] =>
	(["labels", "annotations"] as const).flatMap((field) => {
		const map: unknown = metadata[field];
		if (map === undefined || map === null) return [];
		if (!isRecord(map)) return [`metadata.${field}: must be a map`];
		return Object.entries(map)
			.filter(([, value]) => typeof value !== "string")
			.map(([name, value]) => `metadata.${field}.${name}: must be a text: write it in quotes, "${String(value)}"`);
	});

/** The second object of a name would only overwrite the first. */
const twice = (object: KubeObject, source: string, entries: readonly Entry[]) => {
	const same = entries.filter(
		({ manifest }) =>
			manifest.object.kind === object.kind &&
			describeObject(placed(manifest.object)) === describeObject(placed(object)),
	);
	const first = same[0];
	if (first === undefined || first.manifest.object === object) return [];
	const { position } = first.place ?? {};
	const where = `${first.manifest.source === source ? "" : `${first.manifest.source}:`}${position === undefined ? "" : `${first.manifest.source === source ? "line " : ""}${position.line}`}`;
	return [{ path: "metadata.name", message: `the same object is at ${where} already: the last one wins` }];
};

const placed = (object: KubeObject): KubeObject => ({
	...object,
	metadata: { ...object.metadata, namespace: object.metadata.namespace ?? "default" },
});

/** What the hooks would say of an object that the API server accepts: refusals, and warnings. */
const hookFindings = (object: KubeObject, objects: readonly KubeObject[], context: Context) => {
	const row = rowOf(object);
	if (row === undefined) return [];
	const [answered] = render(
		{ manifests: [object], observed: [], related: relatedTo(row, object, objects, context), tree: false },
		context,
	);
	if (answered === undefined) return [];
	const messages = conditionsOf(answered)
		.filter(({ type, status }) => status === "True" && (type === "Stalled" || type === "Warning"))
		.flatMap(({ type, reason, message }) =>
			type === "Stalled" ? [`the hooks would refuse it: ${reason}: ${message}`] : message.split(NEXT_WARNING),
		);
	return (
		messages
			// Told as a reference already.
			.filter((message) => !/ no PrismPlugin /.test(message))
			.map((message) => ({ path: /\bspec(?:\.[\w]+(?:\[\d+\])?)+/.exec(message)?.[0] ?? "", message }))
			.map(({ path, message }) => ({
				path,
				message: message.startsWith(`${path} `) ? message.slice(path.length + 1) : message,
			}))
	);
};

/** The condition has all warnings in one sentence; each begins with what it is about. */
const NEXT_WARNING = /; (?=spec\.|image |the \w+'s )/;

const NAMED_KINDS = KINDS.map(({ kind, plural }) => ({ apiVersion: API_VERSION, kind, resource: plural }));

/** What the object's hook would be told of the other objects, as they will be once they are there. */
const relatedTo = (row: Row, object: KubeObject, objects: readonly KubeObject[], context: Context): KubeObject[] => {
	const parent = admitted(row.parent, object, context.now);
	const rules = row.customize?.({ controller: {}, parent }).relatedResources ?? [];
	return relatedObjects(rules, objects.map(placed), NAMED_KINDS).map(
		(related) => published(related, context)[0] ?? related,
	);
};
