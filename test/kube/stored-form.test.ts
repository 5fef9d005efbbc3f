import { expect, it } from "vitest";
import { asStored } from "../../kube/stored-form.ts";

it.each([
	{
		reason: "fields without a value",
		given: { a: undefined, b: null, c: 0, d: "", e: false },
		is: { b: null, c: 0, d: "", e: false },
	},
	{ reason: "empty lists", given: { args: [], command: ["x"] }, is: { command: ["x"] } },
	{
		reason: "empty maps",
		given: { labels: {}, annotations: {}, nodeSelector: { a: "b" } },
		is: { nodeSelector: { a: "b" } },
	},
	{
		reason: "other empty objects mean something",
		given: { emptyDir: {}, podSelector: {} },
		is: { emptyDir: {}, podSelector: {} },
	},
	{ reason: "below a list", given: { containers: [{ name: "a", args: [] }] }, is: { containers: [{ name: "a" }] } },
	{
		reason: "what is empty only once its fields are taken out",
		given: { resources: { limits: { cpu: undefined }, requests: { cpu: "1" } } },
		is: { resources: { requests: { cpu: "1" } } },
	},
])("stores no $reason", ({ given, is }) => {
	expect(asStored(given)).toStrictEqual(is);
});

it.each(["annotations", "labels", "limits", "matchLabels", "nodeSelector", "requests"])(
	"an empty %s is not stored",
	(map) => {
		expect(asStored({ [map]: {}, kept: 1 })).toStrictEqual({ kept: 1 });
	},
);

it("is the same object where nothing is left out", () => {
	const given = { a: [{ b: { c: 1 } }] };
	expect(asStored(given)).toBe(given);
});
