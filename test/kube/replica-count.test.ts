import { describe, expect, it } from "vitest";
import { kedaMissing, leastPods, podCount, sizingOf } from "../../kube/replica-count.ts";
import type { KubeObject } from "../../schemas/common.ts";

const BOUNDS = { minReplicas: 2, maxReplicas: 6 };
/** A workload that was sent with this count and this memory, and has that count now. */
const workload = (sent: number, before: string | undefined, now = sent): KubeObject => {
	const annotations = before === undefined ? {} : { "prism.io/replicas-before-autoscaling": before };
	const last = { metadata: { annotations }, spec: { replicas: sent } };
	return {
		apiVersion: "apps/v1",
		kind: "StatefulSet",
		metadata: {
			name: "s",
			annotations: { ...annotations, "metacontroller.k8s.io/last-applied-configuration": JSON.stringify(last) },
		},
		spec: { replicas: now },
	};
};

describe("the count of pods", () => {
	it.each([
		{ reason: "as spec says", bounds: undefined, spec: 3, observed: undefined, replicas: 3 },
		{
			reason: "whatever someone scaled it to",
			bounds: undefined,
			spec: 3,
			observed: workload(3, undefined, 9),
			replicas: 3,
		},
		{
			reason: "as its autoscaler has it",
			bounds: BOUNDS,
			spec: 3,
			observed: workload(3, undefined, 5),
			replicas: 5,
			before: "3",
		},
		{ reason: "within its bounds", bounds: BOUNDS, spec: 3, observed: workload(3, "3", 0), replicas: 2, before: "3" },
		{
			reason: "as it was, of a workload that is made again",
			bounds: BOUNDS,
			spec: 1,
			had: 5,
			observed: undefined,
			replicas: 5,
			before: "1",
		},
		{
			reason: "as its autoscaler has it, whatever spec was set to meanwhile",
			bounds: BOUNDS,
			spec: 4,
			observed: workload(5, "3"),
			replicas: 5,
			before: "3",
			warning: "ReplicasUnused",
		},
		{
			reason: "as its autoscaler left it",
			bounds: undefined,
			spec: 3,
			observed: workload(5, "3"),
			replicas: 5,
			before: "3",
			warning: "ReplicasKept",
		},
		{
			reason: "as spec was set to while it was on",
			bounds: undefined,
			spec: 4,
			observed: workload(5, "3"),
			replicas: 4,
		},
		{
			reason: "as spec says, of one that its autoscaler left at rest",
			bounds: undefined,
			spec: 1,
			observed: workload(0, "1"),
			replicas: 1,
		},
		{ reason: "as spec says, which is the same", bounds: undefined, spec: 3, observed: workload(3, "3"), replicas: 3 },
	])("is $replicas: $reason", ({ bounds, spec, had, observed, replicas, before, warning }) => {
		const found = podCount({
			sizing: { autoscaling: bounds, given: spec, replicas: spec },
			path: "spec",
			had,
			observed,
		});
		expect(found.replicas).toBe(replicas);
		expect(found.before).toBe(before);
		expect(found.warnings.map((each) => each.warning)).toEqual(warning === undefined ? [] : [warning]);
	});
});

describe("what moves the count of pods", () => {
	const keda = { enabled: true, scaler: "keda", minReplicas: 2, maxReplicas: 6 };
	const hpa = { ...keda, scaler: "hpa" };

	it.each([
		{ reason: "no autoscaling", autoscaling: undefined, has: true, moves: false, replicas: 9, least: 9 },
		{
			reason: "one that is off",
			autoscaling: { ...hpa, enabled: false },
			has: true,
			moves: false,
			replicas: 9,
			least: 9,
		},
		{ reason: "an autoscaler", autoscaling: hpa, has: false, moves: true, replicas: 9, least: 2 },
		{ reason: "KEDA", autoscaling: keda, has: true, moves: true, replicas: 9, least: 2 },
		{ reason: "a KEDA that is not there", autoscaling: keda, has: false, moves: false, replicas: 6, least: 6 },
	])("$reason", ({ autoscaling, has, moves, replicas, least }) => {
		const given = { replicas: 9, ...(autoscaling && { autoscaling }) };
		const sizing = sizingOf(given, { keda: has });
		expect(sizing).toEqual({ autoscaling: moves ? autoscaling : undefined, given: 9, replicas });
		expect(leastPods(sizing)).toBe(least);
		const isMissing = autoscaling === keda && !has;
		const warnings = isMissing ? [{ warning: "KedaMissing", path: "spec.proxy" }] : [];
		expect(kedaMissing(given, { keda: has }, "spec.proxy")).toEqual(warnings);
	});

	it("keeps the pods that KEDA left, until the spec's replicas are changed", () => {
		const of = (replicas: number) => {
			const sizing = sizingOf({ replicas, autoscaling: keda }, { keda: false });
			return podCount({ sizing, path: "spec", had: 5, observed: workload(5, "1") });
		};
		expect(of(1)).toMatchObject({ replicas: 5, before: "1", warnings: [{ warning: "ReplicasKept", kept: 5 }] });
		expect(of(3)).toEqual({ replicas: 3, warnings: [] });
	});
});
