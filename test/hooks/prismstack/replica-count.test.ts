import { describe, expect, it } from "vitest";
import { prismStack } from "../../../hooks/prismstack/index.ts";
import { conditionOf } from "../../../kube/conditions.ts";
import { valueAt } from "../../../kube/object.ts";
import { admitted, syncRequest, untilComplete } from "../../../kube/offline.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { INSTALLATION } from "../../installation.ts";
import { scaledTo } from "../../laws/scaling.ts";
import { NOW, object } from "../situations.ts";

// Proxies whose count an autoscaler moves.

const contextWith = (keda: boolean) => ({
	now: NOW,
	installation: { ...INSTALLATION, keda },
});

const HPA = { minReplicas: 2, maxReplicas: 6, targetCPUUtilizationPercentage: 70 };
const KEDA = { minReplicas: 3, maxReplicas: 6, scaler: "keda", triggers: [{ type: "kafka", metadata: {} }] };

interface Answer {
	readonly children: readonly KubeObject[];
	readonly status: unknown;
}

/** What the stack's hook answers, for good or to children as they are given. */
const answerTo = (
	proxy: Record<string, unknown>,
	{ keda = false, status, observed }: { keda?: boolean; status?: unknown; observed?: readonly KubeObject[] } = {},
): Answer => {
	const given = { ...object("PrismStack", { proxy }), ...(status !== undefined && { status }) };
	const parent = admitted(prismStack.parent, given, NOW);
	const request = syncRequest(parent, prismStack.children, observed ?? [], []);
	const sync = (asked: typeof request) => prismStack.sync(asked, contextWith(keda));
	return observed === undefined ? untilComplete(request, sync) : sync(request);
};

const proxies = ({ children }: Answer) =>
	children.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === "it-proxy");
const countOf = (answer: Answer): unknown => valueAt(proxies(answer), "spec", "replicas");
const scalers = ({ children }: Answer): string[] =>
	children.filter(({ spec }) => valueAt(spec, "scaleTargetRef") !== undefined).map(({ kind }) => kind);
const warningOf = ({ status }: Answer): string =>
	conditionOf({ status } as unknown as KubeObject, "Warning")?.message ?? "";
const readyOf = ({ status }: Answer) => conditionOf({ status } as unknown as KubeObject, "Ready");

/** The children with the record of Metacontroller of what it applied. */
const applied = (children: readonly KubeObject[]): KubeObject[] =>
	children.map((child) => ({
		...child,
		metadata: {
			...child.metadata,
			annotations: {
				...child.metadata.annotations,
				"metacontroller.k8s.io/last-applied-configuration": JSON.stringify(child),
			},
		},
	}));

