import { describe, expect, it } from "vitest";
import type { ClusterState } from "../../../plugin/doctor/cluster-state.ts";
import { figures, hooks } from "../../../plugin/doctor/hooks.ts";
import { stateOf } from "../doctor-state.ts";
import { hooksDeployment, hooksPod, MACHINERY } from "../why-case.ts";
import { NOW, other, waiting } from "../world.ts";

const slice = (ready: boolean) =>
	other(
		"discovery.k8s.io/v1",
		"EndpointSlice",
		"prism-operator-x",
		{
			namespace: "prism-system",
			labels: { ...hooksDeployment.metadata.labels, "kubernetes.io/service-name": "prism-operator" },
		},
		{ endpoints: [{ conditions: { ready } }] },
	);
const RUNNING = [...MACHINERY, slice(true)];
const but = (kind: string) => RUNNING.filter((object) => object.kind !== kind);

const levels = (state: ClusterState) => hooks(state).map(({ level }) => level);

describe("the operator", () => {
	const crashing = hooksPod({ containers: [{ name: "hooks", restartCount: 4, state: waiting("CrashLoopBackOff") }] });
	const scaled = (availableReplicas: number) => [
		...but("Deployment").filter(({ kind }) => kind !== "Pod"),
		{ ...hooksDeployment, status: { availableReplicas } },
		crashing,
	];

	it.each<[string, Parameters<typeof stateOf>[0], Parameters<typeof stateOf>[1], string[]]>([
		["runs", RUNNING, {}, ["good"]],
		["lacks a pod", scaled(1), {}, ["good", "odd"]],
		["has no pod", scaled(0), {}, ["bad"]],
		["is not installed", but("Deployment"), {}, ["bad"]],
		["can't be seen", but("Deployment"), { forbidden: ["deployments.apps"] }, ["unknown"]],
		["has no Service", but("Service"), {}, ["good", "bad"]],
		["has no endpoint", [...but("EndpointSlice"), slice(false)], {}, ["good", "bad"]],
		["has a Service that can't be seen", but("Service"), { forbidden: ["services"] }, ["good", "unknown"]],
	])("%s", async (_, objects, world, expected) => expect(levels(await stateOf(objects, world))).toEqual(expected));

	it("runs outside of a cluster of make run", async () =>
		expect(levels({ ...(await stateOf([])), isLocal: true })).toEqual(["unknown"]));
});

describe("its metrics", () => {
	const calls = (outcome: string, count: number) => `prism_operator_hook_calls_total{outcome="${outcome}"} ${count}`;
	const expiry = (days: number) =>
		`prism_operator_certificate_expiry_timestamp_seconds ${Date.parse(NOW) / 1000 + days * 86_400}`;
	const slow = (le: string) => `prism_operator_hook_duration_seconds_bucket{le="${le}"} 5`;

	it.each([
		[calls("answered", 5), []],
		[calls("failed", 1), ["bad"]],
		[calls("refused", 1), ["odd"]],
		[calls("unauthenticated", 1), ["odd"]],
		[calls("overloaded", 1), ["odd"]],
		[calls("failed", 0), []],
		[`${slow("1")}\n${slow("+Inf")}`, []],
		[`${slow("5")}\n${slow("+Inf")}`, ["odd"]],
		["prism_operator_admin_breakers_open 2", ["odd"]],
		[expiry(20), []],
		[expiry(3), ["odd"]],
		[expiry(0.5), ["bad"]],
		[expiry(-1), ["bad"]],
		["nodejs_eventloop_lag_p99_seconds 0.1", []],
		["nodejs_eventloop_lag_p99_seconds 0.5", ["odd"]],
	])("%s: %j", async (metrics, expected) => {
		const health = [{ service: "prism-system/prism-operator", ready: true, metrics, problem: undefined }];
		const [first, ...found] = figures({ ...(await stateOf([])), health }).map(({ level }) => level);
		expect([first, ...found]).toEqual(["good", ...expected]);
	});

	it("may be unreachable, and it may be not ready", async () => {
		const health = [{ service: "a/b", ready: false, metrics: undefined, problem: "services is forbidden" }];
		const found = figures({ ...(await stateOf([])), health });
		expect(found.map(({ level }) => level)).toEqual(["bad", "unknown"]);
	});
});
