import { describe, expect, it } from "vitest";
import { KINDS } from "../../../hooks/index.ts";
import { resourceName } from "../../../plugin/cluster/kinds.ts";
import { readOne, readView, scopeFlags, unreadNamespace, withLabels } from "../../../plugin/cluster/read-cluster.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { fakeKubectl, type World } from "../fake-kubectl.ts";
import { deployment, event, other, ours } from "../world.ts";

const STACK = ours("PrismStack", "shop", { metadata: { labels: { team: "a" } } });
const SET = deployment("shop-proxy", STACK, 1, 1);
const ELSEWHERE = ours("PrismStack", "other", { metadata: { namespace: "elsewhere" } });
const FOREIGN = other("apps/v1", "Deployment", "foreign");
const OBJECTS = [STACK, SET, ELSEWHERE, FOREIGN, event(SET, "Failed", "m")];
const ALL = { made: true, events: true };

const kubectl = (world: Partial<World> = {}) => fakeKubectl({ objects: OBJECTS, ...world });
const names = (objects: readonly KubeObject[]) => objects.map(({ metadata }) => metadata.name);

it.each([
	[{}, []],
	[{ namespace: "a" }, ["--namespace", "a"]],
	[{ namespace: "a", allNamespaces: true }, ["--all-namespaces"]],
])("the flags of %j", (scope, flags) => expect(scopeFlags(scope)).toEqual(flags));

describe("a view", () => {
	it.each([
		[{ namespace: "shop" }, {}, ["shop"], 0],
		[{ allNamespaces: true }, {}, ["shop", "other"], 0],
		// Without the label of the operator, an object is not a child.
		[{ namespace: "shop" }, ALL, ["shop", "shop-proxy"], 1],
	])("of %j with %j", async (scope, parts, objects, events) => {
		const view = await readView(kubectl(), scope, parts);
		expect(names(view.objects)).toEqual(objects);
		expect(view.events).toHaveLength(events);
		expect([view.notes, view.unread]).toEqual([[], []]);
	});

	it.each([
		["prismplugins.prism.io", { unknown: ["prismplugins.prism.io"] }, 1, []],
		["prismplugins.prism.io", { forbidden: ["prismplugins.prism.io"] }, 1, ["prismplugins"]],
		["deployments.apps", { forbidden: ["deployments.apps"] }, 1, ["deployments"]],
		// Rosters are internal: without them, a command reports what it needs itself.
		["prismrosters.prism.io", { forbidden: ["prismrosters.prism.io"] }, 0, ["prismrosters"]],
	])("lacks %s, and has the rest: %j", async (resource, world, notes, unread) => {
		const view = await readView(kubectl(world), { namespace: "shop" }, ALL);
		expect(names(view.objects)).toContain("shop");
		expect(view.notes).toHaveLength(notes);
		if (notes > 0) expect(view.notes[0]).toContain(resource.split(".")[0]);
		expect(view.unread).toEqual(unread);
	});

	it.each([
		["no CRD of ours is installed", { unknown: KINDS.map(resourceName) }],
		["no kind of ours may be read", { forbidden: KINDS.map(resourceName) }],
	])("can't be read if %s", async (_, world) =>
		expect(readView(kubectl(world), { namespace: "shop" }, {})).rejects.toThrow(/resource/),
	);

	it("of a namespace that may not be read lacks all kinds", async () => {
		const view = unreadNamespace(await readView(kubectl(), { namespace: "shop" }, {}), "secret");
		expect(view.unread).toEqual(expect.arrayContaining(["prismstacks", "prismrosters", "pods"]));
		expect(view.notes).toEqual([expect.stringContaining("namespace secret")]);
		expect(names(view.objects)).toEqual(["shop"]);
	});
});

it.each([
	[undefined, ["shop", "other"]],
	["team=a", ["shop"]],
	["team=b", []],
])("selects objects with the labels %s", async (selector, found) => {
	const scope = { allNamespaces: true, selector };
	expect(names(await withLabels(kubectl(), scope, await readView(kubectl(), scope, {})))).toEqual(found);
});

it("reads one object, or none", async () => {
	expect((await readOne(kubectl(), "deployment", "foreign", "shop"))?.metadata.uid).toBe(FOREIGN.metadata.uid);
	expect(await readOne(kubectl(), "deployment", "foreign", "elsewhere")).toBeUndefined();
	expect(await readOne(kubectl(), "deployment", "nothing", undefined)).toBeUndefined();
});
