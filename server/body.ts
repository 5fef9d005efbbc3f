import { parse, scan } from "secure-json-parse";
import { withoutDepths } from "../kube/nesting-limit.ts";
import { isRecord } from "../kube/object.ts";
import type { ErrorCode } from "./errors.ts";
import { type Excess, excessIn, excessOf, SMALL } from "./json-shape.ts";
import { createKnownParts, type KnownParts, type Remainder } from "./recurring-json.ts";
import { Refusal } from "./rejected-request.ts";

// Parses JSON into safe objects. A user can write a key `__proto__` into a free-form field of a parent's spec: the hooks report it in
// the status, as they do for too many levels, which are cut off. An error would be repeated at every retry, and the parent would never
// be reconciled. Elsewhere, the key is removed. In the envelope, which only Metacontroller and the API server write, it shows that the
// caller is neither.

const TOO_MUCH: Readonly<Record<Excess, ErrorCode>> = {
	depth: "PRISM_ERR_TOO_DEEP",
	entries: "PRISM_ERR_TOO_WIDE",
	values: "PRISM_ERR_TOO_MANY_VALUES",
};

/** Throws a `Refusal` if the body is not JSON, would take too long to parse, or has a manipulated envelope. */
export function parseBody(bytes: Buffer, parts?: KnownParts): unknown {
	const isSmall = bytes.length <= SMALL;
	if (!isSmall) refuse(excessOf(bytes));
	const whole = isSmall ? aroundKnown(parts?.without(bytes)) : undefined;
	if (whole !== undefined) return whole;
	const text = bytes.toString("utf8");
	const body = harmless(text) ?? cleaned(text);
	const excess = excessIn(body);
	if (excess !== "depth") {
		refuse(excess);
		return body;
	}
	refuse(excessOf(bytes));
	withoutDepths(body);
	refuse(excessIn(body));
	return body;
}

/** `undefined`: it must be parsed as a whole. */
function aroundKnown(remainder: Remainder | undefined): unknown {
	if (remainder === undefined) return undefined;
	const body = harmless(remainder.text);
	return excessIn(body) === undefined ? remainder.completed(body) : undefined;
}

/** Parts of bodies that recur in later bodies. */
export const knownParts = (): KnownParts =>
	createKnownParts((text) => {
		const value = harmless(text);
		return isRecord(value) && excessIn(value, PART_DEPTH) === undefined ? value : undefined;
	});

/** The depth of the body itself is 1. */
const PART_DEPTH = 2;

function refuse(excess: Excess | undefined): void {
	if (excess !== undefined) throw new Refusal(TOO_MUCH[excess]);
}

/**
 * Characters of a dangerous key, even if one of its letters is escaped; the usual body has none of them, and needs no further check. Go
 * escapes &, < and >, which are in no such key.
 */
const TRACES = /__proto__|\\u00(?:5[fF]|6[fF]|7[024])/;

/** `undefined`: not JSON, or not recognizably so; or it can contain a dangerous key. */
function harmless(text: string): unknown {
	if (TRACES.test(text)) return undefined;
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

const ignored = { protoAction: "ignore", constructorAction: "ignore" } as const;

function cleaned(text: string): unknown {
	let body: unknown;
	try {
		body = parse(text, ignored);
	} catch {
		throw new Refusal("PRISM_ERR_NOT_JSON");
	}
	if (!isRecord(body)) return body;
	const field = tamperedField(body);
	if (field !== undefined) throw new Refusal("PRISM_ERR_TAMPERED", { field });
	const subjects = SUBJECTS.map((key) => body[key]).filter(isRecord);
	const specs = subjects.map(({ spec }) => spec);
	for (const subject of subjects) if ("spec" in subject) subject["spec"] = null;
	scan(body, { ...ignored, protoAction: "remove" });
	for (const [index, subject] of subjects.entries()) if ("spec" in subject) subject["spec"] = specs[index];
	return body;
}

/** Where the object is in a request. */
const SUBJECTS = ["parent", "object"] as const;

function tamperedField(body: object): string | undefined {
	const places: [string, unknown][] = [["/", body]];
	for (const key of SUBJECTS) {
		const object: unknown = Reflect.get(body, key);
		if (!isRecord(object)) continue;
		places.push([`/${key}`, object], [`/${key}/metadata`, object["metadata"]]);
	}
	return places.find(([, value]) => isRecord(value) && Object.hasOwn(value, "__proto__"))?.[0];
}
