import { readFileSync } from "node:fs";
import type { Static, TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import {
	boolYaml11Tag,
	CORE_SCHEMA,
	defineScalarTag,
	dump,
	floatCoreTag,
	loadAll,
	mergeTag,
	NOT_RESOLVED,
	YAMLException,
} from "js-yaml";
import { isKubeObject, isRecord } from "../kube/object.ts";
import type { KubeObject } from "../schemas/common.ts";

// Reads manifests as kubectl does: YAML 1.1 booleans and merge keys, and integers as Go parses them. Each of js-yaml's schemas differs from
// that in about ten scalars ("yes", 0644, 1:30, ...).

const goInteger = defineScalarTag<number>("tag:yaml.org,2002:int", {
	implicit: true,
	implicitFirstChars: "+-0123456789".split(""),
	identify: () => false,
	resolve: (source) => {
		const [, sign, digits] = /^([+-]?)(0|0x[0-9a-f_]+|0b[01_]+|0o?[0-7_]+|[1-9][0-9_]*)$/i.exec(source) ?? [];
		if (digits === undefined) return NOT_RESOLVED;
		const value = Number(digits.replaceAll("_", "").replace(/^0(?=[0-7])/, "0o"));
		return Number.isNaN(value) ? NOT_RESOLVED : (sign === "-" ? -value : value) + 0;
	},
});

const KUBE_SCHEMA = CORE_SCHEMA.withTags(mergeTag, boolYaml11Tag, goInteger, floatCoreTag);

/** The most levels that are parsed. The validation of documents permits fewer. */
export const MOST_LEVELS = 2000;

/** Values in all documents of a file, those of an alias counted each time: a few lines of aliases can stand for millions. */
const MOST_VALUES = 500_000;

/** A file that is not a list of manifests. The message names the file and, if known, the document. */
export class ManifestError extends Error {
	override name = "ManifestError";
}

/** A manifest and its source. */
export interface Manifest {
	readonly source: string;
	readonly object: KubeObject;
}

/** All objects of a file ("-": standard input). Unfolds Lists and skips empty documents. */
export const readManifests = (file: string): Manifest[] => {
	const source = file === "-" ? "standard input" : file;
	return parseManifests(readText(file, source), source);
};

export const readText = (file: string, source: string): string => {
	try {
		return readFileSync(file === "-" ? 0 : file, "utf8");
	} catch (error) {
		throw new ManifestError(`cannot read ${source}: ${error instanceof Error ? error.message : String(error)}`, {
			cause: error,
		});
	}
};

export const parseManifests = (text: string, source: string): Manifest[] =>
	parseDocuments(text, source).flatMap((document, index) => {
		if (document === null || document === undefined) return [];
		return unfolded(document).map((object) => ({
			source,
			object: checked(object, `${source}, document ${index + 1}`),
		}));
	});

/** The documents of a YAML or JSON text, of any type. */
export const parseDocuments = (text: string, source: string): unknown[] => {
	try {
		const documents = loadAll(text, { schema: KUBE_SCHEMA, maxDepth: MOST_LEVELS });
		if (text.includes("*") && valuesIn(documents) > MOST_VALUES)
			throw new ManifestError(`cannot parse ${source}: its aliases stand for more than ${MOST_VALUES} values`);
		return documents;
	} catch (error) {
		if (error instanceof RangeError)
			throw new ManifestError(`cannot parse ${source}: it nests too many levels`, { cause: error });
		if (!(error instanceof YAMLException)) throw error;
		throw new ManifestError(`cannot parse ${source}: ${error.message}`, { cause: error });
	}
};

/** Counts up to the bound, which ends an alias of what it is in itself too. */
const valuesIn = (root: unknown): number => {
	let count = 0;
	const waiting: unknown[] = [root];
	while (waiting.length > 0 && count <= MOST_VALUES) {
		const value = waiting.pop();
		count += 1;
		if (typeof value !== "object" || value === null) continue;
		for (const inner of Object.values(value)) waiting.push(inner);
	}
	return count;
};

/** The document, if it conforms to its schema. */
export const conforming = <Schema extends TSchema>(
	schema: Schema,
	document: unknown,
	source: string,
): Static<Schema> => {
	if (Value.Check(schema, document)) return document;
	const [error] = Value.Errors(schema, document);
	throw new ManifestError(`cannot read ${source}: ${error?.path ?? ""}: ${error?.message ?? ""}`);
};

/** The items of a List, and of a list of one kind, as kubectl prints it. */
const unfolded = (document: unknown): unknown[] =>
	isRecord(document) && isListKind(document["kind"]) && Array.isArray(document["items"])
		? document["items"].flatMap(unfolded)
		: [document];

export const isListKind = (kind: unknown): boolean => typeof kind === "string" && kind.endsWith("List");

const checked = (value: unknown, where: string): KubeObject => {
	if (!isRecord(value)) throw new ManifestError(`cannot read ${where}: it is not an object`);
	for (const field of ["apiVersion", "kind"])
		if (typeof value[field] !== "string") throw new ManifestError(`cannot read ${where}: ${field} is missing`);
	if (!isKubeObject(value)) throw new ManifestError(`cannot read ${where}: metadata.name ${nameProblem(value)}`);
	return value;
};

const nameProblem = ({ metadata }: Record<string, unknown>): string => {
	const name = isRecord(metadata) ? metadata["name"] : undefined;
	return name === undefined || name === null ? "is missing" : notAString(name);
};

/** The problem of a value that should be a string: without quotes, YAML reads 12 and true as other types. */
export const notAString = (value: unknown): string =>
	typeof value === "number" || typeof value === "boolean"
		? `must be a string: quote it, "${value}"`
		: "must be a string";

/** A YAML stream of several documents, in the format of kubectl. */
export const printManifests = (objects: readonly unknown[]): string =>
	objects.map((object) => `---\n${dump(object, { noRefs: true, lineWidth: -1, seqNoIndent: true })}`).join("");
