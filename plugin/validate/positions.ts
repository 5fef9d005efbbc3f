import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, type ScalarEvent } from "js-yaml";
import { MOST_LEVELS } from "../../yaml/manifests.ts";

// The position of each field in a file. Another reader parses the values, like kubectl; this one only stores positions.

export interface Position {
	readonly line: number;
	readonly column: number;
}

/** The positions of an object: a document, or an item of a List. */
export interface Located {
	/** Of the object itself. */
	readonly position: Position;
	/** Position of a field such as "spec.patterns[0].image"; if it does not exist, of its nearest parent. */
	at(path: string): Position;
}

/** The objects of a text in order, with Lists unfolded and without empty documents, like the reader of the values. */
export const locate = (text: string): Located[] => {
	const lineStarts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
	return documentsOf(text)
		.flatMap(objectsIn)
		.map((node) => ({
			position: positionAt(node.start, lineStarts),
			at: (path) => positionAt(nearest(node, path).start, lineStarts),
		}));
};

const positionAt = (offset: number, lineStarts: readonly number[]): Position => {
	const line = lineStarts.findLastIndex((start) => start <= offset);
	return { line: line + 1, column: offset - (lineStarts[line] ?? 0) + 1 };
};

// ── The tree ────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Node {
	/** Offset in the text. */
	readonly start: number;
	/** Text of a scalar; undefined: empty, or not a scalar. */
	readonly text?: string | undefined;
	readonly items?: readonly Node[];
	readonly entries?: readonly Entry[];
}

interface Entry {
	readonly key: Node;
	readonly value: Node;
}

const documentsOf = (text: string): Node[] => {
	const events = parseEvents(text, { maxDepth: MOST_LEVELS });
	const documents: Node[] = [];
	let next = 0;
	/** Reads up to the event that closes the node. An empty node has the position of the previous one. */
	const nodesBefore = (above: number): Node[] => {
		const nodes: Node[] = [];
		for (let event = events[next]; event !== undefined; event = events[next]) {
			next += 1;
			if (event.type === EVENT_ID.POP) break;
			nodes.push(nodeOf(event, nodes.at(-1)?.start ?? above));
		}
		return nodes;
	};
	const nodeOf = (event: Event, before: number): Node => {
		switch (event.type) {
			case EVENT_ID.SCALAR:
				return event.valueStart < 0 ? { start: before } : { start: startOf(event), text: getScalarValue(text, event) };
			case EVENT_ID.ALIAS:
				return { start: event.anchorStart - 1, text: "" };
			case EVENT_ID.SEQUENCE:
				return { start: event.start, items: nodesBefore(event.start) };
			case EVENT_ID.MAPPING:
				return { start: event.start, entries: entriesOf(nodesBefore(event.start)) };
			default:
				throw new Error("cannot read YAML: a document in a document");
		}
	};
	while (next < events.length) {
		// The document's own event.
		next += 1;
		documents.push(...nodesBefore(0));
	}
	return documents;
};

const startOf = ({ valueStart, style }: ScalarEvent): number =>
	style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED ? valueStart - 1 : valueStart;

const entriesOf = (nodes: readonly Node[]): Entry[] =>
	nodes.flatMap((key, index) => {
		const value = nodes[index + 1];
		return index % 2 === 0 && value !== undefined ? [{ key, value }] : [];
	});

const NULLS: readonly (string | undefined)[] = [undefined, "", "~", "null", "Null", "NULL"];

const objectsIn = (document: Node): readonly Node[] => {
	const { items, entries } = document;
	if (items === undefined && entries === undefined) return NULLS.includes(document.text) ? [] : [document];
	const fieldOf = (name: string) => entries?.find(({ key }) => key.text === name)?.value;
	return fieldOf("kind")?.text === "List" ? (fieldOf("items")?.items ?? [document]) : [document];
};

// ── Paths ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The deepest existing node of the path; for an entry, its key, where a reader looks for it. */
const nearest = (root: Node, path: string): Node => {
	let shown = root;
	let node: Node | undefined = root;
	let rest = path;
	while (node !== undefined && rest !== "") {
		const step = stepInto(node, rest);
		if (step === undefined) break;
		({ shown, node, rest } = step);
	}
	return shown;
};

const stepInto = ({ items, entries = [] }: Node, path: string) => {
	const index = /^\[(\d+)\]\.?/.exec(path);
	if (index !== null) {
		const item = items?.[Number(index[1])];
		return item && { shown: item, node: item, rest: path.slice(index[0].length) };
	}
	// A key can contain dots: the longest key that is a prefix of the path matches.
	const [entry] = entries
		.filter(({ key }) => begins(path, keyOf(key)))
		.toSorted((left, right) => keyOf(right.key).length - keyOf(left.key).length);
	if (entry === undefined) return undefined;
	return { shown: entry.key, node: entry.value, rest: path.slice(keyOf(entry.key).length).replace(/^\./, "") };
};

const keyOf = ({ text = "" }: Node): string => text;

const begins = (path: string, key: string): boolean =>
	key !== "" && path.startsWith(key) && ["", ".", "["].includes(path.charAt(key.length));
