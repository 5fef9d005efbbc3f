import { expect, it } from "vitest";
import { allFound, type Check, firstFound } from "../../kube/check-list.ts";

const above =
	(limit: number): Check<number, string> =>
	(input) =>
		input > limit ? `above ${limit}` : undefined;

it("has the finding of the first check in the list, and asks no further", () => {
	const never: Check<number, string> = () => {
		throw new Error("asked");
	};
	expect(firstFound([above(10), above(5), never], 7)).toBe("above 5");
	expect(firstFound([above(5), above(10)], 11)).toBe("above 5");
	expect(firstFound([above(5), above(10)], 1)).toBeUndefined();
});

it("takes any finding for one but undefined", () => {
	expect(firstFound([() => undefined, () => 0, () => 1], {})).toBe(0);
});

it("has all findings in the order of the list", () => {
	const list: Check<number, readonly string[]>[] = [
		(input) => [`a${input}`, "b"],
		() => undefined,
		() => [],
		() => ["c"],
	];
	expect(allFound(list, 1)).toEqual(["a1", "b", "c"]);
});
