import { describe, expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { isComposite } from "../../kube/hook.ts";
import { HANDOFF_SECONDS, revisionOf } from "../../kube/revision-handoff.ts";
import { happen, PluginWorld, partsOf, rolloutOf } from "../hooks/prismplugin-world.ts";
import { INSTALLATION } from "../installation.ts";

// A rollout's state is in the plugin's status alone. Two operators whose images are elsewhere must not begin it anew at every
// sync, nor lose how far it is.

const row = REGISTRY.find(({ parent }) => parent.kind === "PrismPlugin");
if (row === undefined || isComposite(row)) throw new Error("PrismPlugin has no decorator");

const OPERATORS = ["ghcr.io/prism", "mirror.example.com/prism"].map((imageRegistry) => {
	const installation = { ...INSTALLATION, imageRegistry };
	return { installation, revision: revisionOf("1.0.0", installation) };
});

const syncBy = (world: PluginWorld, index: number): Record<string, unknown> => {
	const operator = OPERATORS[index];
	if (operator === undefined) throw new Error(`there is no operator ${index}`);
	world.operator = operator;
	world.sync();
	return world.status;
};

const images = (status: unknown) => new Set(partsOf(status).map(({ image }) => image.split("/plugins/")[0]));

describe("a rollout that two operators look at in turn", () => {
	it("goes on under the one that began it, and is complete within its time", () => {
		const world = new PluginWorld(["ann", "bob"], {}, row);
		syncBy(world, 0);
		const began = rolloutOf(world.object["status"])?.startedAt;
		for (let round = 0; round < 11; round += 1) {
			happen(world, { do: "round", seconds: 5 });
			syncBy(world, 1);
			happen(world, { do: "round", seconds: 5 });
			syncBy(world, 0);
		}
		const { status } = world.object;
		expect(rolloutOf(status)).toMatchObject({ startedAt: began, phase: "Complete" });
		expect([...images(status)]).toEqual(["ghcr.io/prism"]);
		expect(status).toMatchObject({ history: [{ outcome: "Complete" }] });
	});

	it("waits for nobody whose status is as it was: what was told stays told", () => {
		const world = new PluginWorld(["ann", "bob"], {}, row);
		const told = syncBy(world, 0);
		happen(world, { do: "round", seconds: 30 });
		expect(syncBy(world, 1)).toEqual(told);
	});

	it("is taken over once, after two minutes, and left alone then", () => {
		const world = new PluginWorld(["ann", "bob"], {}, row);
		for (let round = 0; round < 20; round += 1) {
			syncBy(world, 0);
			happen(world, { do: "round", seconds: 10 });
		}
		expect(rolloutOf(world.object["status"])?.phase).toBe("Complete");
		happen(world, { do: "jump", seconds: HANDOFF_SECONDS });
		const taken = syncBy(world, 1);
		expect(taken).toMatchObject({ operator: { revision: OPERATORS[1]?.revision, since: world.now } });
		expect(rolloutOf(taken)?.image).toContain("mirror.example.com");
		happen(world, { do: "round", seconds: 10 });
		expect(syncBy(world, 0)).toEqual(taken);
	});

	it("begins anew with an edit, whoever hears of it", () => {
		const world = new PluginWorld(["ann", "bob"], {}, row);
		syncBy(world, 0);
		happen(world, { do: "tick", seconds: 5 });
		happen(world, { do: "version", version: "2.0.0" });
		const status = syncBy(world, 1);
		expect(rolloutOf(status)).toMatchObject({ version: "2.0.0" });
		expect(status).toMatchObject({ operator: { revision: OPERATORS[1]?.revision } });
	});
});
