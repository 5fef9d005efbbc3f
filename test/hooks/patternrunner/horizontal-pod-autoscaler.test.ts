import { expect, it } from "vitest";
import { runnerAutoscaler } from "../../../hooks/patternrunner/horizontal-pod-autoscaler.ts";
import { plannedRunner } from "../plans.ts";

const BY_CPU = { enabled: true, minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 70 };
const built = (autoscaling?: object) =>
	runnerAutoscaler(plannedRunner({ autoscaling }, { installation: { keda: true } }).plan);

it.each([
	["by default", undefined],
	["switched off", { ...BY_CPU, enabled: false }],
	["for KEDA", { enabled: true, maxReplicas: 5, scaler: "keda", triggers: [{ type: "cron", metadata: {} }] }],
])("is not wanted %s", (_, autoscaling) => {
	expect(built(autoscaling)).toBeUndefined();
});

it("moves the Deployment within the bounds", () => {
	expect(built(BY_CPU)).toMatchObject({
		metadata: { name: "it" },
		spec: {
			scaleTargetRef: { kind: "Deployment", name: "it" },
			minReplicas: 2,
			maxReplicas: 5,
			metrics: [{ resource: { name: "cpu", target: { averageUtilization: 70 } } }],
		},
	});
});
