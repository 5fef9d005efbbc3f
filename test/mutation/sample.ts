import { createHash } from "node:crypto";

/** `size` of the items, the same ones for a seed wherever it runs; all of them for 0. */
export const sampled = <Item extends { readonly id: string }>(
	items: readonly Item[],
	size: number,
	seed: number,
): readonly Item[] => {
	if (size === 0) return items;
	const lot = ({ id }: Item): string => createHash("sha256").update(`${seed} ${id}`).digest("hex");
	return items
		.map((item) => ({ item, drawn: lot(item) }))
		.toSorted((one, other) => (one.drawn < other.drawn ? -1 : 1))
		.slice(0, size)
		.map(({ item }) => item);
};
