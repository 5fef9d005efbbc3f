import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadAll } from "js-yaml";
import { describe, expect, it } from "vitest";
import {
	type Course,
	hasFailed,
	isSettled,
	judged,
	type Observation,
	past,
	plight,
} from "../../../hooks/prismplugin/rollout-part.ts";
import { recordsAt } from "../../../kube/object.ts";
import { plightText } from "../../../schemas/messages/prismplugin.ts";
import type { PluginRollout, RolloutPart } from "../../../schemas/pluginrollout.ts";

// One shard's part in a rollout from 1.0.0 to 2.0.0: what it becomes by what is observed and by the time.

const NOW = "2026-01-01T01:00:00Z";
const ago = (seconds: number): string => new Date(Date.parse(NOW) - seconds * 1000).toISOString().replace(".000", "");
const image = (version: string) => `p:${version}`;

const ROLLOUT: PluginRollout = {
	generation: 1,
	version: "2.0.0",
	image: image("2.0.0"),
	phase: "Progressing",
	startedAt: ago(1000),
};
const COURSE: Course = {
	rollout: ROLLOUT,
	lastGood: { version: "1.0.0", image: image("1.0.0") },
	policy: { maxUnavailableShards: 1, bakeSeconds: 60, deadlineSeconds: 600, graceSeconds: 30 },
	hasRoom: () => true,
	now: NOW,
};

const pods = (version: string, ready = 2, updated = 2, more: Partial<Observation> = {}): Observation => ({
	version,
	image: image(version),
	desired: 2,
	updated,
	ready,
	...more,
});
const good = pods("2.0.0");
const bad = pods("2.0.0", 1);
const kept = pods("2.0.0", 1, 1, { hold: { workload: "prism-a", by: "pods", pods: ["prism-a-1"] } });

const part = (state: RolloutPart["state"], seconds = 0, more: Partial<RolloutPart> = {}): RolloutPart => ({
	name: "a",
	version: "2.0.0",
	image: image("2.0.0"),
	state,
	since: ago(seconds),
	...more,
});
const old = (state: RolloutPart["state"], seconds = 0, more: Partial<RolloutPart> = {}): RolloutPart =>
	part(state, seconds, { version: "1.0.0", image: image("1.0.0"), ...more });

/** "Updated for 5 s, unready for 3 s, at 2.0.0: why". */
const title = ({ state, since, unreadySince, heldSince, version, message }: RolloutPart): string => {
	const seconds = (time: string) => `${(Date.parse(NOW) - Date.parse(time)) / 1000} s`;
	const unready = unreadySince === undefined ? "" : `, unready for ${seconds(unreadySince)}`;
	const held = heldSince === undefined ? "" : `, held for ${seconds(heldSince)}`;
	return `${state} for ${seconds(since)}${unready}${held}, at ${version}${message === undefined ? "" : `: ${message}`}`;
};

const READY = "1 of 2 pods are ready";
const stalled = { ...ROLLOUT, phase: "Stalled" } as const;
const complete = { ...ROLLOUT, phase: "Complete" } as const;

