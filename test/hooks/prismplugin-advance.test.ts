import { describe, expect, it } from "vitest";
import type { Observation, Release } from "../../hooks/prismplugin/part.ts";
import {
	advanced,
	type Given,
	nextLook,
	type Place,
	type RolloutState,
	titleOf,
} from "../../hooks/prismplugin/rollout.ts";
import { stateOf } from "../../hooks/prismplugin/status.ts";
import type { PastRollout, PluginRollout, RolloutPart } from "../../schemas/pluginrollout.ts";
import { object } from "./situations.ts";

// One step of a rollout from 1.0.0 to 2.0.0 among shards, from its state in status: what begins, joins, goes, and ends.

const NOW = "2026-01-01T01:00:00Z";
const BEFORE = "2026-01-01T00:00:00Z";
const LATER = "2026-01-01T02:00:00Z";

const release = (version: string): Release => ({ version, image: `p:${version}` });
const [ONE, TWO, THREE] = [release("1.0.0"), release("2.0.0"), release("3.0.0")];

const rollout = (phase: PluginRollout["phase"], more: Partial<PluginRollout> = {}): PluginRollout => ({
	generation: 1,
	...TWO,
	phase,
	startedAt: BEFORE,
	...((phase === "Complete" || phase === "RolledBack") && { finishedAt: BEFORE }),
	...more,
});

const part = (name: string, state: RolloutPart["state"], its = TWO, more: Partial<RolloutPart> = {}): RolloutPart => ({
	name,
	...its,
	state,
	since: BEFORE,
	...more,
});

const runs = (name: string, its: Release, ready = 1): Place => ({
	name,
	observed: { ...its, desired: 1, updated: 1, ready } satisfies Observation,
});
const silent = (name: string): Place => ({ name, observed: undefined });

const state = (its: Partial<RolloutState>): RolloutState => ({
	rollout: rollout("Progressing"),
	lastGood: ONE,
	parts: [],
	history: [],
	...its,
});

const given = (
	places: readonly Place[],
	change: Partial<Given> = {},
	policy: Partial<Given["policy"]> = {},
): Given => ({
	wanted: { ...TWO, generation: 1 },
	places,
	policy: { maxUnavailableShards: 1, bakeSeconds: 60, deadlineSeconds: 600, graceSeconds: 30, ...policy },
	now: NOW,
	...change,
});

const titles = ({ parts }: RolloutState): string[] =>
	parts.map(({ name, state: its, version }) => `${name} ${its} ${version}`);

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
		[rollout("Progressing"), "Superseded", "3.0.0 was asked for before it was complete"],
		[
			rollout("Stalled", { failure: "shard a broke" }),
			"Failed",
			"shard a broke; 3.0.0 was asked for before it was complete",
		],
		[rollout("RollingBack", { failure: "x" }), "Superseded", "x; 3.0.0 was asked for before it was complete"],
	])("and the one before is remembered", (before, outcome, reason) => {
		const history = Array.from(
			{ length: 10 },
			(): PastRollout => ({
				version: "0.1.0",
				startedAt: BEFORE,
				finishedAt: BEFORE,
				outcome: "Complete",
				reason: "everywhere ready: 1",
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
					reason: "no shard was left that follows the plugin",
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

describe("a rollout ends", () => {
	it("complete, when everybody has it and is well", () => {
		const parts = [part("a", "Updated"), part("b", "Updated")];
		const next = advanced(state({ parts }), given([runs("a", TWO), runs("b", TWO)]));
		expect(next).toEqual({
			rollout: { ...rollout("Progressing"), phase: "Complete", finishedAt: NOW },
			lastGood: TWO,
			parts,
			history: [
				{ version: "2.0.0", startedAt: BEFORE, finishedAt: NOW, outcome: "Complete", reason: "everywhere ready: 2" },
			],
		});
		expect(advanced(next, given([runs("a", TWO), runs("b", TWO)], { now: LATER }))).toEqual(next);
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
		expect(next.rollout).toEqual(rollout("Stalled", { failure: "shard a broke" }));
		expect(titles(next)).toEqual(["a Failed 2.0.0", "b Pending 1.0.0"]);
		expect(next.history).toEqual([]);
	});

	it("back, when the one that failed is back", () => {
		const parts = [part("a", "RollingBack", ONE, { message: "broke" }), part("b", "Pending", ONE)];
		const going = advanced(state({ parts }), given([runs("a", TWO, 0), runs("b", ONE)]));
		expect(going.rollout).toEqual(rollout("RollingBack", { failure: "shard a broke" }));
		const back = advanced(going, given([runs("a", ONE), runs("b", ONE)]));
		expect(back.rollout).toEqual({ ...rollout("RolledBack", { failure: "shard a broke" }), finishedAt: NOW });
		expect(back.history).toEqual([
			{ version: "2.0.0", startedAt: BEFORE, finishedAt: NOW, outcome: "RolledBack", reason: "shard a broke" },
		]);
		const later = advanced(back, given([runs("a", ONE), runs("b", ONE)], { now: LATER }));
		expect(later).toEqual(back);
		const left = advanced(later, given([runs("b", ONE)], { now: LATER }));
		expect(left.rollout).toEqual(back.rollout);
	});

	it("back, also when nobody said why", () => {
		const next = advanced(state({ parts: [part("a", "RolledBack", ONE)] }), given([runs("a", ONE)]));
		expect(next.rollout).toEqual({ ...rollout("RolledBack"), finishedAt: NOW });
		expect(next.history[0]?.reason).toBe("a shard went back");
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
		expect(titleOf("a")).toBe("shard a");
		expect(titleOf("Deployment a-plugin")).toBe("Deployment a-plugin");
	});
});
