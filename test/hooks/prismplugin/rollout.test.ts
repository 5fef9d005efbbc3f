import { describe, expect, it } from "vitest";
import { advanced, type Given, type Place } from "../../../hooks/prismplugin/rollout.ts";
import type { PastRollout, RolloutPart } from "../../../schemas/pluginrollout.ts";
import {
	BEFORE,
	given,
	LATER,
	NOW,
	ONE,
	part,
	release,
	rollout,
	runs,
	silent,
	state,
	THREE,
	TWO,
	titles,
} from "../prismplugin-step.ts";

// One step of a rollout, from its state in status: what begins, who joins and leaves, whose turn it is.

describe("a rollout begins", () => {
	it("where there was none", () => {
		const next = advanced(state({ rollout: undefined, lastGood: undefined }), given([silent("a"), silent("b")]));
		expect(next.rollout).toEqual({ generation: 1, ...TWO, phase: "Progressing", startedAt: NOW });
		expect(titles(next)).toEqual(["a Updating 2.0.0"]);
		expect(next.history).toEqual([]);
	});

	it.each([
		["another version is asked for", rollout("Progressing"), { ...THREE, generation: 2 }, true],
		["another image is asked for", rollout("Progressing"), { ...TWO, image: "q:2", generation: 2 }, true],
		["spec changes after it stalled", rollout("Stalled"), { ...TWO, generation: 2 }, true],
		["spec changes after it went back", rollout("RolledBack"), { ...TWO, generation: 2 }, true],
		["spec changes while it goes back", rollout("RollingBack"), { ...TWO, generation: 2 }, true],
		["spec changes on the way", rollout("Progressing"), { ...TWO, generation: 2 }, false],
		["spec changes after it was complete", rollout("Complete"), { ...TWO, generation: 2 }, false],
		["nothing changes after it stalled", rollout("Stalled"), { ...TWO, generation: 1 }, false],
	])("anew or not when %s", (_, before, wanted, isNew) => {
		const parts = [part("a", "Updated")];
		const next = advanced(state({ rollout: before, parts }), given([runs("a", TWO)], { wanted }));
		expect(next.rollout?.startedAt).toBe(isNew ? NOW : BEFORE);
		expect(next.rollout?.generation).toBe(wanted.generation);
	});

	it("with what each shard had, those on their way still on it", () => {
		const parts = [
			part("a", "Updated", TWO, { message: "old" }),
			part("b", "Baking"),
			part("c", "Failed", ONE),
			part("d", "Pending", ONE),
			part("e", "RolledBack", THREE),
		];
		const places = ["a", "b", "c", "d", "e"].map(silent);
		const next = advanced(
			state({ parts }),
			given(places, { wanted: { ...THREE, generation: 2 } }, { maxUnavailableShards: 2 }),
		);
		expect(titles(next)).toEqual([
			"a Pending 2.0.0",
			"b Updating 3.0.0",
			"c Updating 3.0.0",
			"d Pending 1.0.0",
			"e Updated 3.0.0",
		]);
		expect(next.parts[0]).toEqual(part("a", "Pending"));
		expect(next.parts[2]?.since).toBe(NOW);
		expect(next.parts[4]).toMatchObject({ state: "Updated" });
	});

	it.each([
		[rollout("Progressing"), "Superseded", "Version 3.0.0 was requested before this one was complete"],
		[
			rollout("Stalled", { failure: "shard a broke" }),
			"Failed",
			"shard a broke; version 3.0.0 was requested before this one was complete",
		],
		[
			rollout("RollingBack", { failure: "x" }),
			"Superseded",
			"x; version 3.0.0 was requested before this one was complete",
		],
	])("and the one before is remembered", (before, outcome, reason) => {
		const history = Array.from(
			{ length: 10 },
			(): PastRollout => ({
				version: "0.1.0",
				startedAt: BEFORE,
				finishedAt: BEFORE,
				outcome: "Complete",
				reason: "Ready everywhere: 1",
			}),
		);
		const next = advanced(
			state({ rollout: before, history }),
			given([silent("a")], { wanted: { ...THREE, generation: 2 } }),
		);
		expect(next.history[0]).toEqual({ version: "2.0.0", startedAt: BEFORE, finishedAt: NOW, outcome, reason });
		expect(next.history).toHaveLength(3);
	});

	it("and the one before is not remembered twice", () => {
		const next = advanced(
			state({ rollout: rollout("Complete") }),
			given([silent("a")], { wanted: { ...THREE, generation: 2 } }),
		);
		expect(next.history).toEqual([]);
	});

	it("never later than now, as far as it goes on", () => {
		const parts = [part("a", "Updating", TWO, { since: LATER, unreadySince: LATER })];
		const next = advanced(
			state({ rollout: rollout("Progressing", { startedAt: LATER }), parts }),
			given([silent("a")]),
		);
		expect(next.rollout?.startedAt).toBe(NOW);
		expect(next.parts[0]).toMatchObject({ since: NOW, unreadySince: NOW });
		const over = rollout("Complete", { startedAt: LATER });
		const kept = advanced(
			state({ rollout: over, parts: [part("a", "Updated", TWO, { since: LATER })] }),
			given([runs("a", TWO)]),
		);
		expect(kept.rollout?.startedAt).toBe(LATER);
		expect(kept.parts[0]?.since).toBe(LATER);
	});
});

