import { describe, expect, it } from "vitest";
import { prismPlugin } from "../../../hooks/prismplugin/index.ts";
import { type PluginInput, type PluginPlan, planPlugin, surroundingsOf } from "../../../hooks/prismplugin/plan.ts";
import { objectMap } from "../../../kube/offline.ts";
import { readerOf } from "../../../kube/received-object.ts";
import { isRefusal } from "../../../kube/spec-refusal.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { warningText } from "../../../schemas/messages/text.ts";
import type { DecoratorRequest } from "../../../schemas/metacontroller.ts";
import { PrismPlugin } from "../../../schemas/prismplugin.ts";
import { API_VERSION } from "../../../schemas/vocabulary.ts";
import { INSTALLATION } from "../../installation.ts";
import { object } from "../situations.ts";

// Who uses a plugin and where it runs, as it is read off shards and the Deployment; and the release that spec asks for.

const TOLD = {
	name: "it",
	deployment: "sidecar",
	pinned: false,
	version: "1",
	image: "p:1",
	desired: 2,
	updated: 2,
	ready: 2,
};

const shard = (
	name: string,
	entry: unknown = { name: "it" },
	change: Partial<KubeObject> = {},
	metadata = {},
): KubeObject => ({
	apiVersion: API_VERSION,
	kind: "PrismShard",
	metadata: { name, namespace: "prism", generation: 1, ...metadata },
	spec: { plugins: [{ name: "other" }, ...(entry === null ? [] : [entry])] },
	status: { observedGeneration: 1, namespaces: 3, plugins: [{ ...TOLD, name: "other", version: "9" }, TOLD] },
	...change,
});

const request = (
	related: readonly KubeObject[],
	spec: object = {},
	attachments: readonly KubeObject[] = [],
): DecoratorRequest => ({
	controller: {},
	object: object("PrismPlugin", { version: "2", ...spec }),
	attachments: objectMap(attachments),
	related: objectMap(related),
	finalizing: false,
});

const planOf = (plugin: PrismPlugin, surroundings: PluginInput): PluginPlan => {
	const plan = planPlugin(plugin, surroundings, INSTALLATION);
	if (isRefusal(plan)) throw new Error(plan.finding.reason);
	return plan;
};

const REMOTE = { deployment: { type: "remote" } };
const names = (uses: readonly { readonly name: string }[]): string[] => uses.map(({ name }) => name);

describe("a shard that uses the plugin", () => {
	it("is told apart from others, pinned ones and those that leave, by name", () => {
		const found = surroundingsOf(
			request([
				shard("d", { name: "it", version: "1" }),
				shard("b"),
				shard("a"),
				shard("c", null),
				shard("e", { name: "it" }, {}, { deletionTimestamp: "x" }),
				shard("f", { name: "it" }, {}, { namespace: "elsewhere" }),
				shard("g", { name: "it", version: "1" }, {}, { deletionTimestamp: "x" }),
				shard("h", { name: "it", deployment: "remote" }),
			]),
		);
		expect(names(found.uses)).toEqual(["a", "b", "d", "e", "g", "h"]);
		expect(names(found.followers)).toEqual(["a", "b", "h"]);
		expect(names(found.pinned)).toEqual(["d"]);
		expect(names(found.places)).toEqual(["a", "b"]);
		expect(found).toMatchObject({ remote: "it-plugin", isRemote: false });
	});

	it.each([
		["all of it", {}, TOLD, TOLD, 3],
		["of an older spec", { observedGeneration: 0 }, TOLD, undefined, 3],
		["nothing", { plugins: [] }, undefined, undefined, 3],
		["what makes no sense", { plugins: [{ name: "it", desired: "two" }] }, undefined, undefined, 3],
		["no count of namespaces", { namespaces: undefined }, TOLD, TOLD, undefined],
	])("tells %s", (_, change, told, observed, namespaces) => {
		const status = { ...(shard("a")["status"] as object), ...change };
		const [use] = surroundingsOf(request([shard("a", { name: "it" }, { status })])).uses;
		expect(use).toEqual({ name: "a", isPinned: false, isLeaving: false, form: "sidecar", told, observed, namespaces });
	});

	it.each([
		[{}, {}, "sidecar"],
		[{}, { deployment: { type: "in-process" } }, "in-process"],
		[{}, { deployment: { type: 5 } }, "sidecar"],
		[{ deployment: "remote" }, {}, "remote"],
		[{ deployment: 5 }, REMOTE, "remote"],
	])("runs it as it says, or as the plugin does: %j %j", (entry, spec, form) => {
		expect(surroundingsOf(request([shard("a", { name: "it", ...entry })], spec)).uses[0]?.form).toBe(form);
	});

	it("counts only up to as many as status holds", () => {
		const many = Array.from({ length: 1001 }, (_, index) => shard(`s${String(index).padStart(4, "0")}`));
		const found = surroundingsOf(request(many));
		expect(found.followers).toHaveLength(1001);
		expect(found.places).toHaveLength(1000);
		const warnings = (count: number) => {
			const plugin = readerOf(PrismPlugin)(request([]).object);
			if (isRefusal(plugin)) throw new Error(plugin.finding.reason);
			return planOf(plugin, surroundingsOf(request(many.slice(0, count)))).warnings.map(warningText);
		};
		expect(warnings(1000)).toEqual([]);
		expect(warnings(1001)).toEqual([
			"More than 1000 shards follow the plugin: those that come last by name are ignored",
		]);
	});
});

