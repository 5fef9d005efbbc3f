import { expect, it } from "vitest";
import { attachmentsOf } from "../../../hooks/prismplugin/children.ts";
import { objectMap } from "../../../kube/offline.ts";
import { plannedPlugin } from "../plans.ts";
import { part, release, state } from "../prismplugin-step.ts";
import { object } from "../situations.ts";

const REMOTE = { deployment: { type: "remote" } };
const shard = (deployment: string) => ({
	...object("PrismShard", { plugins: [{ name: "it" }] }, { name: "a" }),
	status: {
		observedGeneration: 1,
		plugins: [{ name: "it", deployment, pinned: false, desired: 1, updated: 1, ready: 1 }],
	},
});
const THERE = objectMap([{ apiVersion: "v1", kind: "Service", metadata: { name: "it-plugin", namespace: "prism" } }]);
const built = (spec: object, its = state({}), related: ReturnType<typeof shard>[] = []) => {
	const { plan, surroundings } = plannedPlugin(spec, { related });
	return attachmentsOf(plan, surroundings, its, THERE).map(({ kind }) => kind);
};

it.each([
	["nothing for a sidecar", built({}), []],
	["nothing for shards that call none", built({}, state({}), [shard("sidecar")]), []],
	["what is there, while a shard still calls it", built({}, state({}), [shard("remote")]), ["Service"]],
	[
		"a Deployment once the rollout has a version for it",
		built(REMOTE, state({ parts: [part("Deployment it-plugin", "Updating", release("1.0.0"))] })),
		["Deployment", "Service", "PodDisruptionBudget"],
	],
	["until then only the rest", built(REMOTE), ["Service", "PodDisruptionBudget"]],
])("it runs on %s", (_what, kinds, expected) => {
	expect(kinds).toEqual(expected);
});
