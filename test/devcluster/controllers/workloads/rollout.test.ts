import { expect, test } from "vitest";
import type { Cluster } from "../../../../devcluster/controllers/workloads/cluster.ts";
import {
	REVISION,
	replicasOf,
	revisionOf,
	roll,
	rollingLimits,
	sum,
} from "../../../../devcluster/controllers/workloads/rollout.ts";
import { type Deployment, isDeployment, type ReplicaSet } from "../../../../devcluster/controllers/workloads/shapes.ts";
import { numberAt } from "../../../../devcluster/json.ts";
import type { KubeObject } from "../../../../schemas/common.ts";
import { deployment } from "../../workload-objects.ts";

const demo = (replicas: number | undefined, strategy?: object): Deployment => {
	const object = deployment({ replicas, strategy });
	if (!isDeployment(object)) throw new Error("another kind");
	return object;
};
const set = (name: string, replicas: number | undefined, available = 0, revision?: number): ReplicaSet => ({
	apiVersion: "apps/v1",
	kind: "ReplicaSet",
	metadata: { name, uid: name, ...(revision !== undefined && { annotations: { [REVISION]: String(revision) } }) },
	spec: { ...(replicas !== undefined && { replicas }), selector: {}, template: { spec: { containers: [] } } },
	status: { replicas: replicas ?? 1, availableReplicas: available },
});
const rolling = (maxSurge?: number | string, maxUnavailable?: number | string) => ({
	type: "RollingUpdate",
	rollingUpdate: {
		...(maxSurge !== undefined && { maxSurge }),
		...(maxUnavailable !== undefined && { maxUnavailable }),
	},
});

test.each<[number | undefined, object | undefined, number, number]>([
	[undefined, undefined, 1, 0],
	[10, undefined, 3, 2],
	[10, rolling("30%", "15%"), 3, 1],
	[10, rolling(2, 3), 2, 3],
	[3, rolling(0, 5), 0, 3],
	[3, rolling(0, 0), 0, 1],
	[3, rolling("0%", "10%"), 0, 1],
	[4, { type: "Recreate" }, 0, 4],
])("of %s replicas with %o, %d may be too many and %d missing", (replicas, strategy, maxSurge, maxUnavailable) => {
	expect(rollingLimits(demo(replicas, strategy))).toEqual({ maxSurge, maxUnavailable });
});

test("numbers that are not told are those of Kubernetes", () => {
	expect([replicasOf(set("a", undefined)), revisionOf(set("a", 1)), revisionOf(set("a", 1, 0, 7)), sum([])]).toEqual([
		1, 0, 7, 0,
	]);
});

/** The sizes after one step. */
const step = async (
	owner: Deployment,
	newest: ReplicaSet,
	older: readonly ReplicaSet[],
	pods: readonly string[] = [],
) => {
	const sizes = new Map([newest, ...older].map((each) => [each.metadata.name, replicasOf(each)]));
	// Only these parts of a cluster are used.
	const cluster = {
		pods: { byOwner: (uid: string) => pods.filter((name) => name === uid) },
		update: async (changed: KubeObject) => {
			sizes.set(changed.metadata.name, numberAt(changed, "spec", "replicas") ?? 0);
			return changed;
		},
	} as unknown as Cluster;
	await roll(cluster, owner, newest, older);
	return Object.fromEntries(sizes);
};

test.each<[string, object | undefined, ReplicaSet, ReplicaSet[], object]>([
	["begins with what may be too many", rolling(1, 0), set("new", 0), [set("old", 3, 3)], { new: 1, old: 3 }],
	["begins with what may be missing, too", rolling(1, 1), set("new", 0), [set("old", 3, 3)], { new: 1, old: 2 }],
	["waits for new pods", rolling(1, 0), set("new", 1, 0), [set("old", 3, 3)], { new: 1, old: 3 }],
	["goes on with one that is available", rolling(1, 0), set("new", 1, 1), [set("old", 3, 3)], { new: 1, old: 2 }],
	["ends with none of the old", rolling(1, 0), set("new", 3, 3), [set("old", 1, 1)], { new: 3, old: 0 }],
	[
		"removes what is not available at once",
		rolling(1, 0),
		set("new", 1, 0),
		[set("old", 3, 3), set("bad", 1, 0)],
		{ new: 1, old: 3, bad: 0 },
	],
	[
		"removes the oldest first",
		rolling(0, 1),
		set("new", 0, 0, 3),
		[set("b", 2, 2, 2), set("a", 1, 1, 1)],
		{ new: 0, b: 2, a: 0 },
	],
	["has nothing to do at the end", rolling(1, 0), set("new", 3, 3), [set("old", 0)], { new: 3, old: 0 }],
])("a rollout of three %s", async (_, strategy, newest, older, sizes) => {
	expect(await step(demo(3, strategy), newest, older)).toEqual(sizes);
});

test.each([
	[["old"], { new: 0, old: 0 }],
	[[], { new: 3, old: 0 }],
])("one that recreates waits until the old pods %o are gone", async (pods, sizes) => {
	expect(await step(demo(3, { type: "Recreate" }), set("new", 0), [set("old", 3, 3)], pods)).toEqual(sizes);
});
