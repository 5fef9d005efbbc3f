import { describe, expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { isComposite } from "../../kube/hook.ts";
import { HANDOFF_SECONDS, revisionOf } from "../../kube/revision-handoff.ts";
import {
	CONTEXT,
	happen,
	newWorld,
	nowOf,
	partsOf,
	requestOf,
	rolloutOf,
	type World,
} from "../hooks/prismplugin-world.ts";

// A rollout's state is in the plugin's status alone. Two operators whose images are elsewhere must not begin it anew at every
// sync, nor lose how far it is.

const row = REGISTRY.find(({ parent }) => parent.kind === "PrismPlugin");
if (row === undefined || isComposite(row)) throw new Error("PrismPlugin has no decorator");

const OPERATORS = ["ghcr.io/prism", "mirror.example.com/prism"].map((imageRegistry) => {
	const installation = { ...CONTEXT.installation, imageRegistry };
	return { installation, revision: revisionOf("1.0.0", installation) };
});

const syncBy = (world: World, index: number): Record<string, unknown> => {
	const operator = OPERATORS[index];
	if (operator === undefined) throw new Error(`there is no operator ${index}`);
	const answer = row.sync(requestOf(world), { now: nowOf(world), ...operator });
	const status = JSON.parse(JSON.stringify(answer.status)) as Record<string, unknown>;
	// Metacontroller writes it; a generation that was answered is observed.
	world.plugin = { ...world.plugin, status };
	return status;
};

const images = (status: unknown) => new Set(partsOf(status).map(({ image }) => image.split("/plugins/")[0]));

describe("a rollout that two operators look at in turn", () => {
	it("goes on under the one that began it, and is complete within its time", () => {
		const world = newWorld(["ann", "bob"], {});
		syncBy(world, 0);
		const began = rolloutOf(world.plugin["status"])?.startedAt;
		for (let round = 0; round < 11; round += 1) {
			happen(world, { do: "round", seconds: 5 });
			syncBy(world, 1);
			happen(world, { do: "round", seconds: 5 });
			syncBy(world, 0);
		}
		const { status } = world.plugin;
		expect(rolloutOf(status)).toMatchObject({ startedAt: began, phase: "Complete" });
		expect([...images(status)]).toEqual(["ghcr.io/prism"]);
		expect(status).toMatchObject({ history: [{ outcome: "Complete" }] });
	});

	it("waits for nobody whose status is as it was: what was told stays told", () => {
		const world = newWorld(["ann", "bob"], {});
		const told = syncBy(world, 0);
		happen(world, { do: "round", seconds: 30 });
		expect(syncBy(world, 1)).toEqual(told);
	});

	it("is taken over once, after two minutes, and left alone then", () => {
		const world = newWorld(["ann", "bob"], {});
		for (let round = 0; round < 20; round += 1) {
			syncBy(world, 0);
			happen(world, { do: "round", seconds: 10 });
		}
		expect(rolloutOf(world.plugin["status"])?.phase).toBe("Complete");
		happen(world, { do: "jump", seconds: HANDOFF_SECONDS });
		const taken = syncBy(world, 1);
		expect(taken).toMatchObject({ operator: { revision: OPERATORS[1]?.revision, since: nowOf(world) } });
		expect(rolloutOf(taken)?.image).toContain("mirror.example.com");
		happen(world, { do: "round", seconds: 10 });
		expect(syncBy(world, 0)).toEqual(taken);
	});

	it("begins anew with an edit, whoever hears of it", () => {
		const world = newWorld(["ann", "bob"], {});
		syncBy(world, 0);
		happen(world, { do: "tick", seconds: 5 });
		happen(world, { do: "version", version: "2.0.0" });
		const status = syncBy(world, 1);
		expect(rolloutOf(status)).toMatchObject({ version: "2.0.0" });
		expect(status).toMatchObject({ operator: { revision: OPERATORS[1]?.revision } });
	});
});
