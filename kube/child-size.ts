import type { KubeObject } from "../schemas/common.ts";
import type { ObjectMap } from "../schemas/metacontroller.ts";
import { DESIRED_HASH_ANNOTATION } from "../schemas/vocabulary.ts";
import { LAST_APPLIED } from "./held-children.ts";
import { isRecord, observedOf } from "./object.ts";
import { type Refusal, refusal } from "./spec-refusal.ts";

// Maximum size of a child. Metacontroller stores a copy of what it applied in an annotation, and the API server accepts 262,144 bytes
// of annotations; a larger child could not be updated.

/** Limit of the API server for all annotations of an object, in bytes. */
export const MOST_ANNOTATION_BYTES = 262_144;
/** Maximum size of an applied child, in bytes; the rest is for its other annotations. */
const MOST_BYTES = 256_000;
/** The same with server-side apply, which stores no copy: a ConfigMap has up to 1 MiB. */
const MOST_BYTES_WITHOUT_COPY = 1_000_000;

/** Length of a spec whose children can't become too large, even if they contain all of it twice, and escaped. */
const SMALL_SPEC = 16_000;

/** The first child that is too large to be applied, as an error in the spec; undefined: none. */
export const tooLarge = (
	parent: KubeObject,
	wanted: readonly KubeObject[],
	observed: ObjectMap,
): Refusal | undefined => {
	if ((JSON.stringify(parent["spec"]) ?? "").length < SMALL_SPEC) return undefined;
	for (const child of wanted) {
		const most = keepsCopy(observedOf(observed, child)) ? MOST_BYTES : MOST_BYTES_WITHOUT_COPY;
		const bytes = appliedBytes(child) + (most === MOST_BYTES ? annotationBytes(child) : 0);
		if (bytes <= most && annotationBytes(child) <= MOST_BYTES) continue;
		const { kind, metadata } = child;
		const field = heaviest(parent["spec"], "spec");
		return refusal({ reason: "InvalidSpec", about: "size", field, child: { kind, name: metadata.name }, bytes, most });
	}
	return undefined;
};

/** A sent child without the copy was applied by server-side apply. */
const keepsCopy = (there: KubeObject | undefined): boolean => {
	const annotations = there?.metadata.annotations ?? {};
	return annotations[DESIRED_HASH_ANNOTATION] === undefined || annotations[LAST_APPLIED] !== undefined;
};

/** Bytes of an object in JSON as Go writes it, with the characters that mean something in HTML escaped. */
const appliedBytes = (object: KubeObject): number => bytesIn(JSON.stringify(object), bytesOf);

/** They stand beside the copy, which has them too. */
const annotationBytes = ({ metadata }: KubeObject): number =>
	bytesIn(
		Object.entries(metadata.annotations ?? {})
			.flat()
			.join(""),
		utf8Bytes,
	);

/** Characters that take more than one byte, or are escaped; the usual object has none. */
const LONGER = /[<>&\u0080-\uffff]/;

/** Counted by UTF-16 code units: characters as strings would take a second for a body at the limit. */
const bytesIn = (text: string, bytesOfUnit: (unit: number) => number): number => {
	if (!LONGER.test(text)) return text.length;
	let bytes = 0;
	for (let at = 0; at < text.length; at++) bytes += bytesOfUnit(text.charCodeAt(at));
	return bytes;
};

/** & < > and two line separators. */
const ESCAPED: ReadonlySet<number> = new Set([0x26, 0x3c, 0x3e, 0x2028, 0x2029]);

const bytesOf = (unit: number): number => (ESCAPED.has(unit) ? 6 : utf8Bytes(unit));

const utf8Bytes = (unit: number): number => {
	if (unit < 0x80) return 1;
	// Half of a character of four bytes.
	return unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
};

/** The field that most of a value is in: as deep as one of them outweighs all others. */
const heaviest = (value: unknown, field: string): string => {
	if (typeof value !== "object" || value === null) return field;
	const weighed = Object.entries(value).map(([name, inner]: [string, unknown]) => ({
		inner,
		path: Array.isArray(value) ? `${field}[${name}]` : `${field}.${name}`,
		weight: (JSON.stringify(inner) ?? "").length,
	}));
	const total = weighed.reduce((sum, { weight }) => sum + weight, 0);
	const outweighing = weighed.find(({ weight }) => weight * 2 > total);
	if (outweighing === undefined) return field;
	return isRecord(outweighing.inner) || Array.isArray(outweighing.inner)
		? heaviest(outweighing.inner, outweighing.path)
		: outweighing.path;
};
