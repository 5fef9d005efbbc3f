import { describe, expect, it } from "vitest";
import { sessionOf } from "../../../plugin/cluster/context.ts";
import { UsageError } from "../../../plugin/cluster/kinds.ts";
import { pause, restart, resume } from "../../../plugin/pause/command.ts";
import { fakeKubectl } from "../fake-kubectl.ts";
import { ours, ownedBy } from "../world.ts";

const STACK = ours("PrismStack", "shop");
const RUNNER = ours("PatternRunner", "orders", { metadata: ownedBy(STACK) });
const PAUSED = ours("PrismStack", "paused", { metadata: { annotations: { "prism.io/paused": "true" } } });
const BACKEND = ours("BackendConfig", "redis");

const ran = async (command: typeof pause, words: readonly string[]) => {
	const written: string[] = [];
	const lines: string[] = [];
	const kubectl = {
		...fakeKubectl({ objects: [STACK, RUNNER, PAUSED, BACKEND] }),
		run: async (args: readonly string[]) => {
			written.push(args.join(" "));
			return "";
		},
	};
	const print = (more: readonly string[]) => void lines.push(...more);
	await command({ ...sessionOf({ namespace: "shop" }, "kubectl prism"), kubectl, print }, words);
	return { written, lines };
};
const STACKS = "annotate prismstack.v1alpha1.prism.io";

describe("an annotation", () => {
	it.each<[string, typeof pause, string, string[]]>([
		["pauses an object", pause, "prismstack/shop", [`${STACKS} shop -n shop prism.io/paused=true --overwrite`]],
		["is not written to a paused one", pause, "paused", []],
		["is removed to resume", resume, "paused", [`${STACKS} paused -n shop prism.io/paused- --overwrite`]],
		["is not removed where there is none", resume, "shop", []],
	])("%s", async (_, command, word, written) => expect((await ran(command, [word])).written).toEqual(written));

	it("restarts objects with pods, and no others, before any write", async () => {
		const { written } = await ran(restart, ["shop"]);
		expect(written).toEqual([expect.stringMatching(/prism\.io\/restartedAt=20\d\d-.*Z --overwrite$/)]);
		await expect(ran(restart, ["shop", "redis"])).rejects.toThrow(UsageError);
	});
});

it("names what a pause or a restart does not include, with the command for it", async () => {
	expect((await ran(pause, ["shop"])).lines.join("\n")).toMatch(
		/patternrunner\/orders\n {2}kubectl prism resume prismstack\/shop -n shop/,
	);
	expect((await ran(restart, ["shop"])).lines.join("\n")).toContain(
		"kubectl prism restart patternrunner/orders -n shop",
	);
	expect((await ran(restart, ["paused"])).lines).toHaveLength(2);
});
