import { describe, expect, it } from "vitest";
import { prismStack } from "../../hooks/prismstack/index.ts";
import { valueAt } from "../../kube/object.ts";
import { admitted, syncRequest, untilComplete } from "../../kube/offline.ts";
import { NOW, object } from "../hooks/situations.ts";
import { INSTALLATION } from "../installation.ts";

// How a stack's proxies are replaced.

const deploymentOf = (spec: Record<string, unknown>, name = "it-proxy") => {
	const parent = admitted(prismStack.parent, object("PrismStack", spec), NOW);
	const { children } = untilComplete(syncRequest(parent, prismStack.children, [], []), (request) =>
		prismStack.sync(request, { now: NOW, installation: INSTALLATION }),
	);
	return children.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === name);
};

const apart = (labels: Record<string, string>) => ({
	podAntiAffinity: {
		requiredDuringSchedulingIgnoredDuringExecution: [
			{ topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: labels } },
		],
	},
});

describe("two proxies", () => {
	it.each([
		{ reason: "a new one comes first", more: {}, unavailable: 0 },
		{
			reason: "the nodes may have no room for one more",
			more: { affinity: apart({ app: "prism-proxy" }) },
			unavailable: 1,
		},
		{ reason: "others are kept apart", more: { affinity: apart({ app: "web" }) }, unavailable: 0 },
	])("are replaced one by one: $reason", ({ more, unavailable }) => {
		const proxies = deploymentOf({ proxy: { replicas: 2 }, ...more });
		expect(valueAt(proxies, "spec", "strategy", "rollingUpdate")).toEqual({ maxSurge: 1, maxUnavailable: unavailable });
	});

	it("count once they had the time to receive their namespaces", () => {
		expect(
			valueAt(deploymentOf({ proxy: { replicas: 2 }, admin: { enabled: false } }), "spec", "minReadySeconds"),
		).toBe(5);
		// A control plane has them before it serves.
		const admin = { proxy: { replicas: 2 }, admin: { enabled: true } };
		expect(valueAt(deploymentOf(admin), "spec", "minReadySeconds")).toBeUndefined();
		expect(valueAt(deploymentOf(admin, "it-admin"), "spec", "minReadySeconds")).toBeUndefined();
	});
});
