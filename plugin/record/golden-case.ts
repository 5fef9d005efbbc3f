import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { redactedResponse, replayed } from "../../hooks/recorded-call.ts";
import { differences } from "../../kube/field-differences.ts";
import type { Row } from "../../kube/hook.ts";
import { isRecord } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { Installation } from "../../schemas/installation.ts";
import {
	OutcomeByInstance,
	RECORD_FORMAT,
	RecordedCall,
	RecordedMoment,
	RecordedResponse,
	ToldByInstance,
} from "../../schemas/recorded-call.ts";
import {
	conforming,
	ManifestError,
	parseDocuments,
	printManifests,
	readManifests,
	readText,
} from "../../yaml/manifests.ts";

// Converts a recorded call to the files of a golden case, and back.
//
//   <case>.in.yaml            the parent
//   <case>.observed.yaml      observed children
//   <case>.related.yaml       related objects
//   <case>.answers.yaml       responses of instances to reads
//   <case>.outcomes.yaml      results of calls to instances
//   <case>.installation.yaml  settings of the installation that differ from the defaults
//   <case>.call.yaml          hook and time of the call: marks the case as recorded
//   <case>.out.yaml           response of the hook

/** The parts of a recorded case, each in the file <case>.<part>.yaml. */
export const CASE_PARTS = ["in", "observed", "related", "answers", "outcomes", "installation", "call", "out"] as const;
type Part = (typeof CASE_PARTS)[number];

const pathOf = (stem: string, part: Part): string => `${stem}.${part}.yaml`;

/** The text of each file of the case; empty parts have none. */
export const caseFiles = (call: RecordedCall): ReadonlyMap<Part, string> => {
	const defaults: Record<string, unknown> = Value.Create(Installation);
	const installation = Object.entries(call.installation).filter(([name, value]) => value !== defaults[name]);
	const notes = [
		`# Recorded: the ${call.hook} hook of ${call.parent.kind} ${call.parent.metadata.namespace}/${call.parent.metadata.name}.`,
		...(call.redacted.length > 0 ? ["# Credentials were redacted at:"] : []),
		...call.redacted.map((path) => `#   ${path.replaceAll(/[\r\n]/g, " ")}`),
		...(call.failure === undefined ? [] : [`# The hook failed: ${call.failure.replaceAll(/[\r\n]/g, " ")}`]),
		"",
	].join("\n");
	const parts: [Part, string | undefined][] = [
		["in", notes + printManifests([call.parent])],
		["observed", listed(call.observed)],
		["related", listed(call.related)],
		["answers", mapped(call.answers)],
		["outcomes", mapped(call.outcomes)],
		["installation", mapped(Object.fromEntries(installation))],
		["call", printManifests([momentOf(call)])],
		["out", call.response === undefined ? undefined : printManifests(answered(call, call.response))],
	];
	return new Map(parts.filter((entry): entry is [Part, string] => entry[1] !== undefined));
};

const momentOf = ({ hook, now, revision }: RecordedCall): RecordedMoment => ({
	hook,
	now,
	...(revision !== undefined && { revision }),
});

const listed = (objects: readonly KubeObject[]): string | undefined =>
	objects.length === 0 ? undefined : printManifests(objects);

const mapped = (map: Readonly<Record<string, unknown>>): string | undefined =>
	Object.keys(map).length === 0 ? undefined : printManifests([map]);

/** Content of <case>.out.yaml: the parent with its status, the children, and other fields of the response. */
export const answered = ({ parent }: RecordedCall, response: RecordedResponse): unknown[] => {
	const { status, children, ...rest } = response;
	const { status: _before, ...object } = parent;
	return [
		{ ...object, ...(status !== undefined && { status }) },
		...children,
		...(Object.keys(rest).length > 0 ? [rest] : []),
	];
};

/** The current response of the hook, without credentials, like the recorded one. */
export const replayedAnswer = (row: Row, call: RecordedCall): RecordedResponse => redactedResponse(replayed(row, call));

/** Pattern of our hashes. */
const HASH = /^[0-9a-f]{16,64}$/;
/** A hash of a hash needs another round. */
const ROUNDS = 4;

