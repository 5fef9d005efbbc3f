import { describe, expect, it } from "vitest";
import { viewOf } from "../../../plugin/cluster/cluster-view.ts";
import { sessionOf } from "../../../plugin/cluster/context.ts";
import { UsageError } from "../../../plugin/cluster/kinds.ts";
import { annotate, chosen, namedIn, patch } from "../../../plugin/cluster/patches.ts";
import { fakeKubectl } from "../fake-kubectl.ts";
import { NOW, ours } from "../world.ts";

const STACK = ours("PrismStack", "shop");
const RUNNER = ours("PatternRunner", "orders");
const NAMESAKE = ours("PrismShard", "shop");
const ROSTER = ours("PrismRoster", "prism-live");
const OBJECTS = [STACK, RUNNER, NAMESAKE, ROSTER];

const session = () => {
	const calls: (readonly string[])[] = [];
	const kubectl = {
		...fakeKubectl({ objects: OBJECTS }),
		run: async (args: readonly string[]) => {
			calls.push(args);
			return "";
		},
	};
	return { calls, session: { ...sessionOf({ namespace: "shop" }, "kubectl prism"), kubectl } };
};

describe("the objects to write", () => {
	it.each([
		[["orders"], [RUNNER]],
		[
			["prismstack/shop", "prismshard/shop"],
			[STACK, NAMESAKE],
		],
	])("are those that %j names", async (words, objects) =>
		expect((await chosen(session().session, words)).objects).toEqual(objects),
	);

	it.each([
		["an unknown name", ["nothing"], /there is .*patternrunner\/orders/],
		["an unknown name of a kind", ["prismplugin/nothing"], /there is none here/],
		["two kinds of one name", ["shop"], /prismstack\/shop and prismshard\/shop/],
		["an internal object", ["prismroster/prism-live"], /PrismRoster prism-live/],
	])("are not known from %s", async (_, words, names) => {
		const failed = chosen(session().session, words);
		await expect(failed).rejects.toThrow(UsageError);
		await expect(failed).rejects.toThrow(names);
	});

	it("are among the given ones, in the order of the words", () => {
		const view = viewOf({ objects: OBJECTS, now: NOW });
		expect(namedIn(view, ["orders", "prismstack/shop"])).toEqual([RUNNER, STACK]);
		expect(() => namedIn(view, ["orders"], [STACK])).toThrow(UsageError);
	});
});

it("writes annotations and fields with the full name of the resource", async () => {
	const { calls, session: given } = session();
	await annotate(given, STACK, "prism.io/paused", "true");
	await annotate(given, STACK, "prism.io/paused", null);
	await patch(given, STACK, { spec: { a: 1 } });
	const about = ["prismstack.v1alpha1.prism.io", "shop", "-n", "shop"];
	expect(calls).toEqual([
		["annotate", ...about, "prism.io/paused=true", "--overwrite"],
		["annotate", ...about, "prism.io/paused-", "--overwrite"],
		["patch", ...about, "--type=merge", "--patch", '{"spec":{"a":1}}'],
	]);
});
