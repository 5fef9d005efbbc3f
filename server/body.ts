import { parse, safeParse, scan } from "secure-json-parse";
import { isRecord } from "../kube/object.ts";
import { type Excess, excessIn, excessOf, SMALL } from "./json-shape.ts";
import { createKnownParts, type KnownParts, type Remainder } from "./known-parts.ts";
import { Refusal } from "./refusal.ts";

// JSON that is safe to read as objects. A key `__proto__` or `constructor.prototype` deep in a body is a tenant's,
// free-form, and is removed: a refusal would be repeated at every retry, and that parent would never sync again. In
// the envelope, where only Metacontroller and the API server write, it means that the caller is neither.

const TOO_MUCH: Readonly<Record<Excess, string>> = {
	depth: "the request's body nests too deep",
	entries: "the request's body has an object or a list with too many entries",
	values: "the request's body has too many values",
};

/** Throws a `Refusal` when the body is not JSON, would take too long to read, or its envelope was tampered with. */
export function parseBody(bytes: Buffer, parts?: KnownParts): unknown {
	const isSmall = bytes.length <= SMALL;
	if (!isSmall) refuse(excessOf(bytes));
	const whole = isSmall ? aroundKnown(parts?.without(bytes)) : undefined;
	if (whole !== undefined) return whole;
	const text = bytes.toString("utf8");
	const body = harmless(text) ?? cleaned(text);
	if (isSmall) refuse(excessIn(body));
	return body;
}

/** `undefined`: it has to be looked at as a whole. */
function aroundKnown(remainder: Remainder | undefined): unknown {
	if (remainder === undefined) return undefined;
	const body = harmless(remainder.text);
	return excessIn(body) === undefined ? remainder.completed(body) : undefined;
}

/** Of a server's bodies, those parts that come again. */
export const knownParts = (): KnownParts =>
	createKnownParts((text) => {
		const value = harmless(text);
		return isRecord(value) && excessIn(value, PART_DEPTH) === undefined ? value : undefined;
	});

/** The body itself is 1. */
const PART_DEPTH = 2;

function refuse(excess: Excess | undefined): void {
	if (excess !== undefined) throw new Refusal(400, TOO_MUCH[excess]);
}

/** What a suspicious key is made of, be it escaped; the usual body has none of it, and need not be looked at more closely. */
const TRACES = /__proto__|constructor|\\u00/;

/** `undefined`: not JSON, or not at first sight; or a key may be in it that could harm. */
function harmless(text: string): unknown {
	if (TRACES.test(text)) return undefined;
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function cleaned(text: string): unknown {
	const clean: unknown = safeParse(text);
	if (clean === undefined) throw new Refusal(400, "the request's body is not JSON");
	// `null` stands for a suspicious key, and for the literal. Bodies without one are parsed only once.
	if (clean !== null) return clean;
	const body: unknown = parse(text, { protoAction: "ignore", constructorAction: "ignore" });
	if (typeof body !== "object" || body === null) return body;
	const field = tamperedField(body);
	if (field !== undefined) throw new Refusal(400, 'the key "__proto__" is not allowed here', field);
	scan(body, { protoAction: "remove", constructorAction: "remove" });
	return body;
}

function tamperedField(body: object): string | undefined {
	const places: [string, unknown][] = [["/", body]];
	for (const key of ["parent", "object"]) {
		const object: unknown = Reflect.get(body, key);
		if (!isRecord(object)) continue;
		places.push([`/${key}`, object], [`/${key}/metadata`, object["metadata"]]);
	}
	return places.find(([, value]) => isRecord(value) && Object.hasOwn(value, "__proto__"))?.[0];
}