describe("a shard joins", () => {
	it.each([
		["a complete rollout at its version", rollout("Complete"), ONE, runs("z", THREE), "z Updated 2.0.0"],
		["one on its way at the last good version", rollout("Progressing"), ONE, runs("z", THREE), "z Pending 1.0.0"],
		["the first one with what it has", rollout("Progressing"), undefined, runs("z", THREE), "z Pending 3.0.0"],
		["the first one with nothing", rollout("Progressing"), undefined, silent("z"), undefined],
	])("%s", (_, its, lastGood, place, title) => {
		const next = advanced(
			state({ rollout: its, lastGood, parts: [part("a", "Updating", TWO, { since: NOW })] }),
			given([silent("a"), place]),
		);
		expect(titles(next)[1]).toBe(title);
	});

	it("by its image where it tells no version", () => {
		const place: Place = { name: "z", observed: { image: "p:x", desired: 1, updated: 1, ready: 1 } };
		const parts = [part("a", "Updating", TWO, { since: NOW })];
		const next = advanced(state({ lastGood: undefined, parts }), given([silent("a"), place]));
		expect(next.parts[1]).toEqual({ name: "z", version: "unknown", image: "p:x", state: "Pending", since: NOW });
	});
});

describe("a shard", () => {
	it("that leaves is forgotten, and the last one ends the rollout", () => {
		const parts = [part("a", "Updated"), part("b", "Updating")];
		expect(titles(advanced(state({ parts }), given([runs("a", TWO)])))).toEqual(["a Updated 2.0.0"]);
		const none = advanced(state({ parts }), given([]));
		expect(none).toEqual({
			rollout: undefined,
			lastGood: ONE,
			parts: [],
			history: [
				{
					version: "2.0.0",
					startedAt: BEFORE,
					finishedAt: NOW,
					outcome: "Abandoned",
					reason: "No shard follows the plugin any more",
				},
			],
		});
		const over = state({ rollout: rollout("Complete"), parts });
		expect(advanced(over, given([]))).toEqual({ ...over, parts: [] });
		expect(advanced(state({ rollout: undefined }), given([])).history).toEqual([]);
	});

	it.each(["Updated", "Baking"] as const)("said to be %s at another image waits for its turn", (its) => {
		const parts = [part("a", its, ONE), part("b", "Updating", TWO, { since: NOW })];
		expect(titles(advanced(state({ parts }), given([runs("a", ONE), silent("b")])))[0]).toBe("a Pending 1.0.0");
	});
});

describe("whose turn it is", () => {
	const three = [part("a", "Pending", ONE), part("b", "Pending", ONE), part("c", "Pending", ONE)];
	const places = ["a", "b", "c"].map((name) => runs(name, ONE));
	const going = (parts: readonly RolloutPart[], policy: Partial<Given["policy"]> = {}, its = places): string[] =>
		advanced(state({ parts }), given(its, {}, policy))
			.parts.filter(({ image }) => image === TWO.image)
			.map(({ name }) => name);

	it.each([
		["the first by name", three, {}, ["a"]],
		["the one that is named", three, { canary: "c" }, ["c"]],
		["the first by name, where nobody has the name", three, { canary: "x" }, ["a"]],
		["one alone until it is proven", three, { maxUnavailableShards: 3 }, ["a"]],
		["one more, after one is done", [part("a", "Updated"), ...three.slice(1)], {}, ["a", "b"]],
		[
			"as many as may go, after one is done",
			[part("a", "Updated"), ...three.slice(1)],
			{ maxUnavailableShards: 2 },
			["a", "b", "c"],
		],
		[
			"nobody while one is watched",
			[part("a", "Baking", TWO, { since: NOW }), ...three.slice(1)],
			{ maxUnavailableShards: 3 },
			["a"],
		],
		[
			"nobody while one that was done has fallen",
			[part("a", "Updated", TWO, { unreadySince: NOW }), ...three.slice(1)],
			{},
			["a"],
		],
		[
			"those on their way elsewhere first",
			[three[0], part("b", "Updating", release("1.5.0")), three[2]],
			{ canary: "c" },
			["b"],
		],
		["not the one that is back", [part("a", "RolledBack", ONE), ...three.slice(1)], {}, []],
	])("%s", (_, parts, policy, names) => {
		const at = (parts as RolloutPart[]).map(({ name, version, state: its }) =>
			its === "Updated" && version === "2.0.0" && name === "a"
				? runs(name, TWO, (parts as RolloutPart[])[0]?.unreadySince === undefined ? 1 : 0)
				: its === "Baking"
					? runs(name, TWO)
					: runs(name, ONE),
		);
		expect(going(parts as RolloutPart[], policy as Partial<Given["policy"]>, at)).toEqual(names);
	});
});
