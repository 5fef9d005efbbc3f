import { expect, it } from "vitest";
import { NESTING, withoutDepths } from "../../kube/nesting-limit.ts";

/** Objects within each other, `depth` of them; the innermost holds "end" at `end`. */
const nested = (depth: number): Record<string, unknown> => {
	let value: Record<string, unknown> = { end: 1, none: null };
	for (let level = 1; level < depth; level++) value = { in: value, beside: level };
	return value;
};

it("keeps what is as deep as it may be", () => {
	const value = nested(NESTING);
	withoutDepths(value);
	expect(value).toEqual(nested(NESTING));
});

it("makes containers below that null, and leaves the scalars beside them", () => {
	const value = nested(NESTING + 2);
	withoutDepths(value);
	let deepest: unknown = value;
	for (let level = 1; level < NESTING; level++) deepest = (deepest as { readonly in: unknown }).in;
	expect(deepest).toEqual({ in: null, beside: 2 });
});

it.each(["text", 1, null, undefined])("takes %j as it is", (value) => {
	expect(() => withoutDepths(value)).not.toThrow();
});