describe("proxies with autoscaling", () => {
	it("have a HorizontalPodAutoscaler of their Deployment, and begin within its bounds", () => {
		const answer = answerTo({ replicas: 1, autoscaling: HPA });
		const scaler = answer.children.find(({ kind }) => kind === "HorizontalPodAutoscaler");
		expect(scaler?.metadata.name).toBe("it-proxy");
		expect(scaler?.["spec"]).toEqual({
			scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "it-proxy" },
			minReplicas: 2,
			maxReplicas: 6,
			metrics: [
				{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
			],
		});
		expect(countOf(answer)).toBe(2);
		expect(proxies(answer)?.metadata.annotations).toMatchObject({ "prism.io/replicas-before-autoscaling": "1" });
	});

	it("have a ScaledObject where the installation has KEDA", () => {
		const answer = answerTo({ autoscaling: KEDA }, { keda: true });
		expect(scalers(answer)).toEqual(["ScaledObject"]);
		expect(countOf(answer)).toBe(3);
		expect(warningOf(answer)).not.toContain("keda");
	});

	it("run unscaled where it has none: as many as the spec says, and at least minReplicas", () => {
		for (const [replicas, count] of [
			[1, 3],
			[4, 4],
			[9, 6],
		]) {
			const answer = answerTo({ replicas, autoscaling: KEDA });
			expect(scalers(answer)).toEqual([]);
			expect(countOf(answer)).toBe(count);
			expect(warningOf(answer)).toContain('spec.proxy.autoscaling.scaler is "keda", and this installation has no KEDA');
		}
	});

	it.each([
		[0, 2],
		[4, 4],
		[9, 6],
	])("that are scaled to %d are sent with %d", (there, sent) => {
		const settled = answerTo({ replicas: 1, autoscaling: HPA });
		const observed = scaledTo(settled.children, there);
		const answer = answerTo({ replicas: 1, autoscaling: HPA }, { observed });
		expect(countOf(answer)).toBe(sent);
		// The count is no change of what runs.
		expect(proxies(answer)?.metadata.annotations?.["prism.io/desired-hash"]).toBe(
			proxies(settled)?.metadata.annotations?.["prism.io/desired-hash"],
		);
	});

	it("are Ready at the count that the autoscaler chose, and not before these are available", () => {
		const settled = answerTo({ replicas: 1, autoscaling: HPA });
		const observed = scaledTo(settled.children, 4);
		const late = observed.map((child) =>
			child.kind === "Deployment"
				? { ...child, status: { ...(child["status"] as object), readyReplicas: 3, availableReplicas: 3 } }
				: child,
		);
		const all = answerTo({ replicas: 1, autoscaling: HPA }, { observed });
		expect(valueAt(all.status, "proxy", "summary")).toBe("4/4");
		expect(readyOf(all)?.status).toBe("True");
		const some = answerTo({ replicas: 1, autoscaling: HPA }, { observed: late });
		expect(readyOf(some)?.status).toBe("False");
	});

	it("that are created again begin with as many as there were", () => {
		const status = { proxy: { desired: 5, ready: 5, summary: "5/5" } };
		expect(countOf(answerTo({ replicas: 1, autoscaling: HPA }, { status }))).toBe(5);
	});

	it("stay as many as they are when it is switched off, until replicas are changed", () => {
		const on = answerTo({ replicas: 1, autoscaling: HPA });
		const moved = answerTo({ replicas: 1, autoscaling: HPA }, { observed: applied(scaledTo(on.children, 5)) });
		const observed = applied(moved.children);
		const off = answerTo({ replicas: 1 }, { observed });
		expect(countOf(off)).toBe(5);
		expect(warningOf(off)).toContain("spec.proxy.replicas is 1, and 5 pods are kept");
		expect(countOf(answerTo({ replicas: 3 }, { observed }))).toBe(3);
		const ignored = answerTo({ replicas: 3, autoscaling: HPA }, { observed });
		expect(countOf(ignored)).toBe(5);
		expect(warningOf(ignored)).toContain("spec.proxy.replicas was set to 3, without effect");
	});

	it("warn of a share of requests that there are none of, with the field to set", () => {
		expect(warningOf(answerTo({ autoscaling: HPA }))).toContain(
			"spec.proxy.autoscaling.targetCPUUtilizationPercentage is a share of the pods' requests, and they request no cpu: set spec.proxy.resources.requests.cpu",
		);
		expect(warningOf(answerTo({ autoscaling: HPA, resources: { requests: { cpu: "1" } } }))).toBe("");
	});

	it("quote an autoscaler that does not act", () => {
		const settled = answerTo({ autoscaling: HPA });
		const observed = settled.children.map((child) =>
			child.kind === "HorizontalPodAutoscaler"
				? { ...child, status: { conditions: [{ type: "ScalingActive", status: "False", reason: "FailedGetMetrics" }] } }
				: child,
		);
		expect(warningOf(answerTo({ autoscaling: HPA }, { observed }))).toContain(
			"HorizontalPodAutoscaler it-proxy does not scale: FailedGetMetrics",
		);
	});

	it("are replaced one by one by the least number that there may be", () => {
		const apart = {
			podAntiAffinity: {
				requiredDuringSchedulingIgnoredDuringExecution: [
					{ topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "prism-proxy" } } },
				],
			},
		};
		const of = (minReplicas: number) =>
			valueAt(
				proxies(answerTo({ replicas: 3, runnerSpec: { affinity: apart }, autoscaling: { ...HPA, minReplicas } })),
				"spec",
				"strategy",
				"rollingUpdate",
				"maxUnavailable",
			);
		expect([of(1), of(2)]).toEqual([0, 1]);
	});
});

describe("a container's metric", () => {
	it("is a share of the proxy's own requests only where it is the proxy's container", () => {
		const of = (container: string) =>
			warningOf(
				answerTo({
					autoscaling: {
						maxReplicas: 3,
						metrics: [
							{
								type: "ContainerResource",
								containerResource: {
									name: "memory",
									container,
									target: { type: "Utilization", averageUtilization: 70 },
								},
							},
						],
					},
				}),
			);
		expect(of("prism-proxy")).toContain("spec.proxy.autoscaling.metrics[0].containerResource.target");
		// Admission may add it: the autoscaler is made, and somebody who misspelled the name hears of it.
		expect(of("mesh")).toBe(
			"spec.proxy.autoscaling.metrics[0].containerResource.container is mesh, which is not among the pods' containers: prism-proxy",
		);
	});
});

it("a stack without autoscaling has no autoscaler", () => {
	const answer = answerTo({ replicas: 2 });
	expect(scalers(answer)).toEqual([]);
	expect(proxies(answer)?.metadata.annotations).not.toHaveProperty("prism.io/replicas-before-autoscaling");
});
