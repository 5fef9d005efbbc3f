import {
	type Document,
	isMap,
	isNode,
	isScalar,
	isSeq,
	LineCounter,
	type Node,
	type Pair,
	parseAllDocuments,
} from "yaml";

// Where in a file a field is. The values are read elsewhere, as kubectl reads them; this only remembers places.

export interface Position {
	readonly line: number;
	readonly column: number;
}

/** An object's place in a file: a document, or an item of a List in one. */
export interface Located {
	/** Of the object itself. */
	readonly position: Position;
	/** Of a field such as "spec.patterns[0].image"; where there is none, of what is nearest above it. */
	at(path: string): Position;
}

/** The objects of a text in their order, Lists unfolded, empty documents left out: as many as a reader of values finds. */
export const locate = (text: string): Located[] => {
	const lines = new LineCounter();
	const documents = parseAllDocuments(text, {
		lineCounter: lines,
		version: "1.1",
		merge: true,
		uniqueKeys: false,
		strict: false,
	});
	if (!Array.isArray(documents)) return [];
	return documents.flatMap((document) => objectsIn(document)).map((node) => located(node, lines));
};

const objectsIn = (document: Document.Parsed | Document): Node[] => {
	const { contents } = document;
	if (!isNode(contents) || (isScalar(contents) && contents.value === null)) return [];
	if (!isMap(contents)) return [contents];
	const items = contents.get("kind") === "List" ? contents.get("items", true) : undefined;
	return isSeq(items) ? items.items.filter(isNode) : [contents];
};

const located = (node: Node, lines: LineCounter): Located => {
	const position = (of: Node | undefined): Position => {
		const { line, col } = lines.linePos(of?.range?.[0] ?? 0);
		return { line, column: col };
	};
	return {
		position: position(node),
		at: (path) => position(nearest(node, path)),
	};
};

/** The deepest node of the path that there is; of an entry its key, which is where the eye looks for it. */
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

interface Step {
	readonly shown: Node;
	readonly node: Node | undefined;
	readonly rest: string;
}

const stepInto = (node: Node, path: string): Step | undefined => {
	const index = /^\[(\d+)\]\.?/.exec(path);
	if (index !== null) {
		const item = isSeq(node) ? node.items[Number(index[1])] : undefined;
		return isNode(item) ? { shown: item, node: item, rest: path.slice(index[0].length) } : undefined;
	}
	if (!isMap(node)) return undefined;
	// A key may itself hold dots: the longest one that the path begins with is meant.
	const entry = node.items
		.filter((pair) => begins(path, keyOf(pair)))
		.toSorted((left, right) => keyOf(right).length - keyOf(left).length)[0];
	if (entry === undefined || !isNode(entry.key)) return undefined;
	const rest = path.slice(keyOf(entry).length).replace(/^\./, "");
	return { shown: entry.key, node: isNode(entry.value) ? entry.value : undefined, rest };
};

const keyOf = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : "");

const begins = (path: string, key: string): boolean =>
	key !== "" && path.startsWith(key) && ["", ".", "["].includes(path.charAt(key.length));
