import { describe, expect, it } from "vitest";
import {
	type CauseInput,
	groupedByCause,
	nextOnTheWay,
	type Reference,
	rolloutParts,
	stoppedPart,
	waitsFor,
	wayToCause,
} from "../../hooks/first-cause.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";

// The way to the first cause: which objects an object waits for, as its status has it, and where that ends.

const THEN = "2026-01-01T00:00:00Z";

const object = (
	kind: string,
	reason: string,
	{ spec = {}, status = {}, metadata = {} }: { spec?: object; status?: object; metadata?: object } = {},
): KubeObject => ({
	apiVersion: API_VERSION,
	kind,
	metadata: { name: "it", namespace: "team", generation: 1, ...metadata },
	spec,
	status: {
		observedGeneration: 1,
		conditions: [
			{ type: "Ready", status: "False", reason, message: "m", lastTransitionTime: THEN, observedGeneration: 1 },
		],
		...status,
	},
});

const refers = (kind: string, name: string, namespace = "team"): Reference => ({ kind, namespace, name });

const BACKENDS = [
	{ name: "fine", ready: true, phase: "Failed" },
	{ name: "slow", ready: false, phase: "Progressing" },
	{ name: "worse", ready: false, phase: "Degraded" },
	{ name: "worst", ready: false, phase: "Failed" },
];

describe("what an object waits for", () => {
	it.each([
		["BackendNotReady", { backends: BACKENDS }, [refers("BackendConfig", "worst")]],
		["PatternNotReady", { patterns: BACKENDS }, [refers("PatternRunner", "worst")]],
		["NamespaceNotReady", { namespaces: BACKENDS }, [refers("PrismNamespace", "worst")]],
		["BackendNotReady", { backends: BACKENDS.slice(0, 2) }, [refers("BackendConfig", "slow")]],
		["BackendNotReady", { backends: BACKENDS.slice(0, 1) }, []],
		["BackendNotReady", {}, []],
		["InvalidSpec", { backends: BACKENDS }, []],
		[
			"Progressing",
			{ backends: BACKENDS, patterns: BACKENDS.slice(0, 2), namespaces: BACKENDS.slice(0, 3) },
			[refers("BackendConfig", "worst"), refers("PatternRunner", "slow"), refers("PrismNamespace", "worse")],
		],
		["Progressing", { proxy: { ready: 1, desired: 2 }, backends: BACKENDS }, []],
		["Progressing", { proxy: { ready: 2, desired: 2 }, admin: { ready: 0, desired: 1 }, backends: BACKENDS }, []],
		["Progressing", { proxy: { ready: 2, desired: 2 }, backends: BACKENDS }, [refers("BackendConfig", "worst")]],
	])("a stack that is %s, by its status %j", (reason, status, expected) =>
		expect(waitsFor(object("PrismStack", reason, { status }))).toEqual(expected),
	);

	it("a runner for the BackendConfig that it names", () => {
		const spec = { backendConfig: { name: "cache" } };
		expect(waitsFor(object("PatternRunner", "BackendNotReady", { spec }))).toEqual([refers("BackendConfig", "cache")]);
		expect(waitsFor(object("PatternRunner", "BackendNotReady"))).toEqual([]);
		expect(waitsFor(object("PatternRunner", "Progressing", { spec }))).toEqual([]);
	});

	it("a namespace for the rosters of its places, but for those that it leaves", () => {
		const placements = [
			{ roster: "old", state: "Revoking" },
			{ roster: "prism-a", state: "Assigning" },
			{ roster: "prism-b", namespace: "elsewhere", state: "Active" },
			{ state: "Active" },
		];
		expect(waitsFor(object("PrismNamespace", "InstancesNotReady", { status: { placements } }))).toEqual([
			refers("PrismRoster", "prism-a"),
			refers("PrismRoster", "prism-b", "elsewhere"),
		]);
	});

	it("a shard for its plugins, and a plugin for the shard at which its rollout stopped", () => {
		const spec = { plugins: [{ name: "one" }, { name: 2 }, { name: "two" }] };
		expect(waitsFor(object("PrismShard", "PluginNotReady", { spec }))).toEqual([
			refers("PrismPlugin", "one"),
			refers("PrismPlugin", "two"),
		]);
		const status = { shardStates: [part("orders", "Updating")] };
		for (const reason of ["Progressing", "RollingBack", "RollbackFailed", "RolloutStalled"])
			expect(waitsFor(object("PrismPlugin", reason, { status })), reason).toEqual([refers("PrismShard", "orders")]);
		expect(waitsFor(object("PrismPlugin", "PluginInUse", { status }))).toEqual([]);
		expect(waitsFor(object("PrismPlugin", "Progressing"))).toEqual([]);
	});

	it("of nothing: one that is being deleted, is ready, has no status, or is of another kind", () => {
		const status = { backends: BACKENDS };
		const going = { deletionTimestamp: THEN };
		expect(waitsFor(object("PrismStack", "BackendNotReady", { status, metadata: going }))).toEqual([]);
		const late = object("PrismStack", "BackendNotReady", { status });
		expect(waitsFor({ ...late, status: { backends: BACKENDS } })).toEqual([]);
		const ready = { type: "Ready", status: "True", reason: "BackendNotReady", message: "m", lastTransitionTime: THEN };
		const conditions = [{ ...ready, observedGeneration: 1 }];
		expect(waitsFor({ ...late, status: { ...status, observedGeneration: 1, conditions } })).toEqual([]);
		expect(waitsFor({ ...late, kind: "Deployment" })).toEqual([]);
		const { namespace: _namespace, ...metadata } = late.metadata;
		expect(waitsFor({ ...late, metadata })).toEqual([refers("BackendConfig", "worst", "")]);
	});
});

