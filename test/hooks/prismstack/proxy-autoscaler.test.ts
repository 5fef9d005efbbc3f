import { expect, it } from "vitest";
import { proxyAutoscaler } from "../../../hooks/prismstack/proxy-autoscaler.ts";
import { proxyDeployment } from "../../../hooks/prismstack/proxy-deployment.ts";
import { proxyStatefulSet } from "../../../hooks/prismstack/proxy-statefulset.ts";
import { planned, seeing } from "./planned.ts";

const BOUNDS = { minReplicas: 2, maxReplicas: 6 };
const KEDA = { ...BOUNDS, scaler: "keda", triggers: [{ type: "kafka", metadata: {} }] };
const childOf = (autoscaling?: Record<string, unknown>, keda = false) =>
	proxyAutoscaler(planned({ proxy: { ...(autoscaling && { autoscaling }) } }, { keda }), seeing());

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
		proxyAutoscaler(planned({ proxy: { workload: "StatefulSet", autoscaling } }, { keda }), seeing())?.spec;
	expect(scaled({ ...BOUNDS, targetCPUUtilizationPercentage: 70 })).toMatchObject({ scaleTargetRef: target });
	expect(scaled(KEDA, true)).toMatchObject({ scaleTargetRef: target });
});

it.each([
	{ to: "StatefulSet", from: "Deployment", former: proxyDeployment },
	{ to: "Deployment", from: "StatefulSet", former: proxyStatefulSet },
])("is none while the proxies move to a $to", ({ to, from, former }) => {
	for (const autoscaling of [{ ...BOUNDS, targetCPUUtilizationPercentage: 70 }, KEDA]) {
		const plan = (workload: string) => planned({ proxy: { workload, autoscaling } }, { keda: true });
		const before = former(plan(from), seeing());
		if (before === undefined) throw new Error("no workload");
		expect(proxyAutoscaler(plan(to), seeing(before))).toBeUndefined();
		expect(proxyAutoscaler(plan(from), seeing(before))).toBeDefined();
		expect(proxyAutoscaler(plan(to), seeing())).toBeDefined();
	}
});
