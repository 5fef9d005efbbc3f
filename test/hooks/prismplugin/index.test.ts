import { describe, expect, it } from "vitest";
import { prismPlugin } from "../../../hooks/prismplugin/index.ts";
import { valueAt } from "../../../kube/object.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import type { DecoratorRequest } from "../../../schemas/metacontroller.ts";
import {
	conditionIn,
	type Event,
	happen,
	NAMES,
	type Name,
	PluginWorld,
	partsOf,
	rolloutOf,
	sync,
} from "../prismplugin-world.ts";

// The courses that a rollout usually takes, step by step; test/scenarios/a-plugin-is-rolled-out.test.ts has the unusual ones.

const ROUND: Event = { do: "round", seconds: 10 };
const version = (wanted: string): Event => ({ do: "version", version: wanted });

/** Each shard's state as "ann Updating 2.0.0", after so many rounds and the given events. */
const statesAfter = (world: PluginWorld, rounds: number, ...events: Event[]): string[] => {
	for (const event of [...events, ...Array.from({ length: rounds }, () => ROUND)]) {
		happen(world, event);
		sync(world);
	}
	return partsOf(world.object["status"]).map(({ name, state, version: told }) => `${name} ${state} ${told}`);
};

const readyOf = ({ object }: PluginWorld) => conditionIn(object["status"], "Ready");

/** Ann, bob and cid at 1.0.0. */
const three = (bad: Record<string, readonly Name[]> = {}): PluginWorld => {
	const world = new PluginWorld(["ann", "bob", "cid"], bad);
	sync(world);
	statesAfter(world, 12);
	expect(world.object["status"]).toMatchObject({ lastGoodVersion: "1.0.0", installed: true });
	return world;
};

describe("a good version", () => {
	it("goes from shard to shard, each watched before the next one goes", () => {
		const world = three();
		expect(statesAfter(world, 0, version("2.0.0"))).toEqual([
			"ann Updating 2.0.0",
			"bob Pending 1.0.0",
			"cid Pending 1.0.0",
		]);
		expect(statesAfter(world, 1)).toEqual(["ann Baking 2.0.0", "bob Pending 1.0.0", "cid Pending 1.0.0"]);
		expect(statesAfter(world, 2)).toEqual(["ann Updated 2.0.0", "bob Updating 2.0.0", "cid Pending 1.0.0"]);
		expect(readyOf(world)).toMatchObject({ status: "False", reason: "Progressing" });
		expect(statesAfter(world, 3)).toEqual(["ann Updated 2.0.0", "bob Updated 2.0.0", "cid Updating 2.0.0"]);
		statesAfter(world, 3);
		expect(readyOf(world)).toMatchObject({ status: "True", reason: "PluginReady" });
		expect(world.object["status"]).toMatchObject({
			version: "2.0.0",
			lastGoodVersion: "2.0.0",
			shards: ["ann", "bob", "cid"],
			updatedShards: "3/3",
			namespacesUsing: 9,
			rollout: { phase: "Complete" },
			history: [
				{ version: "2.0.0", outcome: "Complete", reason: "Ready everywhere: 3" },
				{ version: "1.0.0", outcome: "Complete" },
			],
		});
	});

	it("begins with the shard that spec names, and then goes to as many at once as are allowed", () => {
		const world = three();
		const policy: Event = { do: "policy", limit: 2, canary: "cid" };
		expect(statesAfter(world, 1, policy, version("2.0.0"))).toEqual([
			"ann Pending 1.0.0",
			"bob Pending 1.0.0",
			"cid Baking 2.0.0",
		]);
		expect(statesAfter(world, 2)).toEqual(["ann Updating 2.0.0", "bob Updating 2.0.0", "cid Updated 2.0.0"]);
	});

	it("comes to a shard that joins in the middle after it had the last good one, and never to a pinned one", () => {
		const world = three();
		statesAfter(world, 1, version("2.0.0"), { do: "pin", shard: "bob" });
		expect(statesAfter(world, 0, { do: "join", shard: "dan", pods: 2 })).toEqual([
			"ann Baking 2.0.0",
			"cid Pending 1.0.0",
			"dan Pending 1.0.0",
		]);
		expect(statesAfter(world, 10)).toEqual(["ann Updated 2.0.0", "cid Updated 2.0.0", "dan Updated 2.0.0"]);
		expect(world.object["status"]).toMatchObject({ shards: ["ann", "cid", "dan"], pinnedShards: ["bob"] });
		expect(readyOf(world)).toMatchObject({ status: "True", reason: "PluginReady" });
	});
});