describe("the Deployment of the remote form", () => {
	const deployment = (status: object, change: object = {}, generation: number | null = 2): KubeObject => ({
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { name: "it-plugin", namespace: "prism", ...(generation !== null && { generation }) },
		spec: {
			replicas: 2,
			template: {
				spec: {
					containers: [
						{ name: "else", image: "x" },
						{ name: "plugin", image: "p:1" },
					],
				},
			},
			...change,
		},
		status: { observedGeneration: 2, replicas: 2, updatedReplicas: 2, readyReplicas: 2, ...status },
	});
	const condition = (type: string, status: string, message = "why") => ({
		type,
		status,
		reason: "R",
		message,
		lastTransitionTime: "t",
	});
	const seen = (its: KubeObject | undefined) =>
		surroundingsOf(
			request([shard("a"), shard("r", { name: "it", deployment: "remote" })], REMOTE, its === undefined ? [] : [its]),
		).places.find(({ name }) => name === "Deployment it-plugin")?.observed;
	const well = { image: "p:1", desired: 2, updated: 2, ready: 2 };

	it.each([
		["it is not there", undefined, undefined],
		["it is well", deployment({}), well],
		["nobody has seen its latest spec", deployment({ observedGeneration: 1 }), undefined],
		["nobody has seen it", deployment({ observedGeneration: undefined }), undefined],
		["it has no generation", deployment({ observedGeneration: undefined }, {}, null), well],
		["it has no image", deployment({}, { template: undefined }), { desired: 2, updated: 2, ready: 2 }],
		[
			"its image is none",
			deployment({}, { template: { spec: { containers: [{ name: "plugin", image: 5 }] } } }),
			{ desired: 2, updated: 2, ready: 2 },
		],
		["it says no count", deployment({}, { replicas: undefined }), { ...well, desired: 1 }],
		[
			"nothing is counted",
			deployment({ replicas: undefined, updatedReplicas: undefined, readyReplicas: undefined }),
			{ ...well, updated: 0, ready: 0 },
		],
		["an old pod is there still", deployment({ replicas: 3 }), { ...well, ready: 1 }],
		[
			"only old pods are there",
			deployment({ replicas: 2, updatedReplicas: 0, readyReplicas: 1 }),
			{ ...well, updated: 0, ready: 0 },
		],
		["fewer are there than are updated", deployment({ replicas: 1 }), well],
		[
			"it makes progress",
			deployment({ conditions: [condition("Progressing", "True"), condition("ReplicaFailure", "False")] }),
			well,
		],
		[
			"it makes none",
			deployment({ conditions: [condition("Progressing", "False")] }),
			{ ...well, unready: "Progressing is False: why" },
		],
		[
			"its pods can't be made",
			deployment({ conditions: [condition("Progressing", "False"), condition("ReplicaFailure", "True")] }),
			{ ...well, unready: "ReplicaFailure is True: why" },
		],
		[
			"it has much to say",
			deployment({ conditions: [condition("Progressing", "False", "x".repeat(600))] }),
			{ ...well, unready: `Progressing is False: ${"x".repeat(490)}` },
		],
	])("is a place like a shard: %s", (_, its, observed) => {
		expect(seen(its)).toEqual(observed);
	});

	it("comes before the shards that run it themselves, and only where it is that form", () => {
		const shards = [shard("a"), shard("r", { name: "it", deployment: "remote" })];
		expect(names(surroundingsOf(request(shards, REMOTE)).places)).toEqual(["Deployment it-plugin"]);
		expect(names(surroundingsOf(request([shard("a", { name: "it", deployment: "sidecar" })], REMOTE)).places)).toEqual([
			"Deployment it-plugin",
			"a",
		]);
		expect(names(surroundingsOf(request(shards)).places)).toEqual(["a"]);
	});
});

