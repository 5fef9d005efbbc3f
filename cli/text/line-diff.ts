// Which lines differ: a shortest edit by the longest common subsequence, and hunks with a few lines around.

export interface DiffLine {
	readonly sign: " " | "+" | "-";
	readonly text: string;
}

/** Lines of both texts in one list; an empty text has no lines. */
export const diffLines = (before: readonly string[], after: readonly string[]): DiffLine[] => {
	let start = 0;
	while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
	let end = 0;
	while (
		end < before.length - start &&
		end < after.length - start &&
		before[before.length - 1 - end] === after[after.length - 1 - end]
	)
		end += 1;
	return [
		...before.slice(0, start).map(same),
		...middle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
		...before.slice(before.length - end).map(same),
	];
};

const same = (text: string): DiffLine => ({ sign: " ", text });

const middle = (before: readonly string[], after: readonly string[]): DiffLine[] => {
	const width = after.length + 1;
	// lengths[i * width + j]: of the longest common subsequence of what follows i and j.
	const lengths = new Uint32Array((before.length + 1) * width);
	const lengthAt = (row: number, column: number) => lengths[row * width + column] ?? 0;
	for (let row = before.length - 1; row >= 0; row -= 1)
		for (let column = after.length - 1; column >= 0; column -= 1)
			lengths[row * width + column] =
				before[row] === after[column]
					? lengthAt(row + 1, column + 1) + 1
					: Math.max(lengthAt(row + 1, column), lengthAt(row, column + 1));
	const lines: DiffLine[] = [];
	let row = 0;
	let column = 0;
	while (row < before.length || column < after.length) {
		if (row < before.length && column < after.length && before[row] === after[column]) {
			lines.push({ sign: " ", text: before[row] ?? "" });
			row += 1;
			column += 1;
		} else if (
			row < before.length &&
			(column === after.length || lengthAt(row + 1, column) >= lengthAt(row, column + 1))
		) {
			lines.push({ sign: "-", text: before[row] ?? "" });
			row += 1;
		} else {
			lines.push({ sign: "+", text: after[column] ?? "" });
			column += 1;
		}
	}
	return lines;
};

export interface Hunk {
	/** "@@ -12,5 +12,6 @@" */
	readonly header: string;
	readonly lines: readonly DiffLine[];
}

const AROUND = 3;

const count = (signs: string, part: readonly DiffLine[]): number =>
	part.filter(({ sign }) => signs.includes(sign)).length;

/** Changes with the lines around them; none when nothing differs. */
export const hunksOf = (lines: readonly DiffLine[]): Hunk[] => {
	const changed = lines.flatMap(({ sign }, index) => (sign === " " ? [] : [index]));
	const ranges: [from: number, to: number][] = [];
	for (const index of changed) {
		const from = Math.max(0, index - AROUND);
		const to = Math.min(lines.length, index + AROUND + 1);
		const last = ranges.at(-1);
		if (last !== undefined && from <= last[1]) last[1] = to;
		else ranges.push([from, to]);
	}
	return ranges.map(([from, to]) => {
		const part = lines.slice(from, to);
		const head = lines.slice(0, from);
		const [old, fresh] = [count(" -", part), count(" +", part)];
		const header = `@@ -${count(" -", head) + (old > 0 ? 1 : 0)},${old} +${count(" +", head) + (fresh > 0 ? 1 : 0)},${fresh} @@`;
		return { header, lines: part };
	});
};