const part = (name: string, state: string, more: object = {}) => ({
	name,
	state,
	version: "1.0.0",
	image: "registry.example/plugin:1.0.0",
	since: THEN,
	...more,
});

describe("where a rollout stopped", () => {
	const stopped = (...shardStates: readonly object[]) =>
		stoppedPart(object("PrismPlugin", "Progressing", { status: { shardStates } }))?.name;

	it.each([
		["what failed comes first", [part("a", "Baking"), part("b", "Updating"), part("c", "Failed")], "c"],
		["what rolls back is as bad", [part("a", "RollingBack"), part("b", "Failed")], "a"],
		[
			"then what was rolled back for a failure",
			[part("a", "Updating"), part("b", "RolledBack", { message: "m" })],
			"b",
		],
		["but not for the others' sake", [part("a", "RolledBack"), part("b", "Updating")], "b"],
		["what is told comes before what bakes", [part("a", "Baking"), part("b", "Updating")], "b"],
		["what bakes is on its way", [part("a", "Updated"), part("b", "Baking")], "b"],
		["nowhere", [part("a", "Updated"), part("b", "Pending")], undefined],
	])("%s", (_, parts, expected) => expect(stopped(...parts)).toBe(expected));

	it("the plugin's own proxies are a part too, and a part without a name has an empty one", () => {
		const plugin = object("PrismPlugin", "Progressing", {
			status: { shardStates: [part("a", "Updated"), { state: "Updated" }], remote: part("own", "Failed") },
		});
		expect(rolloutParts(plugin).map(({ name }) => name)).toEqual(["a", "", "own"]);
		expect(stoppedPart(plugin)?.name).toBe("own");
		expect(rolloutParts(object("PrismPlugin", "Progressing"))).toEqual([]);
	});
});

describe("the way", () => {
	/** Who waits for whom; names in capitals are ready. */
	const among = (waits: Readonly<Record<string, readonly string[]>>): CauseInput<string> => ({
		waitsFor: (node) => (waits[node] ?? []).map((name) => refers("Any", name)),
		find: ({ name }) => (name in waits ? name : undefined),
		isReady: (node) => node === node.toUpperCase(),
	});

	it("goes on to the first that was read and is not ready", () => {
		const surroundings = among({ a: ["missing", "READY", "b", "c"], b: [], c: [], READY: [] });
		expect(nextOnTheWay("a", surroundings)).toBe("b");
		expect(nextOnTheWay("b", surroundings)).toBeUndefined();
	});

	it("ends at the one that waits for none, also when objects wait for each other", () => {
		expect(wayToCause("a", among({ a: ["b"], b: ["c"], c: [] }))).toEqual(["a", "b", "c"]);
		expect(wayToCause("a", among({ a: [] }))).toEqual(["a"]);
		expect(wayToCause("a", among({ a: ["b"], b: ["a"] }))).toEqual(["a", "b"]);
	});

	it("leads all to their first causes, in the order in which these are met", () => {
		const waits = { a: ["c"], b: [], c: ["d"], d: [], e: ["c"] };
		expect([...groupedByCause(["a", "b", "d", "e"], among(waits))]).toEqual([
			["d", ["a", "e"]],
			["b", []],
		]);
		expect(groupedByCause([], among({})).size).toBe(0);
	});
});
