import { describe, expect, it } from "vitest";
import { HOURS_AGO, NOW, waiting } from "../world.ts";
import { troubleOf, unscheduled } from "./pod-case.ts";

const POD = { containers: [{ name: "runner" }] };

describe("a pod in trouble", () => {
	it("waits for nodes, if its claims have no events", () => {
		expect(unscheduled("Insufficient cpu")).toMatchObject({ remedy: "scheduling" });
	});

	it("is held by its finalizers after its grace period", () => {
		const going = (deletionTimestamp: string) =>
			troubleOf({ metadata: { deletionTimestamp, finalizers: ["example.com/hold"] } })?.word;
		expect(going(HOURS_AGO)).toBe("Finalizers");
		expect(going("2099-01-01T00:00:00Z")).toBe("Terminating");
	});

	it("fails its startup probe", () => {
		const containers = [{ name: "runner", state: { running: { startedAt: HOURS_AGO } } }];
		const failed = ["pod", "Unhealthy", "Startup probe failed: statuscode: 404"] as const;
		expect(troubleOf({ phase: "Running", containers }, failed)).toMatchObject({ remedy: "probe", word: "NotReady" });
	});

	it.each([
		["FailedMount", "volume"],
		["FailedAttachVolume", "volume"],
		["FailedCreatePodSandBox", "node"],
	])("is found by the reason %s of an event", (reason, remedy) => {
		expect(troubleOf({}, ["pod", reason, "words"])).toMatchObject({ word: reason, remedy });
	});

	it("runs, but fails the probe that the event names", () => {
		const running = { containers: [{ name: "runner", state: { running: { startedAt: NOW } } }] };
		expect(troubleOf(running, ["pod", "Unhealthy", "Startup probe failed: not yet"])?.says).toBe(
			"container runner runs, but fails its startup probe: not yet",
		);
	});

	it("waits for an init container that does not end", () => {
		const state = (startedAt: string) => ({
			spec: POD,
			status: { initContainerStatuses: [{ name: "load", ready: false, state: { running: { startedAt } } }] },
			containers: [{ name: "runner", state: waiting("PodInitializing") }],
		});
		expect(troubleOf(state(HOURS_AGO))).toMatchObject({ word: "PodInitializing", container: "load", remedy: "logs" });
		expect(troubleOf(state(NOW))).toMatchObject({ remedy: "wait" });
	});

	it("waits for the controllers of its scheduling gates", () => {
		const conditions = [{ type: "PodScheduled", status: "False", reason: "SchedulingGated", message: "blocked" }];
		expect(
			troubleOf({ spec: { ...POD, schedulingGates: [{ name: "kueue.x-k8s.io/topology" }] }, conditions }),
		).toMatchObject({
			word: "SchedulingGated",
			remedy: "gate",
			says: "it is not scheduled until other controllers remove its scheduling gates: kueue.x-k8s.io/topology",
		});
	});

	it("has no log, if its node rejected it", () => {
		const status = { reason: "OutOfcpu", message: "Pod was rejected: Node didn't have enough resource: cpu" };
		expect(troubleOf({ phase: "Failed", status })).toMatchObject({ word: "OutOfcpu", remedy: "scheduling" });
	});
});
