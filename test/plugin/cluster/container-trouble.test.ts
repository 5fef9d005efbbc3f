import { describe, expect, it } from "vitest";
import { waiting } from "../world.ts";
import { troubleOf } from "./pod-case.ts";

const config = (message: string) =>
	troubleOf({ containers: [{ name: "runner", state: waiting("CreateContainerConfigError", message) }] });

describe("a container in trouble", () => {
	const ended = (exitCode: number, reason = "Error") => ({
		containers: [
			{
				name: "runner",
				restartCount: 3,
				state: waiting("CrashLoopBackOff"),
				lastState: { terminated: { exitCode, reason } },
			},
		],
	});

	it.each(["container's runAsUser breaks non-root policy", "container has runAsNonRoot and image will run as root"])(
		"needs another user, if the kubelet rejects its user: %s",
		(message) => {
			expect(config(message)).toMatchObject({ remedy: "user", word: "CreateContainerConfigError" });
		},
	);

	it("has no log, if its program did not start", () => {
		const terminated = { exitCode: 128, reason: "StartError", message: 'exec: "/runner": no such file or directory' };
		const state = waiting("CrashLoopBackOff", "back-off 5m0s restarting failed container");
		const containers = [{ name: "runner", restartCount: 4, state, lastState: { terminated } }];
		const found = troubleOf({ containers });
		expect(found).toMatchObject({ remedy: "start", word: "StartError" });
		expect(found?.logs).toBeUndefined();
	});

	it("is killed because a probe fails, and not because it exits", () => {
		const liveness = ["pod", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500"] as const;
		expect(troubleOf(ended(137), liveness)).toMatchObject({
			word: "CrashLoopBackOff",
			says: "container runner fails its liveness probe, and is killed, restarted 3 times: HTTP probe failed with statuscode: 500",
			remedy: "probe",
		});
		expect(troubleOf(ended(143), ["pod", "Unhealthy", "Startup probe failed: dial tcp"])).toMatchObject({
			remedy: "probe",
		});
		expect(troubleOf(ended(1), liveness)).toMatchObject({ remedy: "logs" });
		expect(troubleOf(ended(137), ["pod", "Unhealthy", "Readiness probe failed: no"])).toMatchObject({ remedy: "logs" });
		expect(troubleOf(ended(137, "OOMKilled"), liveness)).toMatchObject({ word: "OOMKilled", remedy: "resources" });
	});
});
