import { describe, expect, it } from "vitest";
import { backendConfigNotFound, backendUnhealthy } from "../../../plugin/why/backends.ts";
import { keyOf, logOf } from "../../../plugin/why/diagnosis.ts";
import { advised, knownOf } from "../why-case.ts";
import { deployment, late, ours, pod, ready, replicaSet, waiting } from "../world.ts";

const BACKEND = ours("BackendConfig", "redis", {
	...late("BackendUnhealthy", "as reported"),
	status: { binding: { provider: "redis", secret: { name: "redis-credentials" } } },
});
const PROBE = deployment("redis-probe", BACKEND, 0, 1);
const REPLICAS = replicaSet("redis-probe-5c4", PROBE);
const POD = pod("redis-probe-5c4-x", REPLICAS, { containers: [{ name: "probe" }] });
const OBJECTS = [BACKEND, PROBE, REPLICAS, POD];
const found = (log: string | undefined) =>
	backendUnhealthy(knownOf(OBJECTS, { logs: new Map([[keyOf(logOf(POD)), log]]) }), BACKEND);
const line = (reason: string, msg = "m") => `${JSON.stringify({ reason, msg })}\n`;

describe("a backend whose check fails", () => {
	const [ADDRESS, POLICIES] = ["spec.connection", "kubectl get networkpolicy -n shop"];
	const [SECRET, REFERENCE] = ["kubectl describe secret redis-credentials -n shop", "spec.connection.secretRef"];

	it.each([
		["AuthenticationFailed", [SECRET, REFERENCE]],
		["CredentialsMissing", [SECRET, REFERENCE]],
		["CertificateRejected", ["spec.tls"]],
		["TlsRequired", ["spec.tls"]],
		["Unreachable", [ADDRESS, POLICIES]],
		["TimedOut", [ADDRESS, POLICIES]],
	])("with %s", (reason, advice) => {
		const { steps, next, needs } = found(line("Healthy") + line(reason));
		expect(steps.map(({ word }) => word)).toEqual(["BackendUnhealthy", reason]);
		expect(advised(next)).toEqual(["kubectl logs deployment/redis-probe -n shop", ...advice]);
		expect(needs).toEqual([]);
	});

	it.each([undefined, "", "no JSON\n"])("for a reason that the log %j does not have", (log) => {
		const { steps, next } = found(log);
		expect(steps.at(-1)?.word).toBe("NotReady");
		expect(advised(next)).toEqual(["kubectl logs deployment/redis-probe -n shop", ADDRESS, SECRET, POLICIES]);
	});

	it("needs the log of the probe", () => {
		expect(backendUnhealthy(knownOf(OBJECTS), BACKEND).needs).toEqual([logOf(POD)]);
	});

	it("shows the last messages once, the newest first", () => {
		const { cause, details } = found(
			line("A", "1") + line("B", "2") + line("B", "2") + line("C", "3") + line("D", "4"),
		);
		expect(details[0]?.lines).toEqual(["4: D", "3: C", "2: B"]);
		expect(cause).toContain("4: D");
		expect(found(line("A")).details).toEqual([]);
	});

	it("has a probe that can't run: that is the cause", () => {
		const stuck = pod("redis-probe-5c4-x", REPLICAS, {
			phase: "Pending",
			containers: [{ name: "probe", state: waiting("ImagePullBackOff") }],
		});
		const { steps } = backendUnhealthy(knownOf([BACKEND, PROBE, REPLICAS, stuck]), BACKEND);
		expect(steps.map(({ word }) => word)).toEqual(["BackendUnhealthy", "0/1 available", "ImagePullBackOff"]);
	});

	it("has no probe yet: the condition is the cause", () => {
		expect(backendUnhealthy(knownOf([BACKEND]), BACKEND)).toMatchObject({ cause: "as reported", steps: [{}] });
	});
});

describe("a BackendConfig that a runner names", () => {
	const runner = ours("PatternRunner", "orders", {
		...late("BackendConfigNotFound", "m"),
		spec: { backendConfig: { name: "rdis" } },
	});
	const other = (name: string) => ours("BackendConfig", name, ready("NotChecked", "m"));

	it("does not exist: the others may be meant", () => {
		const { details, next, state } = backendConfigNotFound(knownOf([runner, other("redis"), other("nats")]), runner);
		expect(state).toBe("broken");
		expect(details[0]?.lines).toEqual(["nats", "redis"]);
		expect(advised(next)[0]).toBe("spec.backendConfig.name");
		expect(next[1]?.permissions).toEqual([{ verb: "create", resource: "backendconfigs", namespace: "shop" }]);
		expect(backendConfigNotFound(knownOf([runner]), runner).details).toEqual([]);
	});

	it("exists by now", () => {
		const present = backendConfigNotFound(knownOf([runner, other("rdis")]), runner);
		expect(present).toMatchObject({ state: "waiting", steps: [{ word: "Present" }] });
	});
});
