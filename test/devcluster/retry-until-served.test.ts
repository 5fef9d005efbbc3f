import { expect, test } from "vitest";
import { onceServed } from "../../devcluster/retry-until-served.ts";
import { ApiError } from "../../devcluster/store.ts";

const attempts = (failures: number, error: Error) => {
	let made = 0;
	const attempt = async () => {
		made++;
		if (made <= failures) throw error;
		return "served";
	};
	return { attempt, made: () => made };
};
const refusal = new ApiError(404, "NotFound", "the server could not find the requested resource");

test("what the API server refuses is repeated until it is served", async () => {
	const { attempt, made } = attempts(2, refusal);
	expect(await onceServed(attempt)).toBe("served");
	expect(made()).toBe(3);
});

test.each([
	["a refusal that lasts", refusal, 1, 2],
	["any other error", new Error("no connection"), 50, 1],
])("%s is an error", async (_, error, tries, count) => {
	const { attempt, made } = attempts(9, error);
	await expect(onceServed(attempt, tries)).rejects.toBe(error);
	expect(made()).toBe(count);
});
