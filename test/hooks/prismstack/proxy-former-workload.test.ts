import { expect, it } from "vitest";
import { proxyDeployment } from "../../../hooks/prismstack/proxy-deployment.ts";
import { proxyFormerWorkload } from "../../../hooks/prismstack/proxy-former-workload.ts";
import { proxyStatefulSet } from "../../../hooks/prismstack/proxy-statefulset.ts";
import { countOf } from "../../../kube/rollout.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { planned, seeing } from "./planned.ts";

const APART = {
	podAntiAffinity: {
		requiredDuringSchedulingIgnoredDuringExecution: [
			{ topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "prism-proxy" } } },
		],
	},
};
const planOf = (workload: string, more: Record<string, unknown> = {}) =>
	planned({ proxy: { workload, replicas: 3 }, ...more });

const there = (child: KubeObject | undefined, available: number): KubeObject => {
	if (child === undefined) throw new Error("no workload");
	return { ...child, status: { availableReplicas: available } };
};
const deploymentOf = (replicas: number): KubeObject =>
	there(proxyDeployment(planned({ proxy: { replicas } }), seeing()), replicas);
const setOf = (available: number): KubeObject => there(proxyStatefulSet(planOf("StatefulSet"), seeing()), available);

/** Pods of the former workload that are kept; undefined: it goes. */
const keptOf = (plan: ReturnType<typeof planned>, ...observed: KubeObject[]) => {
	const child = proxyFormerWorkload(plan, seeing(...observed));
	return child && countOf(child["spec"], "replicas");
};

it("is none where the proxies never moved", () => {
	expect(keptOf(planOf("Deployment"), deploymentOf(3))).toBeUndefined();
	expect(keptOf(planOf("StatefulSet"), setOf(3))).toBeUndefined();
});

it("stays as it is until the new one is there", () => {
	const before = deploymentOf(3);
	expect(proxyFormerWorkload(planOf("StatefulSet"), seeing(before))?.["spec"]).toEqual(before["spec"]);
	expect(keptOf(planOf("StatefulSet", { affinity: APART }), before)).toBe(3);
});

it.each([
	{ available: 0, kept: 3 },
	{ available: 1, kept: 2 },
	{ available: 2, kept: 1 },
	{ available: 3, kept: undefined },
])("keeps $kept pods beside $available new ones that are available", ({ available, kept }) => {
	expect(keptOf(planOf("StatefulSet"), deploymentOf(3), setOf(available))).toBe(kept);
});

it.each([
	{ available: 0, kept: 2 },
	{ available: 1, kept: 1 },
	{ available: 2, kept: undefined },
])("makes room where pods are kept apart: $kept beside $available", ({ available, kept }) => {
	expect(keptOf(planOf("StatefulSet", { affinity: APART }), deploymentOf(3), setOf(available))).toBe(kept);
});

it("never grows again", () => {
	expect(keptOf(planOf("StatefulSet"), deploymentOf(1), setOf(0))).toBe(1);
	expect(keptOf(planOf("StatefulSet"), deploymentOf(0), setOf(0))).toBeUndefined();
});

it("counts on no pod that is not available, unless there may be no room for the new ones", () => {
	const broken = there(deploymentOf(3), 2);
	expect(keptOf(planOf("StatefulSet"), broken, setOf(1))).toBe(3);
	expect(keptOf(planOf("StatefulSet"), broken, setOf(2))).toBe(2);
	expect(keptOf(planOf("StatefulSet"), broken, setOf(3))).toBeUndefined();
	expect(keptOf(planOf("StatefulSet", { affinity: APART }), broken, setOf(0))).toBe(2);
});

it("is sent as changed while it shrinks, and no more after that", () => {
	const hashOf = (...observed: KubeObject[]) =>
		proxyFormerWorkload(planOf("StatefulSet"), seeing(...observed))?.metadata.annotations?.["prism.io/desired-hash"];
	const before = deploymentOf(3);
	expect(hashOf(before, setOf(0))).toBe(before.metadata.annotations?.["prism.io/desired-hash"]);
	const smaller = proxyFormerWorkload(planOf("StatefulSet"), seeing(before, setOf(1)));
	expect(smaller?.metadata.annotations?.["prism.io/desired-hash"]).toMatch(/^[0-9a-f]{16}$/);
	expect(proxyFormerWorkload(planOf("StatefulSet"), seeing(there(smaller, 2), setOf(1)))).toEqual(smaller);
	// Its own controller counts later.
	expect(proxyFormerWorkload(planOf("StatefulSet"), seeing(there(smaller, 3), setOf(1)))).toEqual(smaller);
});

it("shrinks on the way back as well", () => {
	expect(keptOf(planOf("Deployment"), setOf(3), there(deploymentOf(3), 1))).toBe(2);
});

it("is left to go once it goes", () => {
	const going = deploymentOf(3);
	const { metadata } = going;
	const gone = { ...going, metadata: { ...metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } };
	expect(keptOf(planOf("StatefulSet"), gone, setOf(0))).toBeUndefined();
});