const CASES: readonly [string, RolloutPart, Observation | undefined, Partial<Course>, string][] = [
	["waits", old("Pending", 9000), pods("1.0.0", 0), {}, "Pending for 9000 s, at 1.0.0"],
	["stays back", old("RolledBack", 9000), pods("1.0.0", 0), {}, "RolledBack for 9000 s, at 1.0.0"],

	["is on its way", part("Updating", 599), bad, {}, "Updating for 599 s, at 2.0.0"],
	["is on its way, and tells nothing", part("Updating", 599), undefined, {}, "Updating for 599 s, at 2.0.0"],
	["is there", part("Updating", 599), good, {}, "Baking for 0 s, at 2.0.0"],
	[
		"is there, and need not be watched",
		part("Updating", 599),
		good,
		{ policy: { ...COURSE.policy, bakeSeconds: 0 } },
		"Updated for 0 s, at 2.0.0",
	],
	["is late, and held", part("Updating", 600), kept, {}, "Updating for 600 s, held for 0 s, at 2.0.0"],
	[
		"stays held",
		part("Updating", 9000, { heldSince: ago(8000) }),
		kept,
		{},
		"Updating for 9000 s, held for 8000 s, at 2.0.0",
	],
	[
		"is held no longer, and begins again",
		part("Updating", 9000, { heldSince: ago(8000) }),
		bad,
		{},
		"Updating for 0 s, at 2.0.0",
	],
	["was held, and is there", part("Updating", 9000, { heldSince: ago(8000) }), good, {}, "Baking for 0 s, at 2.0.0"],
	["is held on its way back", old("RollingBack", 9), kept, {}, "RollingBack for 9 s, held for 0 s, at 1.0.0"],
	[
		"is late",
		part("Updating", 600),
		bad,
		{},
		`RollingBack for 0 s, at 1.0.0: Did not become ready at 2.0.0 within 600 s: ${READY}`,
	],
	[
		"is late, and there is nothing to go back to",
		part("Updating", 600),
		bad,
		{ lastGood: undefined },
		`Failed for 0 s, at 2.0.0: Did not become ready at 2.0.0 within 600 s: ${READY}`,
	],
	[
		"is late, at what was good before",
		part("Updating", 600),
		bad,
		{ lastGood: ROLLOUT },
		`Failed for 0 s, at 2.0.0: Did not become ready at 2.0.0 within 600 s: ${READY}`,
	],

	[
		"was told another version, and is not there yet",
		old("Updating", 9000),
		pods("0.9.0"),
		{},
		"Updating for 9000 s, at 1.0.0",
	],
	["was told another version, and is there", old("Updating", 9000), pods("1.0.0"), {}, "Pending for 0 s, at 1.0.0"],
	[
		"was told another version when it stopped",
		old("Updating", 9),
		pods("0.9.0"),
		{ rollout: stalled, lastGood: undefined },
		"Failed for 0 s, at 1.0.0: Had not reached 1.0.0 yet: it still runs 0.9.0",
	],

	["is watched", part("Baking", 59), good, {}, "Baking for 59 s, at 2.0.0"],
	["was watched for long enough", part("Baking", 60), good, {}, "Updated for 0 s, at 2.0.0"],
	["falls while it is watched", part("Baking", 59), bad, {}, "Baking for 59 s, unready for 0 s, at 2.0.0"],
	[
		"has fallen while it is watched",
		part("Baking", 99, { unreadySince: ago(29) }),
		bad,
		{},
		"Baking for 99 s, unready for 29 s, at 2.0.0",
	],
	[
		"has fallen for too long",
		part("Baking", 99, { unreadySince: ago(30) }),
		bad,
		{},
		`RollingBack for 0 s, at 1.0.0: Did not stay ready at 2.0.0: ${READY}`,
	],
	["is well again", part("Baking", 59, { unreadySince: ago(29) }), good, {}, "Baking for 59 s, at 2.0.0"],
	[
		"is well again, and was watched",
		part("Baking", 60, { unreadySince: ago(29) }),
		good,
		{},
		"Updated for 0 s, at 2.0.0",
	],

	["is done", part("Updated", 900), good, {}, "Updated for 900 s, at 2.0.0"],
	["is done, and well again", part("Updated", 900, { unreadySince: ago(5) }), good, {}, "Updated for 900 s, at 2.0.0"],
	["was done, and falls", part("Updated", 900), bad, {}, "Updated for 900 s, unready for 0 s, at 2.0.0"],
	["was done, and tells nothing", part("Updated", 900), undefined, {}, "Updated for 900 s, unready for 0 s, at 2.0.0"],
	[
		"was done, and has fallen",
		part("Updated", 900, { unreadySince: ago(599) }),
		bad,
		{},
		"Updated for 900 s, unready for 599 s, at 2.0.0",
	],
	[
		"was done, and has fallen for too long",
		part("Updated", 900, { unreadySince: ago(600) }),
		bad,
		{},
		`RollingBack for 0 s, at 1.0.0: Did not stay ready at 2.0.0: ${READY}`,
	],
	[
		"was done, has fallen, and there is no room to go back",
		part("Updated", 900, { unreadySince: ago(9000) }),
		bad,
		{ hasRoom: () => false },
		"Updated for 900 s, unready for 9000 s, at 2.0.0",
	],
	["was done before it began, and falls", part("Updated", 1001), bad, {}, "Updated for 1001 s, at 2.0.0"],
	[
		"was done when it began, and falls",
		part("Updated", 1000),
		bad,
		{},
		"Updated for 1000 s, unready for 0 s, at 2.0.0",
	],
	[
		"was done before it began, had fallen, and nobody watches",
		part("Updated", 1001, { unreadySince: ago(5) }),
		bad,
		{},
		"Updated for 1001 s, at 2.0.0",
	],
	["was done, and it is over", part("Updated", 900), bad, { rollout: complete }, "Updated for 900 s, at 2.0.0"],

	["has failed", part("Failed", 9, { message: "why" }), bad, {}, "Failed for 9 s, at 2.0.0: why"],
	["had failed, and was helped", part("Failed", 9, { message: "why" }), good, {}, "Baking for 0 s, at 2.0.0"],
	["had failed at another version, and was helped", old("Failed", 9), pods("1.0.0"), {}, "Pending for 0 s, at 1.0.0"],

	["goes back", old("RollingBack", 9000, { message: "why" }), good, {}, "RollingBack for 9000 s, at 1.0.0: why"],
	["is back", old("RollingBack", 9000, { message: "why" }), pods("1.0.0"), {}, "RolledBack for 0 s, at 1.0.0: why"],
	["is back, and nobody said why", old("RollingBack", 9000), pods("1.0.0"), {}, "RolledBack for 0 s, at 1.0.0"],
];

