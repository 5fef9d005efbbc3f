import { expect, it } from "vitest";
import type { Health } from "../../../kube/health.ts";
import { textOfPage } from "../../../server/dashboard/html.ts";
import { looseSection, shardsSection, stacksSection } from "../../../server/dashboard/topology.ts";
import { viewOf } from "../../../server/dashboard/view.ts";
import type { ShardDetails, StackDetails } from "../../../server/object-details.ts";
import type { ObjectSummary } from "../../../server/object-summary.ts";
import { ready, seen } from "./seen.ts";

const stack = (status: StackDetails["status"] = {}, name = "shop", health: Health = "healthy") =>
	seen("PrismStack", name, health, { details: { of: "PrismStack", spec: {}, status, instances: [] } });
const shard = (
	{ spec = {}, status = {} }: Partial<Pick<ShardDetails, "spec" | "status">>,
	instances = [{ name: "p-0", ready: true }],
) => seen("PrismShard", "live", "healthy", { details: { of: "PrismShard", spec, status, instances } });
const tenant = (name: string, roster: string) =>
	seen("PrismNamespace", name, "healthy", {
		details: {
			of: "PrismNamespace",
			spec: {},
			status: { placements: [{ roster, namespace: "team", state: "Active" }] },
			instances: [],
		},
	});
const textOf = (section: typeof stacksSection, ...objects: readonly ObjectSummary[]) =>
	textOfPage(section(viewOf(objects), 0));

it.each<[string, StackDetails["status"], string[]]>([
	["nothing", {}, ["no patterns", "none that need a connection", "none on its proxies"]],
	[
		"proxies and admin",
		{ proxy: { summary: "1/2" }, admin: { ready: 1, desired: 1, summary: "1/1" } },
		["1/2", ">Ready</span><span>admin"],
	],
	["an admin that is not ready", { admin: { ready: 0, desired: 1, summary: "0/1" } }, [">Not ready</span><span>admin"]],
	["a pattern that is ready", { patterns: [{ name: "kv", ready: true }] }, ["good", "<span>kv</span>"]],
	[
		"a pattern that fails",
		{ patterns: [{ name: "kv", phase: "Failed", reason: "PodsFailing" }] },
		["bad", "PodsFailing"],
	],
	["a pattern without a state", { patterns: [{ name: "kv" }] }, ["waiting", "Pending"]],
	["a namespace that it was asked for", { namespaces: [{ name: "orders" }] }, ["<span>orders</span>"]],
])("a stack with %s", (_, status, parts) => {
	const text = textOf(stacksSection, stack(status));
	for (const part of parts) expect(text).toContain(part);
});

it("a component links to its object, with its backend, or its provider if its name is another one", () => {
	const runner = seen("PatternRunner", "kv", "healthy", {
		owner: { kind: "PrismStack", name: "shop" },
		details: {
			of: "PatternRunner",
			spec: { backend: "redis", backendConfig: { name: "cache" } },
			status: {},
			instances: [],
		},
	});
	const backend = (name: string) =>
		seen("BackendConfig", name, "healthy", {
			details: { of: "BackendConfig", spec: { provider: "redis" }, status: {}, instances: [] },
		});
	const status = {
		patterns: [{ name: "kv", ready: true }],
		backends: [
			{ name: "redis", ready: true },
			{ name: "cache", ready: true },
		],
	};
	const text = textOf(stacksSection, stack(status), runner, backend("redis"), backend("cache"));
	expect(text).toContain(`<a href="/object/PatternRunner/team/kv">kv</a>`);
	expect(text).toContain(`<span class="hidden">on</span> cache</span>`);
	expect(text).toContain(`>redis</a></span></li>`);
	expect(text).toContain(`>cache</a> <span class="to">redis</span></span></li>`);
});

it("a namespace that is on the proxies of a stack is not shown twice", () => {
	const text = textOf(stacksSection, stack({ namespaces: [{ name: "orders" }] }), tenant("orders", "shop-proxy"));
	expect(text.split("orders</a>")).toHaveLength(2);
	expect(text).not.toContain("<span>orders</span>");
});

it.each<[string, Parameters<typeof shard>[0], string[], string[]]>([
	["an empty one", {}, ["no plugins", "none"], ["namespaces</span>", "draining", "accepts"]],
	["a limit", { spec: { capacity: { maxNamespaces: 9 } }, status: { namespaces: 3 } }, ["<b>3/9</b> namespaces"], []],
	["no limit", { status: { namespaces: 3 } }, ["<b>3</b> namespaces"], []],
	["draining", { spec: { draining: true, accepting: false } }, ["<b>draining</b>"], ["accepts no new"]],
	["closed", { spec: { accepting: false } }, ["accepts no new namespaces"], ["<b>draining</b>"]],
	[
		"plugins",
		{
			status: { plugins: [{ name: "kv", version: "2", ready: 1, desired: 2, pinned: true, unready: "p-1: crashed" }] },
		},
		["1/2", "pinned", "p-1: crashed", "/object/PrismPlugin/team/kv"],
		["no plugins"],
	],
])("a shard: %s", (_, change, shown, hidden) => {
	const text = textOf(shardsSection, shard(change));
	for (const part of shown) expect(text).toContain(part);
	for (const part of hidden) expect(text).not.toContain(part);
});

it("of more than ten instances, the others are counted", () => {
	const instances = Array.from({ length: 12 }, (_, index) => ({ name: `p-${index}`, ready: index > 0 }));
	const text = textOf(shardsSection, shard({}, instances));
	expect(text).toContain("and 2 more");
	expect(text.split("Not ready")).toHaveLength(2);
});

it.each([
	[6, 0, 6],
	[7, 7, 7],
	[21, 20, 20],
])("of %d stacks that are well, %d are folded and %d shown", (count, folded, shown) => {
	const stacks = Array.from({ length: count }, (_, index) => stack({}, `s${index}`));
	const text = textOf(stacksSection, ...stacks);
	expect(text.split("<details").length - 1).toBe(folded);
	expect(text.split("<article").length - 1).toBe(shown);
});

it("of many stacks the one that fails comes first, unfolded", () => {
	const stacks = Array.from({ length: 25 }, (_, index) => stack({}, `s${index}`));
	const bad = { ...stack({}, "zz", "degraded"), conditions: ready("Bad") };
	const [, first = ""] = textOf(stacksSection, ...stacks, bad).split("<article");
	expect(first).toContain(">zz</a>");
	expect(first).not.toContain("<details");
});

it("runners and backends without a stack have their kind and their target", () => {
	const runner = seen("PatternRunner", "kv", "healthy", {
		details: { of: "PatternRunner", spec: { backend: "redis" }, status: {}, instances: [] },
	});
	const text = textOf(looseSection, runner, seen("PrismStack", "shop"));
	expect(text).toContain(`PatternRunner <span class="to">`);
	expect(text).toContain("</span> redis</span>");
	expect(text.split("<article")).toHaveLength(2);
});
