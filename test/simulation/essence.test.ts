import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../schemas/common.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { differences, type Essence, traitOf } from "./essence.ts";

// What two worlds may differ in, each with a difference beside it that is a finding.

const object = (kind: string, name: string, rest: object = {}, metadata: object = {}): KubeObject => ({
	apiVersion: API_VERSION,
	kind,
	metadata: { namespace: "team-a", name, ...metadata },
	spec: {},
	...rest,
});
const essence = (...objects: readonly KubeObject[]): Essence =>
	new Map(objects.map((each) => [`${each.kind}/team-a/${each.metadata.name}`, traitOf(each)]));

const ready = (reason: string, status = "False") => ({ conditions: [{ type: "Ready", status, reason }] });
const namespace = (name: string, reason: string, more: object = {}, status = "False") =>
	object("PrismNamespace", name, { spec: { namespaceId: "prod" }, status: { ...ready(reason, status), ...more } });
const onEu = { placements: [{ roster: "prism-eu", namespace: "team-a", instances: [] }] };
const leaving = { deletionTimestamp: "2026-01-01T00:00:00Z" };
const shard = (reason: string, metadata: object = {}) =>
	object("PrismShard", "eu", { status: ready(reason) }, metadata);
const OF_EU = [{ kind: "PrismShard", name: "eu" }];
const roster = object("PrismRoster", "prism-eu", {}, { ownerReferences: OF_EU });
const set = (annotations: object, replicas: number) =>
	object("StatefulSet", "prism-eu", { spec: { replicas } }, { annotations, ownerReferences: OF_EU });
const plugin = (phase: string, lastGoodVersion: string | undefined, reason = "RolledBack") =>
	object("PrismPlugin", "postgres", {
		status: { ...ready(reason), rollout: { phase }, ...(lastGoodVersion && { lastGoodVersion }), shards: ["eu"] },
	});

const CASES: readonly [string, Essence, Essence, readonly string[]][] = [
	["nothing", essence(shard("A")), essence(shard("A")), []],
	[
		"a condition",
		essence(shard("A")),
		essence(shard("B")),
		[expect.stringMatching(/^PrismShard\/team-a\/eu differs at /)],
	],
	[
		"the count that an autoscaler left, of a workload that was deleted since",
		essence(shard("A"), set({ "prism.io/replicas-before-autoscaling": "1" }, 2)),
		essence(shard("B"), set({}, 1)),
		[],
	],
	[
		"any other count",
		essence(set({}, 2)),
		essence(set({}, 1)),
		[expect.stringMatching(/^StatefulSet\/team-a\/prism-eu differs at \.spec\.replicas/)],
	],
	["one that is not there", essence(shard("A")), essence(), ["PrismShard/team-a/eu is missing"]],
	[
		"one too many",
		essence(),
		essence(shard("A")),
		["PrismShard/team-a/eu is there, and would not be without the trouble"],
	],
	[
		"who got in before the place was closed",
		essence(namespace("a", "NoMatchingShard", { phase: "Pending" })),
		essence(namespace("a", "NoMatchingShard", { phase: "Degraded" })),
		[],
	],
	[
		"another phase",
		essence(namespace("a", "NotReady", { phase: "Pending" })),
		essence(namespace("a", "NotReady", { phase: "Degraded" })),
		['PrismNamespace/team-a/a differs at .status.phase: "Degraded" instead of "Pending"'],
	],
	[
		"the order of variables",
		essence(
			object("Deployment", "a", {
				spec: {
					env: [
						{ name: "A", value: "1" },
						{ name: "B", value: "2" },
					],
				},
			}),
		),
		essence(
			object("Deployment", "a", {
				spec: {
					env: [
						{ name: "B", value: "2" },
						{ name: "A", value: "1" },
					],
				},
			}),
		),
		[],
	],
	[
		"a variable",
		essence(object("Deployment", "a", { spec: { env: [{ name: "A", value: "1" }] } })),
		essence(object("Deployment", "a", { spec: { env: [{ name: "A", value: "2" }] } })),
		['Deployment/team-a/a differs at .spec.env[0].value: "2" instead of "1"'],
	],
	[
		"who is held, and who lives there",
		essence(shard("NamespacesRemain", leaving), roster, namespace("a", "Ready", onEu, "True")),
		essence(namespace("a", "NoMatchingShard", onEu)),
		[],
	],
	[
		"who lives elsewhere",
		essence(shard("NamespacesRemain", leaving), roster, namespace("a", "Ready", {}, "True")),
		essence(namespace("a", "NoMatchingShard")),
		[expect.stringMatching(/^PrismNamespace\/team-a\/a differs at /)],
	],
	[
		"who came first",
		essence(namespace("a", "Ready", {}, "True"), namespace("b", "NamespaceIdTaken")),
		essence(namespace("a", "NamespaceIdTaken"), namespace("b", "Ready", {}, "True")),
		[],
	],
	[
		"nobody who came first",
		essence(namespace("a", "Ready", {}, "True"), namespace("b", "NamespaceIdTaken")),
		essence(namespace("a", "NamespaceIdTaken"), namespace("b", "NamespaceIdTaken")),
		[expect.stringMatching(/^namespaces with the identifier prod differ at /)],
	],
	[
		"what a failed rollout goes back to",
		essence(plugin("RolledBack", "1.0.0"), shard("A"), roster),
		essence(plugin("Stalled", undefined), shard("B")),
		[],
	],
	[
		"a rollout that fails in one of them only",
		essence(plugin("Complete", "1.0.0")),
		essence(plugin("Stalled", undefined, "RolloutStalled")),
		[expect.stringMatching(/^PrismPlugin\/team-a\/postgres differs at /)],
	],
];

describe("two worlds that differ in", () => {
	it.each(CASES)("%s", (_, expected, found, lines) => {
		expect(differences(expected, found)).toEqual(lines);
	});
});
