import { describe, expect, it } from "vitest";
import { shownBy } from "../../../plugin/why/diagnosis.ts";
import { pluginInUse, pluginNotReady, rolloutTrouble } from "../../../plugin/why/plugins.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { advised, knownOf } from "../why-case.ts";
import {
	deployment,
	event,
	HOURS_AGO,
	late,
	MINUTES_AGO,
	other,
	ours,
	pod,
	ready,
	replicaSet,
	waiting,
} from "../world.ts";

const SHARD = ours("PrismShard", "live", late("Progressing", "rolling out"));
const part = (state: string, message?: string) => ({
	name: "live",
	state,
	version: "2.0.0",
	since: MINUTES_AGO,
	message,
});
const plugin = (reason: string, status: Record<string, unknown>) =>
	ours("PrismPlugin", "clickhouse", { ...late(reason, "as reported"), spec: { version: "2.0.0" }, status });
const explain = (object: KubeObject) => shownBy(object, "CrashLoopBackOff", { cause: "live cause" });
const [ROLLBACK, VERSION] = ["kubectl prism rollback clickhouse -n shop", "spec.version"];
const lastGoodVersion = "1.0.0";

describe("a rollout", () => {
	it("goes on from the shard that stops it, whose state is that in the rollout", () => {
		const object = plugin("RolloutStalled", { lastGoodVersion, shardStates: [part("Failed")] });
		const found = rolloutTrouble(knownOf([object, SHARD], { explain }), object);
		expect(found).toMatchObject({ cause: "live cause", state: "broken" });
		expect(found.steps.map(({ word }) => word)).toEqual(["RolloutStalled", "Failed"]);
		expect(found.details[0]?.lines).toEqual(["live: Failed 2.0.0"]);
		expect(advised(found.next)).toEqual([ROLLBACK, VERSION]);
	});

	it("has the failure that was recorded before the current one", () => {
		const status = { lastGoodVersion, rollout: { failure: "recorded" }, shardStates: [part("Failed")] };
		const object = plugin("RollbackFailed", status);
		const { cause } = rolloutTrouble(knownOf([object, SHARD], { explain }), object);
		expect(cause).toMatch(/^recorded.*live cause$/);
	});

	it("that was rolled back has only the recorded failure, and events of the deleted pods", () => {
		const status = { lastGoodVersion, rollout: { failure: "recorded" }, shardStates: [part("RolledBack", "m")] };
		const object = plugin("RolledBack", status);
		const onPod = (name: string, reason: string) => event(other("v1", "Pod", name), reason, "m");
		const events = [
			onPod("prism-live-0", "BackOff"),
			onPod("prism-live-0", "Pulled"),
			onPod("prism-other-0", "BackOff"),
		];
		const { cause, details } = rolloutTrouble(knownOf([object, SHARD], { explain, events }), object);
		expect(cause).toBe("recorded");
		expect(details.map(({ lines }) => lines)).toEqual([["live: RolledBack 2.0.0"], ["prism-live-0: m"]]);
	});

	it("of a remote plugin goes on to its Deployment", () => {
		const object = plugin("RolloutStalled", {
			lastGoodVersion,
			shardStates: [{ name: "clickhouse", state: "Failed" }],
		});
		const set = deployment("clickhouse", object, 0, 1);
		const replicas = replicaSet("clickhouse-1", set);
		const containers = [{ name: "plugin", state: waiting("ImagePullBackOff") }];
		const stuck = pod("clickhouse-1-x", replicas, { phase: "Pending", containers });
		const { steps } = rolloutTrouble(knownOf([object, set, replicas, stuck]), object);
		expect(steps.at(-1)?.word).toBe("ImagePullBackOff");
	});

	it.each([
		["Progressing", "1.0.0", ["kubectl get prismplugin clickhouse -n shop -w"], "waiting"],
		["RolledBack", "1.0.0", [ROLLBACK, VERSION], "broken"],
		["RolledBack", "2.0.0", [VERSION], "broken"],
		["RolledBack", undefined, [VERSION], "broken"],
	])("%s with the last good version %s", (reason, good, advice, state) => {
		const object = plugin(reason, { lastGoodVersion: good, shardStates: [] });
		const found = rolloutTrouble(knownOf([object]), object);
		expect([advised(found.next), found.state, found.cause]).toEqual([advice, state, "as reported"]);
	});
});

describe("a shard that waits for its plugin", () => {
	const shard = ours("PrismShard", "live", {
		...late("PluginNotReady", "as reported"),
		spec: { backends: ["redis"], plugins: [{ name: "clickhouse" }] },
	});

	it("waits for its rollout", () => {
		const object = plugin("Progressing", { shardStates: [] });
		const { steps, next, state, cause } = pluginNotReady(knownOf([shard, object]), shard);
		expect([steps[0]?.object, state]).toEqual([object, "waiting"]);
		expect(cause).not.toBe("as reported");
		expect(advised(next)).toEqual(["kubectl prism why prismplugin/clickhouse -n shop"]);
	});

	it("that the operator can't read has the cause that the shard reports", () => {
		const object = ours("PrismPlugin", "clickhouse", { ...late("InvalidSpec", "m"), spec: { version: 7 } });
		const { steps, cause } = pluginNotReady(knownOf([shard, object]), shard);
		expect([steps[0]?.object, cause]).toEqual([object, "as reported"]);
	});

	it("names one that was not read", () => {
		const { steps, next, cause } = pluginNotReady(knownOf([shard]), shard);
		expect([steps[0]?.object, cause, advised(next)]).toEqual([shard, "as reported", ["spec.plugins"]]);
	});
});

it("a plugin in use is used by the shards that name it", () => {
	const object = ours("PrismPlugin", "clickhouse", {
		...ready("PluginReady", "m"),
		metadata: { deletionTimestamp: HOURS_AGO },
	});
	const using = (name: string, plugins: string[]) =>
		ours("PrismShard", name, { spec: { plugins: plugins.map((each) => ({ name: each })) } });
	const objects = [using("b", ["clickhouse"]), using("a", ["other", "clickhouse"]), using("c", ["other"])];
	const { details, next, since, steps } = pluginInUse(knownOf([object, ...objects]), object);
	expect([details[0]?.lines, since, steps[0]?.object.metadata.name]).toEqual([["a", "b"], HOURS_AGO, "b"]);
	expect(advised(next)).toEqual([
		"spec.plugins",
		"kubectl annotate prismplugin clickhouse -n shop prism.io/force-delete=true",
	]);
});
