import { describe, expect, it } from "vitest";
import { KINDS } from "../../../hooks/index.ts";
import { customResourceDefinition } from "../../../kube/crd.ts";
import { resourceName } from "../../../plugin/cluster/kinds.ts";
import type { ClusterState } from "../../../plugin/doctor/cluster-state.ts";
import { clusterVersion, differencesOf, kinds } from "../../../plugin/doctor/kinds.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { stateOf } from "../doctor-state.ts";
import { condition } from "../world.ts";

const DEFINITIONS = KINDS.map(customResourceDefinition);
const [first, ...others] = DEFINITIONS;
if (first === undefined) throw new Error("no kind");
const unserved = { ...first, status: { conditions: [condition("Established", "False", "NotAccepted", "m")] } };
const drifted = JSON.parse(JSON.stringify(first).replace('"maximum":65535', '"maximum":1024')) as KubeObject;
const NAMES = KINDS.map(resourceName);

it.each([
	["v1.33.2", "good"],
	["v1.28.0", "good"],
	["v1.27.9", "bad"],
	[undefined, "unknown"],
	["devel", "unknown"],
])("the API server %s is %s", async (version, level) =>
	expect(clusterVersion(await stateOf([], {}, { version })).level).toBe(level),
);

describe("the CRDs", () => {
	it.each<[string, Partial<ClusterState>, string[]]>([
		["match this release", { definitions: DEFINITIONS }, ["good"]],
		["are missing", { definitions: others }, ["bad"]],
		["are not served", { definitions: [unserved, ...others] }, ["bad"]],
		["differ", { definitions: [drifted, ...others] }, ["odd"]],
		["may not be read, and are not served", { definitions: undefined, served: new Set(NAMES.slice(1)) }, ["bad"]],
		["may not be read, and are served", { definitions: undefined, served: new Set(NAMES) }, ["unknown"]],
		["are unknown", { definitions: undefined, served: undefined }, ["unknown"]],
	])("%s", async (_, more, levels) =>
		expect(kinds(await stateOf([], {}, more)).map(({ level }) => level)).toEqual(levels),
	);

	it("differ in a field that its manifest names", async () => {
		const [found] = kinds(await stateOf([], {}, { definitions: [drifted, ...others] }));
		expect(found?.details?.[0]).toMatch(/^spec\.[a-zA-Z.]+\.maximum: 1024 instead of 65535$/);
	});
});

it.each([
	[{ a: 1 }, { a: 1, b: 2 }, []],
	[{ a: 1 }, { a: 2 }, ["it.a: 2 instead of 1"]],
	[{ a: 1 }, {}, ["it.a: is missing"]],
	[{ a: {} }, undefined, ["it: is missing"]],
	[{ a: [] }, {}, []],
	[{ a: [1, 2] }, { a: [1] }, ["it.a: a different list"]],
	[{ a: [1, 2] }, { a: [1, 3] }, ["it.a[1]: 3 instead of 2"]],
	[{ properties: { a: {} } }, { properties: { a: {}, b: {} } }, ["it.properties.b: is not in this release"]],
	[{ a: {} }, { a: 1 }, ["it.a: is missing"]],
])("differences of %j and %j: %j", (expected, actual, differences) =>
	expect(differencesOf(expected, actual, "it")).toEqual(differences),
);
