import { describe, expect, it } from "vitest";
import { givenAffinity, type Placeable, type PlacedPods, placementOf } from "../../kube/placement-strategies.ts";
import { idleAntiAffinity } from "../../kube/selectors.ts";
import { type RunnerSpec, STRATEGIES, type Strategy } from "../../schemas/scheduling.ts";

const PROXY: PlacedPods = { app: "prism-proxy", pattern: "proxy" };
const ADMIN: PlacedPods = { app: "prism-admin", pattern: "admin" };
const RUNNER: PlacedPods = { app: "prism", pattern: "keyvalue" };

const GIVEN: Required<RunnerSpec> = {
	nodeSelector: { pool: "a" },
	affinity: { podAffinity: {} },
	tolerations: [{ key: "a", operator: "Exists" }],
	resources: { requests: { cpu: 2 } },
	priorityClassName: "high",
	runtimeClassName: "gvisor",
	topologySpreadConstraints: [{ maxSkew: 2, topologyKey: "rack", whenUnsatisfiable: "ScheduleAnyway" }],
};

/** Where pods may run, in short: what they are kept to, prefer, keep away from, tolerate, and are spread over. */
const summary = (strategy: Strategy, pods: PlacedPods): string[] => {
	const { affinity, tolerations = [], topologySpreadConstraints = [] } = placementOf({ placement: { strategy } }, pods);
	const { nodeAffinity, podAntiAffinity } = affinity ?? {};
	const matched = (terms: readonly { key: string; values?: readonly string[] }[] = []) =>
		terms.map(({ key, values = [] }) => `${key}=${values.join("|")}`).join(",");
	return [
		...(nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []).map(
			({ matchExpressions }) => `on ${matched(matchExpressions)}`,
		),
		...(nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
			({ preference }) => `rather on ${matched(preference.matchExpressions)}`,
		),
		...(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(
			({ labelSelector, topologyKey }) => `away from ${matched(labelSelector?.matchExpressions)} by ${topologyKey}`,
		),
		...tolerations.map(({ key = "", value = "", effect = "" }) => `tolerates ${key}=${value}:${effect}`),
		...topologySpreadConstraints.map(
			({ maxSkew, topologyKey, whenUnsatisfiable }) => `${maxSkew} over ${topologyKey}, ${whenUnsatisfiable}`,
		),
	];
};

const ZONE = "1 over topology.kubernetes.io/zone, DoNotSchedule";
const HOST = "1 over kubernetes.io/hostname, ScheduleAnyway";

describe("strategies", () => {
	it.each([
		[
			"ControlPlaneIsolation",
			ADMIN,
			["rather on role=prism-control-plane", "away from app=prism-proxy|prism by kubernetes.io/hostname"],
		],
		["ControlPlaneIsolation", PROXY, ["away from app=prism-admin by kubernetes.io/hostname"]],
		["ControlPlaneIsolation", RUNNER, ["away from app=prism-admin by kubernetes.io/hostname"]],
		[
			"DataPlaneOptimization",
			PROXY,
			["rather on tier=data-plane", "tolerates workload-type=data-intensive:NoSchedule"],
		],
		[
			"PatternSpecific",
			RUNNER,
			["rather on prism.io/pattern=keyvalue", "tolerates prism.io/pattern=keyvalue:NoSchedule"],
		],
		[
			"CostOptimization",
			RUNNER,
			[
				"rather on node-lifecycle=spot",
				"rather on karpenter.sh/capacity-type=spot",
				"rather on eks.amazonaws.com/capacityType=SPOT",
				"rather on cloud.google.com/gke-spot=true",
				"rather on kubernetes.azure.com/scalesetpriority=spot",
				"tolerates node-lifecycle=spot:NoSchedule",
				"tolerates kubernetes.azure.com/scalesetpriority=spot:NoSchedule",
			],
		],
		["MultiZone", PROXY, [ZONE, HOST]],
		["MultiRegion", PROXY, ["1 over topology.kubernetes.io/region, DoNotSchedule", ZONE, HOST]],
		["DedicatedNodes", PROXY, ["on node-type=prism-proxy", "tolerates dedicated=prism-proxy:NoSchedule"]],
		["DedicatedNodes", RUNNER, ["on node-type=prism-runner", "tolerates dedicated=prism-runner:NoSchedule"]],
	] as const)("%s of %o", (strategy, pods, fields) => {
		expect(summary(strategy, pods)).toEqual(fields);
	});

	it.each(STRATEGIES)("%s gives way to each field that is set", (strategy) => {
		const { affinity: preset } = placementOf({ placement: { strategy } }, PROXY);
		expect(placementOf({ placement: { strategy, ...GIVEN } }, PROXY)).toEqual({
			...GIVEN,
			affinity: { ...preset, ...GIVEN.affinity },
		});
		const parts = { nodeAffinity: {}, podAffinity: {}, podAntiAffinity: {} };
		expect(placementOf({ placement: { strategy, affinity: parts } }, PROXY).affinity).toEqual(parts);
		const own = placementOf({ placement: { strategy } }, PROXY);
		expect(placementOf({ placement: { strategy, topologySpreadConstraints: [] } }, PROXY)).toEqual({
			...own,
			topologySpreadConstraints: [],
		});
	});

	it.each(STRATEGIES)("%s is not warned of as somebody's idle anti-affinity", (strategy) => {
		const { affinity } = givenAffinity({ placement: { strategy } });
		expect(idleAntiAffinity(affinity, { app: "prism-admin" })).toEqual([]);
	});
});

describe("placement", () => {
	it("gives the same fields as runnerSpec", () => {
		const around: Placeable = { resources: { limits: { cpu: 1 } }, affinity: { nodeAffinity: {} } };
		for (const given of [GIVEN, { nodeSelector: { a: "b" } }, {}])
			expect(placementOf({ ...around, placement: given }, PROXY)).toEqual(
				placementOf({ ...around, runnerSpec: given }, PROXY),
			);
	});

	it("has the affinity and the resources beside it where it has none", () => {
		const affinity = { nodeAffinity: {} };
		const resources = { limits: { cpu: 1 } };
		const placement = { strategy: "DedicatedNodes" } as const;
		expect(placementOf({ affinity, resources, placement }, PROXY)).toMatchObject({ affinity, resources });
		expect(placementOf({ affinity, resources, placement: GIVEN }, PROXY)).toEqual(GIVEN);
	});

	it("names the field of an affinity", () => {
		expect(givenAffinity({ placement: GIVEN })).toEqual({ affinity: GIVEN.affinity, field: "placement.affinity" });
		expect(givenAffinity({ runnerSpec: GIVEN })).toEqual({ affinity: GIVEN.affinity, field: "runnerSpec.affinity" });
	});
});
