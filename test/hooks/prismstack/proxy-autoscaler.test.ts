import { expect, it } from "vitest";
import { proxyAutoscaler } from "../../../hooks/prismstack/proxy-autoscaler.ts";
import { planned } from "./planned.ts";

const BOUNDS = { minReplicas: 2, maxReplicas: 6 };
const KEDA = { ...BOUNDS, scaler: "keda", triggers: [{ type: "kafka", metadata: {} }] };
const childOf = (autoscaling?: Record<string, unknown>, keda = false) =>
	proxyAutoscaler(planned({ proxy: { ...(autoscaling && { autoscaling }) } }, { keda }));

it("is there where it is asked for", () => {
	expect(childOf()).toBeUndefined();
	expect(childOf({ ...BOUNDS, enabled: false, targetCPUUtilizationPercentage: 70 })).toBeUndefined();
});

it("moves the count of the proxies' Deployment", () => {
	expect(childOf({ ...BOUNDS, targetCPUUtilizationPercentage: 70 })).toMatchObject({
		kind: "HorizontalPodAutoscaler",
		metadata: { name: "it-proxy" },
		spec: { ...BOUNDS, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "it-proxy" } },
	});
});

it("is KEDA's where the installation has it", () => {
	expect(childOf(KEDA, true)).toMatchObject({ kind: "ScaledObject", spec: { scaleTargetRef: { name: "it-proxy" } } });
	expect(childOf(KEDA)).toBeUndefined();
});

it("moves the count of the proxies' StatefulSet", () => {
	const target = { apiVersion: "apps/v1", kind: "StatefulSet", name: "it-proxy" };
	const scaled = (autoscaling: Record<string, unknown>, keda = false) =>
		proxyAutoscaler(planned({ proxy: { workload: "StatefulSet", autoscaling } }, { keda }))?.spec;
	expect(scaled({ ...BOUNDS, targetCPUUtilizationPercentage: 70 })).toMatchObject({ scaleTargetRef: target });
	expect(scaled(KEDA, true)).toMatchObject({ scaleTargetRef: target });
});