describe("a shard that", () => {
	it.each(CASES)("%s", (_, from, observed, change, to) => {
		expect(title(judged(from, observed, { ...COURSE, ...change }))).toBe(to);
	});

	it("has nothing to do stays the very same", () => {
		const from = part("Updated", 900);
		expect(judged(from, good, COURSE)).toBe(from);
	});

	it("fails says no more than status may hold", () => {
		const observed = { ...bad, unready: "x".repeat(900) };
		expect(judged(part("Updating", 600), observed, COURSE).message).toHaveLength(640);
	});
});

describe("what was observed", () => {
	it.each([
		[undefined, false],
		[good, true],
		[pods("1.0.0"), false],
		[pods("2.0.0", 1), false],
		[pods("2.0.0", 2, 1), false],
		[pods("2.0.0", 3, 3), true],
		[{ ...good, desired: 0, ready: 0, updated: 0 }, true],
	])("is settled or not: %j", (observed, isThere) => {
		expect(isSettled(observed, image("2.0.0"))).toBe(isThere);
	});

	it.each([
		[undefined, "its version is not reported"],
		[bad, READY],
		[{ ...bad, unready: "a-0: Ready is False" }, `${READY}: a-0: Ready is False`],
		[pods("1.0.0"), "it still runs 1.0.0"],
		[{ ...pods("1.0.0"), unready: "a-0" }, "it still runs 1.0.0: a-0"],
		[{ image: "p:x", desired: 1, updated: 0, ready: 0 }, "it still runs p:x"],
		[{ desired: 1, updated: 0, ready: 0 }, "it does not run the plugin yet"],
	])("is in words: %j", (observed, words) => {
		expect(plightText(plight(observed, image("2.0.0")))).toBe(words);
	});

	it.each([
		[ago(1), ago(1)],
		[NOW, NOW],
		["2026-01-01T01:00:01Z", NOW],
	])("is never ahead of the clock: %s", (time, then) => {
		expect(past(time, NOW)).toBe(then);
	});
});

describe("a part of a rollout that 0.1.0 wrote", () => {
	const documents = loadAll(
		readFileSync(join(import.meta.dirname, "../../skew/statuses-0.1.0/prismplugin.yaml"), "utf8"),
	);
	const parts = documents.flatMap((document) => recordsAt(document, "status", "shardStates"));

	it("failed where it says why, for it has no cause", () => {
		const failed = parts.filter(({ state }) => state === "Failed" || state === "RollingBack");
		expect(failed.length).toBeGreaterThan(2);
		for (const { cause, message } of failed) {
			expect(cause).toBeUndefined();
			expect(hasFailed({ message: String(message) })).toBe(true);
		}
	});

	it("is told apart by its cause from now on, whatever its words are", () => {
		expect(hasFailed({ cause: "ReadinessLost" })).toBe(true);
		expect(hasFailed({})).toBe(false);
	});
});
