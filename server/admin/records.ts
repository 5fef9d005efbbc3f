import type { NamespaceFigures, NamespaceRecord } from "../../schemas/admin.ts";

// The records of a listing as columns. For a hundred thousand namespaces on a thousand instances, one object per record would be
// a million objects for the garbage collector, replaced all the time; columns are a few per instance.

/** An invalid record: one that is listed twice, or has an invalid number. */
export const NONSENSE = Symbol("nonsense");
export type Listed = NamespaceRecord | typeof NONSENSE;

export interface Records {
	/** Name → row. */
	readonly rows: ReadonlyMap<string, number>;
	readonly size: number;
	/** `undefined`: not listed. */
	readonly get: (name: string) => Listed | undefined;
	readonly names: () => Iterable<string>;
}

/** Enum values of the protobuf message. */
export const STATUSES = [
	"Unspecified",
	"Active",
	"ReadOnly",
	"Suspended",
] as const satisfies NamespaceRecord["status"][];
const FIGURES = [
	"keys",
	"connections",
	"requestsPerSecond",
	"p99LatencyMs",
] as const satisfies (keyof NamespaceFigures)[];
/** Marks a number that is not reported: reported numbers are never negative. */
const NONE = -1;
/** Instead of a status. */
const NO_SENSE = 255;

type Columns = ReturnType<typeof columnsOf>;

/**
 * Stores the records of a listing. Reuses the names of `before` if they are equal, as they are as long as no
 * namespace is created or deleted.
 */
export const packed = (records: ReadonlyMap<string, Listed>, before?: Records): Records => {
	const rows = rowsOf(records, before?.rows);
	return readable(rows, columnsOf([...records.values()]));
};

// Outside of the function that builds the columns: closures must not keep its input alive.
const readable = (rows: ReadonlyMap<string, number>, columns: Columns): Records => ({
	rows,
	size: rows.size,
	names: () => rows.keys(),
	get: (name) => {
		const row = rows.get(name);
		return row === undefined ? undefined : recordAt(columns, row);
	},
});

const columnsOf = (records: readonly Listed[]) => {
	const texts: string[] = [];
	/** End offsets of digest and owner of a row in the text. */
	const ends = new Uint32Array(2 * records.length);
	const statuses = new Uint8Array(records.length);
	/** Whether the server reports owners. */
	const owned = new Uint8Array(records.length);
	const versions = new Float64Array(records.length);
	/** All texts of a row, concatenated. */
	const figures = new Float64Array(FIGURES.length * records.length);
	let end = 0;
	for (const [row, record] of records.entries()) {
		const { digest = "", owner, version = NONE, status, metrics = {} } = record === NONSENSE ? NOTHING : record;
		for (const [index, text] of [digest, owner ?? ""].entries()) {
			texts.push(text);
			end += text.length;
			ends[2 * row + index] = end;
		}
		statuses[row] = record === NONSENSE ? NO_SENSE : STATUSES.indexOf(status);
		owned[row] = owner === undefined ? 0 : 1;
		versions[row] = version;
		for (const [index, name] of FIGURES.entries()) figures[FIGURES.length * row + index] = metrics[name] ?? NONE;
	}
	return { statuses, versions, figures, ends, text: texts.join(""), owned };
};

const recordAt = (columns: Columns, row: number): Listed => {
	const status = columns.statuses[row] ?? NO_SENSE;
	if (status === NO_SENSE) return NONSENSE;
	const [digest, owner] = [textAt(columns, 2 * row), textAt(columns, 2 * row + 1)];
	const version = columns.versions[row] ?? NONE;
	const metrics = figuresAt(columns, row);
	return {
		...(digest !== "" && { digest }),
		...(version !== NONE && { version }),
		...(columns.owned[row] === 1 && { owner }),
		status: STATUSES[status] ?? "Unspecified",
		...(metrics !== undefined && { metrics }),
	};
};

const textAt = ({ text, ends }: Columns, place: number): string =>
	text.slice(place === 0 ? 0 : ends[place - 1], ends[place]);

const figuresAt = ({ figures }: Columns, row: number): NamespaceFigures | undefined => {
	const all = FIGURES.map((name, index) => [name, figures[FIGURES.length * row + index] ?? NONE] as const);
	const told = all.filter(([, value]) => value !== NONE);
	return told.length === 0 ? undefined : Object.fromEntries(told);
};

const NOTHING: NamespaceRecord = { status: "Unspecified" };

const rowsOf = (
	records: ReadonlyMap<string, Listed>,
	before: ReadonlyMap<string, number> | undefined,
): ReadonlyMap<string, number> => {
	if (before?.size === records.size) {
		const names = before.keys();
		let same = true;
		for (const name of records.keys()) same &&= names.next().value === name;
		if (same) return before;
	}
	return new Map([...records.keys()].map((name, row) => [name, row]));
};
