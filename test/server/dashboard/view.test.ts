import { describe, expect, it } from "vitest";
import { causesOf, hostOf, standingOf, stateOfShardPart, viewOf, wayFrom } from "../../../server/dashboard/view.ts";
import type { ObjectSummary } from "../../../server/object-summary.ts";
import { ready, seen } from "./seen.ts";

const waitingFor = (kind: string, name: string): Pick<ObjectSummary, "waitsFor"> => ({
	waitsFor: [{ kind, namespace: "team", name }],
});
const namesOf = (objects: readonly ObjectSummary[]): string[] => objects.map(({ name }) => name);

it.each<[string, ObjectSummary, string, string]>([
	["of a hook that fails", seen("A", "a", "healthy", { failure: "thrown" }), "bad", "Hook fails"],
	["of a new object", seen("A", "a", "progressing"), "waiting", "No status yet"],
	["of one that is Ready", seen("A", "a", "healthy", { conditions: ready("StackReady") }), "good", "Ready"],
	["of one that fails", seen("A", "a", "degraded", { conditions: ready("BackendUnhealthy") }), "bad", "Failing"],
	["of one that is paused", seen("A", "a", "suspended", { conditions: ready("PausedByAnnotation") }), "idle", "Paused"],
	["of one that expired", seen("A", "a", "suspended", { conditions: ready("Expired") }), "idle", "Expired"],
	[
		"of one that progresses",
		seen("A", "a", "progressing", { conditions: ready("Progressing") }),
		"waiting",
		"In progress",
	],
	["of one that waits", seen("A", "a", "progressing", { conditions: ready("BackendNotReady") }), "waiting", "Waiting"],
	[
		"of one that is being deleted",
		seen("A", "a", "gone", { conditions: ready("Terminating") }),
		"waiting",
		"Being deleted",
	],
])("the state %s", (_, object, state, word) => {
	expect(standingOf(object)).toMatchObject({ state, word });
});

it("lists problems worst first, and each group by name", () => {
	const view = viewOf([
		seen("B", "z", "degraded"),
		seen("B", "b", "progressing"),
		seen("B", "a", "degraded"),
		seen("A", "c", "suspended"),
		seen("A", "d"),
	]);
	expect(namesOf(view.problems)).toEqual(["a", "z", "b"]);
	expect(namesOf(view.all)).toEqual(["c", "d", "a", "b", "z"]);
	expect(view.tally).toEqual({ bad: 2, waiting: 1, idle: 1, good: 1 });
});

it("shows runners and backends with their stack, as long as the stack is known", () => {
	const owner = { kind: "PrismStack", name: "shop" };
	const children = [seen("PatternRunner", "r", "healthy", { owner }), seen("BackendConfig", "alone")];
	expect(namesOf(viewOf([seen("PrismStack", "shop"), ...children]).loose)).toEqual(["alone"]);
	expect(namesOf(viewOf(children).loose)).toEqual(["alone", "r"]);
});

describe("the owner of a roster", () => {
	it.each([
		["shop-proxy", ["shop"], { kind: "PrismStack", name: "shop" }],
		["prism-orders", [], { kind: "PrismShard", name: "orders" }],
		["prism-x-proxy", [], { kind: "PrismShard", name: "x-proxy" }],
		["prism-x-proxy", ["prism-x"], { kind: "PrismStack", name: "prism-x" }],
		["gone-proxy", [], { kind: "PrismStack", name: "gone" }],
	])("%s, with the stacks %j", (name, stacks, host) => {
		const view = viewOf(stacks.map((stack) => seen("PrismStack", stack)));
		expect(hostOf(view, { name, namespace: "team" })).toEqual({ ...host, namespace: "team" });
	});
});

describe("the first cause", () => {
	const backend = seen("BackendConfig", "redis", "degraded");
	const runner = seen("PatternRunner", "kv", "progressing", waitingFor("BackendConfig", "redis"));
	const stack = seen("PrismStack", "shop", "progressing", waitingFor("PatternRunner", "kv"));

	it("is at the end of the way from an object", () => {
		expect(namesOf(wayFrom(stack, viewOf([stack, runner, backend])))).toEqual(["shop", "kv", "redis"]);
		expect(namesOf(wayFrom(stack, viewOf([stack])))).toEqual(["shop"]);
	});

	it("has behind it whatever waits only for it", () => {
		const causes = causesOf(viewOf([stack, runner, backend, seen("PrismShard", "alone", "degraded")]));
		expect(causes.map(({ first, behind }) => [first.name, namesOf(behind)])).toEqual([
			["redis", ["kv", "shop"]],
			["alone", []],
		]);
	});

	it("can be a suspended object, which is no problem itself", () => {
		const paused = seen("PatternRunner", "kv", "suspended");
		expect(causesOf(viewOf([stack, paused])).map(({ first, behind }) => [first.name, namesOf(behind)])).toEqual([
			["kv", ["shop"]],
		]);
	});

	it("of a roster is the shard that it lists", () => {
		const shard = seen("PrismShard", "orders", "degraded");
		const tenant = seen("PrismNamespace", "t", "progressing", waitingFor("PrismRoster", "prism-orders"));
		expect(namesOf(wayFrom(tenant, viewOf([tenant, shard])))).toEqual(["t", "orders"]);
	});
});

it.each([
	["Updated", "good"],
	["Failed", "bad"],
	["RolledBack", "bad"],
	["Pending", "idle"],
	["RollingOut", "waiting"],
	[undefined, "waiting"],
] as const)("a shard of a rollout that is %s counts as %s", (state, expected) => {
	expect(stateOfShardPart(state)).toBe(expected);
});
