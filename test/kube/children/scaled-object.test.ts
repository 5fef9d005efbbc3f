import { expect, it } from "vitest";
import { scaledObject } from "../../../kube/children/scaled-object.ts";

const TRIGGERS = [{ type: "cron", metadata: { timezone: "UTC" } }];
const AUTOSCALING = { enabled: true, scaler: "keda", minReplicas: 0, maxReplicas: 3, triggers: TRIGGERS } as const;
const specOf = (kind: "Deployment" | "StatefulSet", more: object = {}) =>
	scaledObject({ name: "it" }, { kind, name: "pods" }, { ...AUTOSCALING, triggers: TRIGGERS, ...more }).spec;

it.each([
	["Deployment", { name: "pods" }],
	["StatefulSet", { apiVersion: "apps/v1", kind: "StatefulSet", name: "pods" }],
] as const)("names a %s as KEDA needs it", (kind, expected) => {
	expect(specOf(kind).scaleTargetRef).toEqual(expected);
});

it("has the bounds, the triggers, and how the HorizontalPodAutoscaler that KEDA makes behaves", () => {
	const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } };
	const more = { pollingInterval: 10, cooldownPeriod: 20, behavior };
	expect(specOf("Deployment", more)).toMatchObject({
		minReplicaCount: 0,
		maxReplicaCount: 3,
		pollingInterval: 10,
		cooldownPeriod: 20,
		triggers: TRIGGERS,
		advanced: { horizontalPodAutoscalerConfig: { behavior } },
	});
	expect(specOf("Deployment").advanced).toBeUndefined();
});
