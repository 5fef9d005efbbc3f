import { expect, it } from "vitest";
import { runnerScaledObject } from "../../../hooks/patternrunner/scaled-object.ts";
import { plannedRunner } from "../plans.ts";

const TRIGGERS = [{ type: "cron", metadata: { timezone: "UTC" } }];
const BY_KEDA = { enabled: true, minReplicas: 0, maxReplicas: 5, scaler: "keda", triggers: TRIGGERS };
const built = (autoscaling: object | undefined, keda = true) =>
	runnerScaledObject(plannedRunner({ autoscaling }, { installation: { keda } }).plan);

it.each<[string, object | undefined, boolean]>([
	["by default", undefined, true],
	["switched off", { ...BY_KEDA, enabled: false }, true],
	["where the cluster has no KEDA", BY_KEDA, false],
	["for a HorizontalPodAutoscaler", { enabled: true, maxReplicas: 5, targetCPUUtilizationPercentage: 70 }, true],
])("is not wanted %s", (_, autoscaling, keda) => {
	expect(built(autoscaling, keda)).toBeUndefined();
});

it("lets KEDA move the Deployment within the bounds, by the triggers", () => {
	expect(built(BY_KEDA)).toMatchObject({
		metadata: { name: "it" },
		spec: { scaleTargetRef: { name: "it" }, minReplicaCount: 0, maxReplicaCount: 5, triggers: TRIGGERS },
	});
});
