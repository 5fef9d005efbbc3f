import { describe, expect, it } from "vitest";
import { advanced, nextLook, whereOf } from "../../hooks/prismplugin/rollout.ts";
import { stateOf } from "../../hooks/prismplugin/status-fields.ts";
import type { PastRollout, PluginRollout, RolloutPart } from "../../schemas/pluginrollout.ts";
import {
	BEFORE,
	given,
	LATER,
	NOW,
	ONE,
	part,
	rollout,
	runs,
	silent,
	state,
	TWO,
	titles,
} from "../hooks/prismplugin-step.ts";
import { object } from "../hooks/situations.ts";

// One step of a rollout, from its state in status: how it ends, when somebody comes back, what is read of it.

describe("a rollout ends", () => {
	it("complete, when everybody has it and is well", () => {
		const parts = [part("a", "Updated"), part("b", "Updated")];
		const next = advanced(state({ parts }), given([runs("a", TWO), runs("b", TWO)]));
		expect(next).toEqual({
			rollout: { ...rollout("Progressing"), phase: "Complete", finishedAt: NOW },
			lastGood: TWO,
			parts,
			history: [
				{ version: "2.0.0", startedAt: BEFORE, finishedAt: NOW, outcome: "Complete", reason: "Ready everywhere: 2" },
			],
		});
		expect(advanced(next, given([runs("a", TWO), runs("b", TWO)], { now: LATER }))).toEqual(next);
	});

	it("without a version to go back to, while no pod has run it", () => {
		const parts = [part("a", "Updated")];
		const idle = { name: "a", observed: { ...TWO, desired: 0, updated: 0, ready: 0 } };
		const next = advanced(state({ parts, lastGood: undefined }), given([idle]));
		expect([next.rollout?.phase, next.lastGood]).toEqual(["Complete", undefined]);
		expect(advanced(state({ parts }), given([idle])).lastGood).toEqual(ONE);
		const failing = advanced(next, given([runs("a", TWO, 0)]));
		expect([failing.rollout?.phase, failing.lastGood]).toEqual(["Complete", undefined]);
		expect(advanced(failing, given([runs("a", TWO)])).lastGood).toEqual(TWO);
	});

	it.each([
		["one has no part yet", [part("a", "Updated")], [runs("a", TWO), silent("b")], undefined],
		[
			"one is watched",
			[part("a", "Updated"), part("b", "Baking", TWO, { since: NOW })],
			[runs("a", TWO), runs("b", TWO)],
			ONE,
		],
		["one has fallen", [part("a", "Updated")], [runs("a", TWO, 0)], ONE],
	])("not while %s", (_, parts, places, lastGood) => {
		const next = advanced(state({ parts, lastGood }), given(places));
		expect(next.rollout).toEqual(rollout("Progressing"));
		expect(next.history).toEqual([]);
	});

	it("stalled, while one has failed", () => {
		const parts = [part("a", "Failed", TWO, { message: "broke" }), part("b", "Pending", ONE)];
		const next = advanced(state({ parts, lastGood: undefined }), given([runs("a", TWO, 0), runs("b", ONE)]));
		expect(next.rollout).toEqual(rollout("Stalled", { failure: "PrismShard a broke" }));
		expect(titles(next)).toEqual(["a Failed 2.0.0", "b Pending 1.0.0"]);
		expect(next.history).toEqual([]);
	});

	it("back, when the one that failed is back", () => {
		const parts = [part("a", "RollingBack", ONE, { message: "broke" }), part("b", "Pending", ONE)];
		const going = advanced(state({ parts }), given([runs("a", TWO, 0), runs("b", ONE)]));
		expect(going.rollout).toEqual(rollout("RollingBack", { failure: "PrismShard a broke" }));
		const back = advanced(going, given([runs("a", ONE), runs("b", ONE)]));
		expect(back.rollout).toEqual({ ...rollout("RolledBack", { failure: "PrismShard a broke" }), finishedAt: NOW });
		expect(back.history).toEqual([
			{ version: "2.0.0", startedAt: BEFORE, finishedAt: NOW, outcome: "RolledBack", reason: "PrismShard a broke" },
		]);
		const later = advanced(back, given([runs("a", ONE), runs("b", ONE)], { now: LATER }));
		expect(later).toEqual(back);
		const left = advanced(later, given([runs("b", ONE)], { now: LATER }));
		expect(left.rollout).toEqual(back.rollout);
	});

	it("back, also when nobody said why", () => {
		const next = advanced(state({ parts: [part("a", "RolledBack", ONE)] }), given([runs("a", ONE)]));
		expect(next.rollout).toEqual({ ...rollout("RolledBack"), finishedAt: NOW });
		expect(next.history[0]?.reason).toBe("A shard was rolled back");
	});
});