describe("the release that spec asks for", () => {
	const planned = (
		spec: object,
		metadata: Partial<KubeObject["metadata"]> = {},
		related: readonly KubeObject[] = [],
	) => {
		const its = { ...request(related, spec), object: object("PrismPlugin", { version: "2", ...spec }, metadata) };
		const plugin = readerOf(PrismPlugin)(its.object);
		if (isRefusal(plugin)) throw new Error(plugin.finding.reason);
		return planOf(plugin, surroundingsOf(its));
	};

	it.each([
		[{}, "ghcr.io/prism/plugins/it-plugin:2"],
		[{ registry: "r.io/x" }, "r.io/x/it-plugin:2"],
		[{ image: "mine" }, "ghcr.io/prism/plugins/mine:2"],
		[{ image: "mine:2" }, "ghcr.io/prism/plugins/mine:2"],
		[{ image: `mine@sha256:${"0".repeat(64)}` }, `ghcr.io/prism/plugins/mine@sha256:${"0".repeat(64)}`],
	])("has the image of %j", (source, image) => {
		expect(planned({ source }).wanted).toEqual({ version: "2", image, generation: 1 });
	});

	it.each([
		[{ source: { image: "mine:2" } }, []],
		[
			{ source: { image: "mine:3" } },
			["spec.source.image has the tag 3, which is not spec.version 2: leave the tag out, or make them equal"],
		],
		[{ rollout: { canary: "b" } }, []],
		[
			{ rollout: { canary: "z" } },
			["spec.rollout.canary is z, which does not follow the plugin: the first by name goes first"],
		],
		[
			{ version: "latest" },
			["Image ghcr.io/prism/plugins/it-plugin:latest has no fixed version: pods that start later may run another one"],
		],
	])("is warned of or not: %j", (spec, warnings) => {
		expect(planned(spec, {}, [shard("a"), shard("b")]).warnings.map(warningText)).toEqual(warnings);
		if ("rollout" in spec) expect(planned(spec).warnings).toEqual([]);
	});

	it("has labels, the stack's among them where there is one", () => {
		const { labels, selector } = planned({}, { labels: { stack: "dev", mine: "x" } });
		expect(selector).toEqual({ app: "prism-plugin", plugin: "it" });
		expect(labels).toMatchObject({ ...selector, component: "plugin", "app.kubernetes.io/instance": "it" });
		expect(Object.values(labels)).not.toContain("x");
		expect(Object.keys(planned({}).labels)).toHaveLength(8);
	});

	it("relates to the shards of its own namespace", () => {
		const parent = object("PrismPlugin", {});
		expect(prismPlugin.customize?.({ controller: {}, parent }).relatedResources).toEqual([
			{ apiVersion: API_VERSION, resource: "prismshards", namespace: "prism" },
		]);
	});
});