describe("a bad version", () => {
	it("goes back where it failed, goes no further, and stays where it did well", () => {
		const world = three({ "2.0.0": ["bob"] });
		statesAfter(world, 7, version("2.0.0"));
		expect(statesAfter(world, 1)).toEqual(["ann Updated 2.0.0", "bob RollingBack 1.0.0", "cid Pending 1.0.0"]);
		expect(readyOf(world)).toMatchObject({ reason: "RollingBack" });
		expect(statesAfter(world, 2)).toEqual(["ann Updated 2.0.0", "bob RolledBack 1.0.0", "cid Pending 1.0.0"]);
		expect(conditionIn(world.object["status"], "Stalled")).toMatchObject({ reason: "RolledBack" });
		expect(valueAt(world.object, "status", "history")).toMatchObject([
			{
				version: "2.0.0",
				outcome: "RolledBack",
				reason: expect.stringMatching(/^PrismShard bob did not become ready/) as string,
			},
			{ version: "1.0.0" },
		]);
		expect(statesAfter(world, 30)).toEqual(["ann Updated 2.0.0", "bob RolledBack 1.0.0", "cid Pending 1.0.0"]);
	});

	it("is followed afresh by the next one, or by the last good one", () => {
		const world = three({ "2.0.0": ["bob"] });
		statesAfter(world, 12, version("2.0.0"));
		expect(statesAfter(world, 1, version("1.0.0"))).toEqual([
			"ann Baking 1.0.0",
			"bob Updated 1.0.0",
			"cid Updated 1.0.0",
		]);
		statesAfter(world, 3);
		expect(readyOf(world)).toMatchObject({ status: "True", reason: "PluginReady" });
	});

	it("is found out late, after its watch, as long as it goes on to others", () => {
		const world = three();
		statesAfter(world, 4, version("2.0.0"));
		happen(world, { do: "break", shard: "ann" });
		expect(statesAfter(world, 3)).toEqual(["ann Updated 2.0.0", "bob Updated 2.0.0", "cid Pending 1.0.0"]);
		expect(statesAfter(world, 3)).toEqual(["ann RollingBack 1.0.0", "bob Updated 2.0.0", "cid Pending 1.0.0"]);
	});

	it("waits for the shard that is on the way before it goes back elsewhere", () => {
		const world = three();
		statesAfter(world, 3, version("2.0.0"));
		const slow: Event[] = [
			{ do: "break", shard: "ann" },
			{ do: "tick", seconds: 34 },
			{ do: "round", seconds: 11 },
		];
		expect(statesAfter(world, 0, ...slow)).toEqual(["ann Updated 2.0.0", "bob Baking 2.0.0", "cid Pending 1.0.0"]);
		expect(statesAfter(world, 3)).toEqual(["ann RollingBack 1.0.0", "bob Updated 2.0.0", "cid Pending 1.0.0"]);
	});

	it("is forgiven what passes", () => {
		const world = three();
		statesAfter(world, 4, version("2.0.0"));
		expect(statesAfter(world, 3, { do: "break", shard: "ann" })[2]).toBe("cid Pending 1.0.0");
		expect(statesAfter(world, 5, { do: "mend", shard: "ann" })).toEqual([
			"ann Updated 2.0.0",
			"bob Updated 2.0.0",
			"cid Updated 2.0.0",
		]);
	});

	it("is not called good by what a shard told before its own spec changed", () => {
		const world = three();
		statesAfter(world, 0, version("2.0.0"), { do: "obey", shard: "ann" });
		const progress: Event = { do: "progress", shard: "ann" };
		const states = statesAfter(world, 0, { do: "age", shard: "ann" }, progress, progress);
		expect(states[0]).toBe("ann Updating 2.0.0");
		expect(readyOf(world)?.["message"]).toContain("PrismShard ann: its version is not reported");
		expect(statesAfter(world, 0, { do: "mend", shard: "ann" })[0]).toBe("ann Baking 2.0.0");
	});

	it("stays where it failed when none was good before, and goes on once it is mended", () => {
		const world = new PluginWorld(["ann", "bob"], { "1.0.0": ["ann"] });
		sync(world);
		expect(statesAfter(world, 6)).toEqual(["ann Failed 1.0.0"]);
		expect(conditionIn(world.object["status"], "Stalled")).toMatchObject({ reason: "RolloutStalled" });
		world.bad = {};
		expect(statesAfter(world, 1)).toEqual(["ann Baking 1.0.0"]);
		expect(conditionIn(world.object["status"], "Stalled")).toBeUndefined();
		expect(statesAfter(world, 6)).toEqual(["ann Updated 1.0.0", "bob Updated 1.0.0"]);
	});

	it("gives way to another one at once, on the shards that are on their way", () => {
		const world = three({ "2.0.0": ["ann"] });
		statesAfter(world, 2, version("2.0.0"));
		expect(statesAfter(world, 0, version("3.0.0"))).toEqual([
			"ann Updating 3.0.0",
			"bob Pending 1.0.0",
			"cid Pending 1.0.0",
		]);
		statesAfter(world, 12);
		expect(rolloutOf(world.object["status"])).toMatchObject({ version: "3.0.0", phase: "Complete" });
		expect(valueAt(world.object, "status", "history")).toMatchObject([
			{},
			{ version: "2.0.0", outcome: "Superseded" },
			{},
		]);
	});

	it("takes back those that are updating to yet another version when it fails", () => {
		const world = three({ "2.0.0": ["bob", "cid"], "3.0.0": ["bob"] });
		statesAfter(world, 4, { do: "policy", limit: 2 }, version("2.0.0"));
		expect(statesAfter(world, 0, version("3.0.0"))).toEqual([
			"ann Pending 2.0.0",
			"bob Updating 3.0.0",
			"cid Updating 2.0.0",
		]);
		expect(statesAfter(world, 5)).toEqual(["ann Pending 2.0.0", "bob RollingBack 1.0.0", "cid Updating 2.0.0"]);
		expect(statesAfter(world, 1)).toEqual(["ann Pending 2.0.0", "bob RolledBack 1.0.0", "cid RollingBack 1.0.0"]);
		expect(statesAfter(world, 1)).toEqual(["ann Pending 2.0.0", "bob RolledBack 1.0.0", "cid RolledBack 1.0.0"]);
	});

	it("is not told to a second shard when the clock is set back", () => {
		const world = three({ "2.0.0": ["ann"] });
		statesAfter(world, 3, version("2.0.0"), { do: "jump", seconds: -50_000 });
		expect(statesAfter(world, 0)).toEqual(["ann Updating 2.0.0", "bob Pending 1.0.0", "cid Pending 1.0.0"]);
		expect(statesAfter(world, 5)).toEqual(["ann RolledBack 1.0.0", "bob Pending 1.0.0", "cid Pending 1.0.0"]);
	});
});

