// Tables as docs/performance.md and a terminal show them.

export interface Column<Row> {
	readonly title: string;
	readonly of: (row: Row) => string;
	/** Numbers stand on the right. */
	readonly right?: boolean;
}

export const table = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string => {
	const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map((column) => column.of(row)))];
	const widths = columns.map((_, index) => Math.max(3, ...cells.map((line) => line[index]?.length ?? 0)));
	const lineOf = (line: readonly string[]): string =>
		`| ${line
			.map((cell, index) => {
				const width = widths[index] ?? 0;
				return columns[index]?.right === true ? cell.padStart(width) : cell.padEnd(width);
			})
			.join(" | ")} |`;
	const [head = [], ...body] = cells;
	const rule = columns.map(({ right }, index) => {
		const dashes = "-".repeat(widths[index] ?? 3);
		return right === true ? `${dashes.slice(1)}:` : dashes;
	});
	return [lineOf(head), `| ${rule.join(" | ")} |`, ...body.map(lineOf)].join("\n");
};

/** About three significant digits, without an exponent: 0.0123, 4.56, 1,230. */
export const figure = (value: number): string => {
	if (!Number.isFinite(value)) return "–";
	if (value !== 0 && Math.abs(value) < 10) return String(Number(value.toPrecision(2)));
	return Number(value.toPrecision(3)).toLocaleString("en-US");
};

export const percent = (ratio: number): string => `${Math.round(100 * ratio)} %`;

export const kib = (bytes: number): string => figure(bytes / 1024);
export const mib = (bytes: number): string => figure(bytes / 1024 / 1024);

/** A figure beside its goal, for the tables of goals. */
export interface Goal {
	readonly what: string;
	readonly measured: string;
	readonly goal: string;
	readonly met: boolean | undefined;
}

export const goals = (rows: readonly Goal[]): string =>
	table(
		[
			{ title: "what", of: ({ what }: Goal) => what },
			{ title: "measured", of: ({ measured }) => measured, right: true },
			{ title: "goal", of: ({ goal }) => goal, right: true },
			{ title: "", of: ({ met }) => (met === undefined ? "" : met ? "met" : "**missed**") },
		],
		rows,
	);
