import { describe, expect, it } from "vitest";
import { PLAIN, paintOf } from "../../../plugin/text/paint.ts";
import { below, shownBy } from "../../../plugin/why/diagnosis.ts";
import { whyData, whyLines } from "../../../plugin/why/text.ts";
import { HOURS_AGO, MINUTES_AGO, NOW, ours } from "../world.ts";

const STACK = ours("PrismStack", "shop");
const SHARD = ours("PrismShard", "live", { metadata: { namespace: "infra" } });
const diagnosis = (finding?: ReturnType<typeof shownBy>, object = STACK) => ({
	object,
	finding,
	also: [],
	message: "up",
	since: MINUTES_AGO,
	needs: [],
});
const found = shownBy(STACK, "Broken", {
	cause: "the cause",
	since: HOURS_AGO,
	details: [{ title: "More", lines: ["a"] }],
	next: [{ say: "do it", command: "kubectl get pods", permissions: [] }, { say: "or wait" }],
});
const texts = (...given: Parameters<typeof whyLines>) => whyLines(...given).map((line) => line.trim());

describe("an explanation as text", () => {
	it.each([
		["ready", diagnosis(), /^✔ PrismStack shop\/shop .*12m/],
		["broken", diagnosis(found), /^✖ PrismStack shop\/shop /],
		["waiting", diagnosis({ ...found, state: "waiting" }), /^… /],
		["paused", diagnosis({ ...found, state: "paused" }), /^‖ .*paused/],
		[
			"being deleted",
			diagnosis(found, { ...STACK, metadata: { ...STACK.metadata, deletionTimestamp: NOW } }),
			/^✖ .*deleted/,
		],
	])("begins with the state: %s", (_, given, pattern) => expect(texts(given, PLAIN, NOW)[0]).toMatch(pattern));

	it("has the steps only where they lead on, with the namespace only where it is another", () => {
		const trail = texts(
			diagnosis(below({ object: STACK, word: "Waits", since: HOURS_AGO }, shownBy(SHARD, "Broken", { cause: "c" }))),
			PLAIN,
			NOW,
		);
		expect(trail).toContainEqual(expect.stringMatching(/^PrismStack shop +Waits 4h/));
		expect(trail).toContainEqual(expect.stringMatching(/^└─ PrismShard infra\/live +Broken$/));
		expect(texts(diagnosis(found), PLAIN, NOW).filter((line) => line.startsWith("PrismStack"))).toEqual([]);
	});

	it("has cause, start, details and advice in this order, then notes", () => {
		const lines = texts({ ...diagnosis(found), also: ["also"] }, PLAIN, NOW, ["unread"]).join("\n");
		expect(lines).toMatch(
			/Cause +the cause\nSince +2026-01-01T07:30:00Z \(.*\)\nShown by +PrismStack shop\/shop\n\nMore\na\n\nNext\n# do it\nkubectl get pods\n# or wait\n\n! also\n\n! unread$/,
		);
	});

	it("fits the terminal, except for commands", () => {
		const long = { ...found, cause: "many words ".repeat(30), next: [{ say: "many words ".repeat(20) }] };
		const lines = whyLines(diagnosis(long), paintOf({ color: false, columns: 60 }), NOW);
		expect(lines.filter((line) => line.length > 60)).toEqual([]);
	});
});

describe("an explanation as data", () => {
	it("of a ready object is its message", () =>
		expect(whyData(diagnosis())).toEqual({
			kind: "PrismStack",
			namespace: "shop",
			name: "shop",
			ready: true,
			message: "up",
			since: MINUTES_AGO,
			also: [],
		}));

	it("has steps and advice without the objects and permissions behind them", () =>
		expect(whyData(diagnosis(found))).toMatchObject({
			ready: false,
			state: "broken",
			shownBy: "PrismStack shop/shop",
			trail: [{ kind: "PrismStack", namespace: "shop", name: "shop", reason: "Broken", since: HOURS_AGO }],
			next: [{ say: "do it", command: "kubectl get pods", field: undefined }, { say: "or wait" }],
		}));
});