describe("somebody comes back", () => {
	const policy = given([]).policy;
	const look = (its: PluginRollout | undefined, ...parts: readonly RolloutPart[]) =>
		nextLook(
			{ rollout: its, parts, lastGood: undefined, history: [] },
			{ policy: { ...policy, bakeSeconds: 8, graceSeconds: 4, deadlineSeconds: 9 }, now: NOW },
		);
	const since = (seconds: number) => ({ since: `2026-01-01T00:59:${60 - seconds}Z` });
	const fallen = (seconds: number) => ({ unreadySince: `2026-01-01T00:59:${60 - seconds}Z` });

	it.each([
		["never minding, after 60 s", undefined, [], 60],
		["after it was complete, in 60 s", rollout("Complete"), [], 60],
		["on the way, in 10 s", rollout("Progressing"), [], 10],
		["when one was watched", rollout("Progressing"), [part("a", "Baking", TWO, since(1))], 7],
		[
			"when one that is watched has fallen for too long",
			rollout("Progressing"),
			[part("a", "Baking", TWO, fallen(1))],
			3,
		],
		[
			"when one that was done has fallen for too long",
			rollout("Progressing"),
			[part("a", "Updated", TWO, fallen(1))],
			8,
		],
		["when one is late", rollout("Progressing"), [part("a", "Updating", TWO, since(3))], 6],
		["when one is late to go back", rollout("RollingBack"), [part("a", "RollingBack", ONE, since(4))], 5],
		["not because of one that waits", rollout("Progressing"), [part("a", "Pending", ONE, since(4))], 10],
		[
			"not for what is over",
			rollout("Progressing"),
			[part("a", "Updating", TWO, since(9)), part("b", "Updating", TWO, since(10))],
			10,
		],
		[
			"for what comes first",
			rollout("Progressing"),
			[part("a", "Updating", TWO, since(3)), part("b", "Baking", TWO, since(6))],
			2,
		],
	])("%s", (_, its, parts, seconds) => {
		expect(look(its, ...parts)).toBe(seconds);
	});
});

describe("the state in status", () => {
	const read = (status: unknown) => stateOf({ ...object("PrismPlugin", {}), status });
	const none = { rollout: undefined, lastGood: undefined, parts: [], history: [] };
	const pastOne: PastRollout = { version: "1", startedAt: BEFORE, finishedAt: NOW, outcome: "Complete", reason: "r" };

	it.each([
		["nothing", undefined, none],
		["a rollout", { rollout: rollout("Stalled") }, { ...none, rollout: rollout("Stalled") }],
		["a rollout that makes no sense", { rollout: { phase: "Odd" } }, none],
		[
			"a good version",
			{ lastGoodVersion: "1", lastGoodImage: "p:1" },
			{ ...none, lastGood: { version: "1", image: "p:1" } },
		],
		["a good version without an image", { lastGoodVersion: "1" }, none],
		["a good image without a version", { lastGoodImage: "p:1" }, none],
		["an empty version", { lastGoodVersion: "", lastGoodImage: "p:1" }, none],
		["a version that is none", { lastGoodVersion: 1, lastGoodImage: "p:1" }, none],
		["parts", { shardStates: [part("a", "Updated"), { name: "b" }, 5] }, { ...none, parts: [part("a", "Updated")] }],
		[
			"the Deployment's part",
			{ remote: part("Deployment d", "Updated") },
			{ ...none, parts: [part("Deployment d", "Updated")] },
		],
		["history", { history: [pastOne, { version: 1 }] }, { ...none, history: [pastOne] }],
	])("is read with %s", (_, status, found) => {
		expect(read(status)).toEqual(found);
	});

	it("names places in a sentence", () => {
		expect(whereOf("a")).toEqual({ kind: "shard", name: "a" });
		expect(whereOf("Deployment a-plugin")).toEqual({ kind: "Deployment", name: "a-plugin" });
	});
});
