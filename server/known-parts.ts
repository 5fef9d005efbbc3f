import { randomUUID } from "node:crypto";
import { LRUCache } from "lru-cache";
import { isRecord } from "../kube/object.ts";

// Parts of bodies that come again in other bodies, byte by byte: the controller's own object is in every call of its hooks, and
// rosters are in those of all namespaces that they match, where they are most of the body. They are parsed once. What is
// kept is frozen: a hook that changed it would fail at once, and not change the requests of others.

/** A body without its known parts: each is replaced by a word that cannot occur otherwise. */
export interface Remainder {
	readonly text: string;
	/** Puts the parts into what the text was parsed to; `undefined`: there is something else in their place. */
	readonly completed: (body: unknown) => unknown;
}

export type KnownParts = ReturnType<typeof createKnownParts>;

/** Where a member's value is in a body. */
interface Place {
	readonly name: string;
	readonly start: number;
	readonly end: number;
}

interface Part extends Place {
	readonly value: unknown;
}

interface Entry {
	/** `undefined`: something like it was seen once. What never comes again is not worth keeping. */
	readonly known: { readonly bytes: Buffer; readonly value: unknown } | undefined;
}

/** Bytes of all parts that are kept. Parsed, they take about four times as much. */
const KEPT_BYTES = 4 * 1024 * 1024;
/** What an entry takes besides its bytes. */
const ENTRY_BYTES = 500;
/** To take parts out of a body that has less than one byte in so many in them takes longer than to parse it whole. */
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
		/** `undefined`: the body is not made as Metacontroller makes it. */
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

/** In place, with all that is in it. */
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

/** How long a controller may be; a few kilobytes is what it is. */
const LONGEST_CONTROLLER = 16 * 1024;

const placesIn = (body: Buffer): Place[] => {
	if (!isAt(body, 0, CONTROLLER)) return [];
	const near = body.subarray(0, LONGEST_CONTROLLER);
	const decorated = near.indexOf(OBJECT);
	const end = decorated < 0 ? near.indexOf(PARENT) : decorated;
	if (end < 0) return [];
	// A decorator has few attachments in front of what is related, a composite many children.
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

/** The same of parts that are equal, and seldom of others. */
const sampleOf = (bytes: Buffer): string => {
	const step = Math.floor((bytes.length - SAMPLE_BYTES) / (SAMPLES - 1));
	if (step <= SAMPLE_BYTES) return bytes.toString("latin1");
	const samples = Array.from({ length: SAMPLES }, (_, index) =>
		bytes.toString("latin1", index * step, index * step + SAMPLE_BYTES),
	);
	return `${bytes.length} ${samples.join("")}`;
};