/**
 * Recomputes the hashes of redacted content. Otherwise each replay would differ, and up-to-date children would look
 * outdated.
 */
export const rehashed = (row: Row, call: RecordedCall): RecordedCall => {
	let current = call;
	for (let round = 0; round < ROUNDS && call.redacted.length > 0 && current.response !== undefined; round += 1) {
		const hashes = differences(current.response, replayedAnswer(row, current)).flatMap(({ before, after }) =>
			isHash(before) && isHash(after) ? [[before, after] as const] : [],
		);
		if (hashes.length === 0) return current;
		const text = hashes.reduce((all, [before, after]) => all.replaceAll(before, after), JSON.stringify(current));
		current = parseCall(text, "the recorded call");
	}
	return current;
};

const isHash = (value: unknown): value is string => typeof value === "string" && HASH.test(value);

/** Writes the files of the case, and returns their paths. Throws if the case exists. */
export const writeCase = (stem: string, call: RecordedCall): string[] => {
	const there = CASE_PARTS.map((part) => pathOf(stem, part)).find((path) => existsSync(path));
	if (there !== undefined) throw new ManifestError(`cannot write the case ${basename(stem)}: ${there} already exists`);
	mkdirSync(dirname(stem), { recursive: true });
	return [...caseFiles(call)].map(([part, text]) => {
		writeFileSync(pathOf(stem, part), text);
		return pathOf(stem, part);
	});
};

/** Responses of instances for `render`, from a file: a map by pod name. */
export const readAnswers = (file: string): ToldByInstance =>
	conforming(ToldByInstance, parseDocuments(readText(file, file), file)[0] ?? {}, `the answers in ${file}`);

/** The call of a recorded case; undefined if the case was not recorded. */
export const readCase = (stem: string): RecordedCall | undefined => {
	if (!existsSync(pathOf(stem, "call"))) return undefined;
	const [parent, ...more] = objectsIn(pathOf(stem, "in"));
	if (parent === undefined || more.length > 0)
		throw new ManifestError(`cannot read the case ${basename(stem)}: its in.yaml must have one object`);
	const out = documentsIn(pathOf(stem, "out"));
	return {
		format: RECORD_FORMAT,
		...documentOf(pathOf(stem, "call"), RecordedMoment),
		installation: documentOf(pathOf(stem, "installation"), Installation),
		parent,
		observed: objectsIn(pathOf(stem, "observed")),
		related: objectsIn(pathOf(stem, "related")),
		answers: documentOf(pathOf(stem, "answers"), ToldByInstance),
		outcomes: documentOf(pathOf(stem, "outcomes"), OutcomeByInstance),
		...(out !== undefined && { response: responseIn(out, pathOf(stem, "out")) }),
		redacted: [],
	};
};

const objectsIn = (path: string): KubeObject[] =>
	existsSync(path) ? readManifests(path).map(({ object }) => object) : [];

const documentsIn = (path: string): unknown[] | undefined =>
	existsSync(path) ? parseDocuments(readText(path, path), path) : undefined;

const documentOf = <Schema extends TSchema>(path: string, schema: Schema) => {
	const [document] = documentsIn(path) ?? [];
	return conforming(schema, Value.Default(schema, document ?? {}), path);
};

const isObject = (value: unknown): boolean => isRecord(value) && "kind" in value;

const responseIn = ([parent, ...rest]: readonly unknown[], source: string): RecordedResponse => {
	const more = rest.filter((value) => !isObject(value)).find(isRecord);
	const status = isRecord(parent) ? parent["status"] : undefined;
	return conforming(
		RecordedResponse,
		{ ...(status !== undefined && { status }), children: rest.filter(isObject), ...more },
		source,
	);
};

/** A recorded call in one document, as the dashboard copies it. */
export const parseCall = (text: string, source: string): RecordedCall => {
	const [document] = parseDocuments(text, source);
	if (!isRecord(document) || document["format"] !== RECORD_FORMAT)
		throw new ManifestError(`cannot read ${source}: this is not a recorded call (format: ${RECORD_FORMAT})`);
	return conforming(RecordedCall, document, source);
};
