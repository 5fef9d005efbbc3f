import { describe, expect, it } from "vitest";
import { NamespaceWorld } from "../hooks/namespace-world.ts";
import { SHARD, SPEC, settled } from "../hooks/prismnamespace-situation.ts";

// What the status says while a namespace that is in place is changed: Degraded is what has something wrong with it.

const EDITED = { ...SPEC, quotas: { maxKeys: 7 } };
const slow = { kind: "slow" } as const;
const world = (): NamespaceWorld => settled(SPEC, [{ name: SHARD }]);

const slowly = (...slowOnes: readonly number[]): NamespaceWorld => {
	const edited = world();
	for (const index of slowOnes) edited.at(SHARD, index).trouble = slow;
	edited.edit(EDITED);
	edited.sync();
	return edited;
};

describe("a namespace that is edited", () => {
	it("is Updating while its instances are told, and Active once they have it", () => {
		const edited = slowly(0, 1);
		const under = {
			status: "False",
			reason: "Progressing",
			message: "Being updated on playback: 0 of 2 instances have the namespace",
			observedGeneration: 2,
		};
		for (const seconds of [1, 3, 3]) {
			expect(edited.condition("Ready")).toMatchObject(under);
			expect(edited.condition("Reconciling")).toMatchObject({ status: "True" });
			expect(edited.status).toMatchObject({ phase: "Updating", state: "Updating", health: "Healthy" });
			edited.pass(seconds);
			edited.sync();
		}
		for (const index of [0, 1]) edited.at(SHARD, index).end();
		edited.settle();
		expect(edited.status).toMatchObject({ phase: "Active", health: "Healthy" });
	});

	it("says which instance it waits for, once others have it", () => {
		const edited = slowly(1);
		expect(edited.condition("Ready")).toMatchObject({
			status: "False",
			reason: "Progressing",
			message: "Being updated on playback: 1 of 2 instances have the namespace; prism-playback-1: not pushed yet",
		});
		expect(edited.status["phase"]).toBe("Updating");
	});

	it("is Degraded once that takes longer than any call may", () => {
		const edited = slowly(0, 1);
		edited.pass(60);
		edited.sync();
		expect(edited.condition("Ready")).toMatchObject({ reason: "InstancesUnreachable" });
		expect(edited.status).toMatchObject({ phase: "Degraded", health: "Unknown" });
	});

	it("is Degraded where a call failed, and stays so while it is tried again", () => {
		const edited = world();
		edited.at(SHARD, 1).trouble = { kind: "failsCalls", failure: "DeadlineExceeded" };
		edited.edit(EDITED);
		edited.sync();
		const failed = {
			reason: "PartiallyProvisioned",
			message: "1 of 2 instances have the namespace; prism-playback-1: does not answer",
		};
		expect(edited.condition("Ready")).toMatchObject(failed);
		expect(edited.status["phase"]).toBe("Degraded");
		edited.at(SHARD, 1).trouble = slow;
		edited.sync();
		expect(edited.condition("Ready")).toMatchObject(failed);
		expect(edited.status["phase"]).toBe("Degraded");
	});

	it("is Degraded where an instance can't be reached", () => {
		const edited = world();
		edited.at(SHARD, 1).trouble = { kind: "down", failure: "Unreachable" };
		edited.edit(EDITED);
		edited.sync();
		expect(edited.status["phase"]).toBe("Degraded");
	});

	it("is Updating while an instance that joins is given it", () => {
		const joined = world();
		joined.relate({ name: SHARD, replicas: 3 });
		joined.sync();
		expect(joined.condition("Ready")).toMatchObject({
			status: "False",
			reason: "Progressing",
			message: "Being updated on playback: 2 of 3 instances have the namespace",
		});
		expect(joined.status).toMatchObject({ phase: "Updating", health: "Healthy" });
	});

	it("is Updating while it is paused before the instances were told", () => {
		const paused = world();
		paused.annotate({ "prism.io/paused": "true" });
		paused.edit(EDITED);
		paused.sync();
		expect(paused.condition("Ready")).toMatchObject({ status: "False", reason: "PausedByAnnotation" });
		expect(paused.status["phase"]).toBe("Updating");
	});
});

describe("a namespace that is new", () => {
	it("is Provisioning, and nothing is said of its health yet", () => {
		const fresh = new NamespaceWorld(SPEC);
		fresh.relate({ name: SHARD });
		fresh.sync();
		expect(fresh.status).toMatchObject({ phase: "Provisioning", health: "Unknown", proxyStatus: "Unknown" });
		for (const index of [0, 1]) fresh.at(SHARD, index).trouble = slow;
		fresh.sync();
		expect(fresh.status).toMatchObject({ phase: "Provisioning", health: "Unknown", proxyStatus: "NotReady" });
		expect(fresh.condition("Ready")).toMatchObject({
			reason: "Progressing",
			message: "Being provisioned on playback: 0 of 2 instances have the namespace",
		});
	});
});
