import { expect, it } from "vitest";
import { planShard, selectorOf } from "../../../hooks/prismshard/plan.ts";
import { isRefusal } from "../../../kube/spec-refusal.ts";
import { givenShard, plannedShard } from "../plans.ts";

const plan = (spec: object = {}, around = {}) => plannedShard(spec, around).plan;

it.each([
	["the installation's image", {}, { image: "ghcr.io/prism/prism-proxy:v1.0.0" }],
	["its own", { image: "mine:1" }, { image: "mine:1" }],
	[
		"ports for clients, the admin API and metrics",
		{ port: 1, adminPort: 2, metricsPort: 3 },
		{
			ports: [
				{ name: "grpc", port: 1 },
				{ name: "admin", port: 2 },
				{ name: "metrics", port: 3 },
			],
		},
	],
	["a size as the API server stores it", { storage: { size: "1024Mi" } }, { storageSize: "1Gi" }],
	["a group for its volumes", {}, { fsGroup: 65532 }],
	["no group, where the cluster assigns it", { podSecurity: { fsGroup: null } }, { fsGroup: null }],
	[
		"the placement, which has the last word on resources",
		{ resources: { requests: { cpu: "1" } }, runnerSpec: { resources: { requests: { cpu: "2" } } } },
		{ placement: { resources: { requests: { cpu: "2" } } } },
	],
	[
		"resources alone",
		{ resources: { requests: { cpu: "1" } } },
		{ placement: { resources: { requests: { cpu: "1" } } } },
	],
])("has %s", (_what, spec, expected) => {
	expect(plan(spec)).toMatchObject(expected);
});

it("has a selector that no edit moves", () => {
	expect(selectorOf("it")).toEqual({ app: "prism-proxy", shard: "it" });
	expect(plan({ replicas: 5, image: "mine:1" }).selector).toEqual(plan().selector);
	expect(plan().labels).toMatchObject({ ...selectorOf("it"), component: "shard" });
});

it("restarts when an annotation says so", () => {
	expect(plan().restartedAt).toBeUndefined();
	expect(plan({}, { metadata: { annotations: { "prism.io/restartedAt": "1" } } }).restartedAt).toBe("1");
});

it("is refused with the first reason of its checks", () => {
	const { shard, request, context } = givenShard({ volumeMounts: [{ name: "v", mountPath: "/v" }] });
	const refused = planShard(shard, request, context);
	expect(isRefusal(refused) && refused.finding.reason).toBe("InvalidSpec");
});
