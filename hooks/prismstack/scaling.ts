import { autoscalerWarnings, scalingInactive } from "../../kube/availability.ts";
import type { ScaleTarget } from "../../kube/children/horizontal-pod-autoscaler.ts";
import { observedOf, valueAt } from "../../kube/object.ts";
import { defaultResources, withDefaultResources } from "../../kube/resources.ts";
import { countOf } from "../../kube/rollout.ts";
import { kedaMissing, type PodCount, podCount } from "../../kube/scaling.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Warning } from "../../schemas/findings/finding.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import { containerName, type StackPlan, workloadOf } from "./plan.ts";

// How many proxies there are, and what moves that.

const PATH = "spec.proxy";

/** How many proxies the stack is to have. */
export const proxyCount = (plan: StackPlan, request: CompositeRequest): PodCount =>
	podCount({
		sizing: plan.proxy.sizing,
		path: PATH,
		had: countOf(valueAt(request.parent["status"], "proxy"), "desired"),
		// Proxies that move are as many as before.
		observed: observedProxies(plan, request) ?? observedFormerProxies(plan, request),
	});

/** The proxies' workload, as it is there. */
export const observedProxies = ({ proxy, namespace }: StackPlan, request: CompositeRequest): KubeObject | undefined =>
	observedWorkload(proxy.workload, namespace, request);

/** The workload of the other kind, which ran the proxies before spec.proxy.workload was changed. */
export const observedFormerProxies = (
	{ proxy, name, namespace }: StackPlan,
	request: CompositeRequest,
): KubeObject | undefined => {
	const other = proxy.workload.kind === "Deployment" ? "StatefulSet" : "Deployment";
	return observedWorkload(workloadOf(name, "proxy", other), namespace, request);
};

const observedWorkload = ({ kind, name }: ScaleTarget, namespace: string, { children }: CompositeRequest) =>
	observedOf(children, { apiVersion: "apps/v1", kind, metadata: { name, namespace } });

export const scalingWarnings = (
	plan: StackPlan,
	children: readonly KubeObject[],
	request: CompositeRequest,
): Warning[] => {
	const { proxy, installation, restartedAt } = plan;
	const { autoscaling } = proxy.sizing;
	const byDefault = defaultResources(observedProxies(plan, request), installation, restartedAt);
	return [
		...kedaMissing(plan.spec.proxy, installation, PATH),
		...proxyCount(plan, request).warnings,
		...scalingInactive(children, request.children),
		...(autoscaling === undefined
			? []
			: autoscalerWarnings({
					autoscaling,
					resources: withDefaultResources(proxy.placement.resources, byDefault),
					container: containerName(proxy),
					path: PATH,
				})),
	];
};
