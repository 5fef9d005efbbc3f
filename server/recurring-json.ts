import { randomUUID } from "node:crypto";
import { LRUCache } from "lru-cache";
import { isRecord } from "../kube/object.ts";

// Parts of bodies that recur in other bodies, byte by byte: the controller object is in every call of its hooks, and rosters are in
// those of all namespaces that they match, where they are most of the body. They are parsed once, and frozen: a hook that modified one
// would fail at once, instead of changing the requests of others.

/** A body without its known parts: each is replaced by a word that cannot occur otherwise. */
export interface Remainder {
	readonly text: string;
	/** Inserts the parts into the parsed text; `undefined`: there is something else at their locations. */
	readonly completed: (body: unknown) => unknown;
}

export type KnownParts = ReturnType<typeof createKnownParts>;

/** Location of a member's value in a body. */
interface Place {
	readonly name: string;
	readonly start: number;
	readonly end: number;
}

interface Part extends Place {
	readonly value: unknown;
}

interface Entry {
	/** `undefined`: seen once. Parts that do not recur are not worth caching. */
	readonly known: { readonly bytes: Buffer; readonly value: unknown } | undefined;
}

/** Maximum size of all cached parts, in bytes. Parsed, they take about four times as much. */
const KEPT_BYTES = 4 * 1024 * 1024;
/** Overhead of an entry, in bytes. */
const ENTRY_BYTES = 500;
/** Minimum share of known parts in a body: below it, parsing the whole body is faster. */
const WORTH_ONE_IN = 4;

/** `parse` returns `undefined` for parts that can't be shared. */
export function createKnownParts(parse: (text: string) => object | undefined) {
	const entries = new LRUCache<string, Entry>({
		maxSize: KEPT_BYTES,
		sizeCalculation: ({ known }) => ENTRY_BYTES + (known?.bytes.length ?? 0),
	});
	const word = randomUUID();
	const placeholder = Buffer.from(JSON.stringify(word));

	const parsedPart = (bytes: Buffer): unknown => {
		const key = sampleOf(bytes);
		const entry = entries.get(key);
		if (entry?.known?.bytes.equals(bytes) === true) return entry.known.value;
		const value = parse(bytes.toString("utf8"));
		if (value === undefined) return undefined;
		entries.set(key, { known: entry && { bytes: Buffer.from(bytes), value: frozen(value) } });
		return value;
	};
	return {
		/** `undefined`: the body does not have Metacontroller's form. */
		without: (body: Buffer): Remainder | undefined => {
			const places = placesIn(body);
			const length = places.reduce((sum, { start, end }) => sum + end - start, 0);
			if (length * WORTH_ONE_IN < body.length) return undefined;
			const parts: Part[] = places.map((place) => ({
				...place,
				value: parsedPart(body.subarray(place.start, place.end)),
			}));
			if (parts.some(({ value }) => value === undefined)) return undefined;
			return { text: textAround(body, parts, placeholder), completed: (rest) => completed(rest, parts, word) };
		},
	};
}

/** Freezes in place, recursively. */
const frozen = (value: unknown): unknown => {
	if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
	for (const part of Object.values(value)) frozen(part);
	return Object.freeze(value);
};

// ── Where parts are ─────────────────────────────────────────────────────────────────────────────────────────────────
// Metacontroller writes the members of a request in one order. A wrong match, in a body of another client, is harmless: the match or
// the rest around it is no JSON then.

const CONTROLLER = Buffer.from('{"controller":');
const OBJECT = Buffer.from(',"object":');
const PARENT = Buffer.from(',"parent":');
const RELATED = Buffer.from(',"related":');
const NOTHING_RELATED = Buffer.from(',"related":{}');
const FINALIZING = ["true", "false"].map((finalizing) => Buffer.from(`,"finalizing":${finalizing}}`));

/** Maximum size of a controller object; usually, it has a few kilobytes. */
const LONGEST_CONTROLLER = 16 * 1024;

const placesIn = (body: Buffer): Place[] => {
	if (!isAt(body, 0, CONTROLLER)) return [];
	const near = body.subarray(0, LONGEST_CONTROLLER);
	const decorated = near.indexOf(OBJECT);
	const end = decorated < 0 ? near.indexOf(PARENT) : decorated;
	if (end < 0) return [];
	// A decorator has few attachments before its related objects, a composite controller many children.
	const before = () => (decorated < 0 ? body.lastIndexOf(RELATED) : body.indexOf(RELATED, end));
	return [{ name: "controller", start: CONTROLLER.length, end }, ...relatedIn(body, before)];
};

const relatedIn = (body: Buffer, before: () => number): Place[] => {
	const after = FINALIZING.find((last) => endsWith(body, last));
	if (after === undefined || endsWith(body, NOTHING_RELATED, after.length)) return [];
	const start = before() + RELATED.length;
	return start < RELATED.length ? [] : [{ name: "related", start, end: body.length - after.length }];
};

const isAt = (bytes: Buffer, start: number, part: Buffer): boolean =>
	start >= 0 &&
	start + part.length <= bytes.length &&
	bytes.compare(part, 0, part.length, start, start + part.length) === 0;

const endsWith = (bytes: Buffer, part: Buffer, before = 0): boolean =>
	isAt(bytes, bytes.length - before - part.length, part);

// ── What is left ────────────────────────────────────────────────────────────────────────────────────────────────────

const textAround = (body: Buffer, places: readonly Place[], placeholder: Buffer): string => {
	const pieces: Buffer[] = [];
	let at = 0;
	for (const { start, end } of places) {
		pieces.push(body.subarray(at, start), placeholder);
		at = end;
	}
	return Buffer.concat([...pieces, body.subarray(at)]).toString("utf8");
};

const completed = (body: unknown, parts: readonly Part[], word: string): unknown => {
	if (!isRecord(body) || parts.some(({ name }) => body[name] !== word)) return undefined;
	for (const { name, value } of parts) body[name] = value;
	return body;
};

// ── Finding a part again ────────────────────────────────────────────────────────────────────────────────────────────

const SAMPLES = 4;
const SAMPLE_BYTES = 48;

/** A fast hash: equal for equal parts, and rarely for others. */
const sampleOf = (bytes: Buffer): string => {
	const step = Math.floor((bytes.length - SAMPLE_BYTES) / (SAMPLES - 1));
	if (step <= SAMPLE_BYTES) return bytes.toString("latin1");
	const samples = Array.from({ length: SAMPLES }, (_, index) =>
		bytes.toString("latin1", index * step, index * step + SAMPLE_BYTES),
	);
	return `${bytes.length} ${samples.join("")}`;
};
