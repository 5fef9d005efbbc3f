import { describe, expect, it } from "vitest";
import { NOW } from "../world.ts";
import { CLAIM, MOUNTS, troubleOf, unscheduled } from "./pod-case.ts";

describe("a pod with claims", () => {
	it.each(["ProvisioningFailed", "FailedBinding"])("waits for its claim, if the claim has an event %s", (reason) => {
		const claim = [CLAIM, reason, "in whatever words"] as const;
		expect(unscheduled("no node, in whatever words", claim)).toMatchObject({ remedy: "claim" });
	});

	it.each([
		["pod has unbound immediate PersistentVolumeClaims. not found", "Unbound"],
		["1 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use", "InUse"],
	])("waits for its only claim, if the scheduler names none: %s", (message, word) => {
		expect(unscheduled(message)).toMatchObject({ remedy: "claim", claim: { name: "data-0", word } });
	});

	it("does not wait for a claim that was bound later", () => {
		const asked = [CLAIM, "ExternalProvisioning", "in whatever words"] as const;
		expect(unscheduled("Insufficient cpu", asked)).toMatchObject({ remedy: "scheduling" });
	});

	it("waits for nodes, if the scheduler names none of several claims", () => {
		const volumes = ["data-0", "data-1"].map((claimName) => ({
			name: claimName,
			persistentVolumeClaim: { claimName },
		}));
		const message = "pod has unbound immediate PersistentVolumeClaims";
		const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }];
		expect(troubleOf({ spec: { ...MOUNTS, volumes }, conditions })).toMatchObject({ remedy: "scheduling" });
	});

	it.each([
		['0/3 nodes are available: persistentvolumeclaim "data-0" is being deleted.', "Terminating"],
		['0/3 nodes are available: persistentvolumeclaim "data-0" not found.', "NotFound"],
		["0/3 nodes are available: 3 node(s) had volume node affinity conflict.", "NodeAffinityConflict"],
		["0/3 nodes are available: 3 node(s) didn't match PersistentVolume's node affinity.", "NodeAffinityConflict"],
	])("waits for a claim, by the message of the scheduler: %s", (message, word) => {
		expect(unscheduled(message)).toMatchObject({ remedy: "claim", claim: { name: "data-0", word } });
	});

	it("waits for a provisioner that creates no volume within 60 s", () => {
		const asked = [CLAIM, "ExternalProvisioning", "Waiting for a volume to be created"] as const;
		const unplaced = { spec: { ...MOUNTS, nodeName: undefined } };
		expect(troubleOf(unplaced, asked)).toMatchObject({ remedy: "claim", claim: { word: "ExternalProvisioning" } });
		const young = { ...unplaced, metadata: { creationTimestamp: NOW } };
		expect(troubleOf(young, asked)).toMatchObject({ remedy: "wait" });
	});
});