// ── The object ──────────────────────────────────────────────────────────────────────────────────────────────────────

const withMetadata = (request: DecoratorRequest, metadata: Partial<KubeObject["metadata"]>): DecoratorRequest => ({
	...request,
	object: { ...request.object, metadata: { ...request.object.metadata, ...metadata } },
});

describe("a paused plugin", () => {
	it("leaves all states as they are, and says so", () => {
		const world = three();
		statesAfter(world, 1, version("2.0.0"));
		for (let rounds = 0; rounds < 10; rounds += 1) happen(world, ROUND);
		const request = withMetadata(world.request(), { annotations: { "prism.io/paused": "true" } });
		const { status } = prismPlugin.sync(request, world.context);
		expect(partsOf(status)).toEqual(partsOf(world.object["status"]));
		expect(conditionIn(status, "Ready")).toMatchObject({ status: "False", reason: "PausedByAnnotation" });
		expect(conditionIn(status, "Paused")).toMatchObject({ status: "True" });
	});
});

describe("a plugin that is deleted", () => {
	const finalized = (world: PluginWorld, metadata: Partial<KubeObject["metadata"]>) =>
		prismPlugin.finalize?.(withMetadata(world.request(), metadata), world.context);
	const deleted = { deletionTimestamp: "2026-01-01T00:00:00Z" };

	it("stays while shards use it, pinned or not, and names them", () => {
		const world = three();
		for (const shard of ["ann", "bob"] as const) happen(world, { do: "leave", shard });
		happen(world, { do: "pin", shard: "cid" });
		const answer = finalized(world, deleted);
		expect(answer?.finalized).toBe(false);
		expect(conditionIn(answer?.status, "Ready")).toMatchObject({ reason: "PluginInUse" });
		expect(conditionIn(answer?.status, "Ready")?.["message"]).toMatch(/\bcid\b/);
	});

	it("goes when nobody uses it, when it is forced to, paused or not", () => {
		const world = three();
		expect(finalized(world, { ...deleted, annotations: { "prism.io/paused": "true" } })?.finalized).toBe(false);
		expect(finalized(world, { ...deleted, annotations: { "prism.io/force-delete": "true" } })?.finalized).toBe(true);
		for (const shard of NAMES) happen(world, { do: "leave", shard });
		expect(finalized(world, { ...deleted, annotations: { "prism.io/paused": "true" } })?.finalized).toBe(true);
	});

	it("is let go without a change when it is not deleted at all", () => {
		const answer = finalized(three(), {});
		expect(answer).toMatchObject({ finalized: true, attachments: [] });
		expect(answer).not.toHaveProperty("status");
	});
});
