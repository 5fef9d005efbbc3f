import { describe, expect, it } from "vitest";
import type { PodTrouble } from "../../../plugin/cluster/pods.ts";
import { remediesFor } from "../../../plugin/why/pod-remedies.ts";
import { advised, knownOf } from "../why-case.ts";
import { deployment, ours, pod, ready, replicaSet, statefulSet } from "../world.ts";

const RUNNER = ours("PatternRunner", "orders");
const SET = deployment("orders", RUNNER, 0, 1);
const REPLICAS = replicaSet("orders-7f9c", SET);
const CLAIM = { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data-0" } }] };
const POD = pod("orders-0", REPLICAS, { spec: CLAIM });
const DESCRIBE = "kubectl describe pod orders-0 -n shop";
const VOLUMES = "kubectl get pvc -n shop";

const trouble = (remedy: PodTrouble["remedy"], more: Partial<PodTrouble> = {}): PodTrouble => ({
	word: "W",
	says: "s",
	remedy,
	...more,
});
const known = knownOf([RUNNER, SET, REPLICAS, POD]);
const remedies = (given: PodTrouble) => advised(remediesFor(known, POD, given, SET));

describe("the remedies of a pod", () => {
	it.each<[PodTrouble, readonly string[]]>([
		[trouble("image"), [DESCRIBE, "spec.image", ""]],
		[
			trouble("logs", { container: "a", logs: "previous" }),
			["kubectl logs orders-0 -n shop -c a --previous", DESCRIBE, "spec.config"],
		],
		[trouble("start"), [DESCRIBE, "spec.image"]],
		[trouble("user"), [DESCRIBE, "spec.podSecurity"]],
		[trouble("resources", { word: "Evicted" }), [DESCRIBE, "spec.resources"]],
		[trouble("resources", { word: "OOMKilled" }), [DESCRIBE, "spec.resources.limits.memory"]],
		[trouble("scheduling"), [DESCRIBE, "kubectl describe nodes", VOLUMES, "spec.runnerSpec"]],
		[trouble("volume"), [DESCRIBE, VOLUMES]],
		[trouble("node"), [DESCRIBE, "kubectl get node node-7"]],
		[trouble("gate"), [DESCRIBE]],
		[trouble("probe", { logs: "current" }), ["kubectl logs orders-0 -n shop", DESCRIBE, "spec.probe"]],
		[trouble("wait"), ["kubectl get pod orders-0 -n shop -w"]],
	])("for %j", (given, advice) => expect(remedies(given)).toEqual(advice));

	it.each<[string, readonly string[]]>([
		["Terminating", [VOLUMES]],
		["NodeAffinityConflict", ["kubectl describe pv", "kubectl describe nodes", "spec.runnerSpec"]],
		["InUse", ["spec.replicas"]],
		["Unbound", [VOLUMES, "kubectl get pv"]],
		["NotFound", [VOLUMES, "kubectl get storageclass"]],
		["ProvisioningFailed", ["kubectl get storageclass"]],
	])("for a claim that is %s", (word, advice) =>
		expect(remedies(trouble("claim", { claim: { name: "data-0", word, says: "s" } }))).toEqual(advice),
	);

	it.each<[PodTrouble["lacks"], string]>([
		[{ kind: "Secret", name: "a" }, "kubectl create secret generic a -n shop --from-literal=KEY=VALUE"],
		[{ kind: "Secret", name: "a", key: "url" }, "kubectl describe secret a -n shop"],
		[{ kind: "ConfigMap", name: "a" }, "kubectl get configmap a -n shop"],
		[{ kind: "ConfigMap", name: "a", key: "k" }, "kubectl describe configmap a -n shop"],
	])("for the lack of %j", (lacks, command) =>
		expect(remedies(trouble("config", { lacks }))).toEqual([DESCRIBE, command]),
	);

	it("change nothing of a workload that is not ours", () => {
		for (const given of [trouble("resources"), trouble("image"), trouble("user")])
			expect(advised(remediesFor(known, POD, given, undefined))).toEqual([DESCRIBE]);
	});
});

it("names the BackendConfig that refers to a missing Secret", () => {
	const backend = ours("BackendConfig", "redis", { spec: { connection: { secretRef: { name: "a" } } } });
	const given = trouble("config", { lacks: { kind: "Secret", name: "a" } });
	expect(advised(remediesFor(knownOf([POD, backend]), POD, given, SET)).at(-1)).toBe("spec.connection.secretRef");
});

it.each([
	["changed", "mirror.example.com/runner:1", true],
	["as in its template", "runner:1", false],
])("finds that admission changed an image: %s", (_, image, isChanged) => {
	const template = { spec: { containers: [{ name: "a", image: "runner:1" }] } };
	const replicas = { ...REPLICAS, spec: { template } };
	const stuck = pod("orders-0", replicas, { spec: { containers: [{ name: "a", image }] } });
	const advice = advised(
		remediesFor(knownOf([RUNNER, SET, replicas, stuck]), stuck, trouble("image", { container: "a" }), SET),
	);
	expect(advice.includes("kubectl get mutatingwebhookconfigurations")).toBe(isChanged);
});

describe("the container of a plugin", () => {
	const plugin = ours("PrismPlugin", "clickhouse", {
		...ready("PluginReady", "m"),
		spec: { version: "2.0.0" },
		status: { lastGoodVersion: "1.0.0" },
	});
	const ROLLBACK = "kubectl prism rollback clickhouse -n shop";

	it.each([
		["plugin-clickhouse", undefined, "PrismPlugin", [ROLLBACK, "spec.source.image", "spec.version"]],
		["load-clickhouse", undefined, "PrismPlugin", [ROLLBACK, "spec.source.image", "spec.version"]],
		[
			"plugin-clickhouse",
			"2.0.0",
			"PrismShard",
			[ROLLBACK, "spec.source.image", "spec.plugins[name=clickhouse].version"],
		],
		["prism-proxy", undefined, "PrismShard", ["spec.image"]],
	])("%s of a shard that pins %s: change %s", (container, version, _, advice) => {
		const shard = ours("PrismShard", "live", { spec: { plugins: [{ name: "clickhouse", version }] } });
		const set = statefulSet("prism-live", shard, 0, 1);
		const stuck = pod("prism-live-0", set);
		const found = remediesFor(knownOf([shard, set, stuck, plugin]), stuck, trouble("image", { container }), set);
		expect(
			advised(found)
				.filter((text) => text !== "")
				.slice(1),
		).toEqual(advice);
	});
});
