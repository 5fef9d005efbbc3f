import { expect, it } from "vitest";
import { isEmptySelector, selectorFault } from "../../../devcluster/metacontroller/selector.ts";
import type { LabelSelector } from "../../../schemas/metacontroller.ts";

const expression = (operator: "In" | "NotIn" | "Exists" | "DoesNotExist", values?: string[]): LabelSelector => ({
	matchExpressions: [{ key: "a", operator, ...(values && { values }) }],
});

it.each<[LabelSelector, boolean]>([
	[{}, true],
	[{ matchLabels: {}, matchExpressions: [] }, true],
	[{ matchLabels: { a: "b" } }, false],
	[expression("Exists"), false],
])("%o is empty: %s", (selector, isEmpty) => {
	expect(isEmptySelector(selector)).toBe(isEmpty);
});

it.each<[LabelSelector, boolean]>([
	[{}, true],
	[{ matchLabels: { a: "" } }, true],
	[expression("In", ["b"]), true],
	[expression("NotIn", ["b"]), true],
	[expression("Exists"), true],
	[expression("DoesNotExist", []), true],
	[expression("In"), false],
	[expression("NotIn", []), false],
	[expression("Exists", ["b"]), false],
	[expression("DoesNotExist", ["b"]), false],
	[
		{
			matchExpressions: [
				{ key: "a", operator: "Exists" },
				{ key: "b", operator: "In" },
			],
		},
		false,
	],
])("%o can be used: %s", (selector, isUsable) => {
	expect(selectorFault(selector) === undefined).toBe(isUsable);
});
