import { autoscalerWarnings, scalingInactive } from "../../kube/availability.ts";
import { observedOf, valueAt } from "../../kube/object.ts";
import { defaultResources, withDefaultResources } from "../../kube/resources.ts";
import { countOf } from "../../kube/rollout.ts";
import { kedaMissing, type PodCount, podCount } from "../../kube/scaling.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Warning } from "../../schemas/findings/finding.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import { containerName, type StackPlan } from "./plan.ts";

// How many proxies there are, and what moves that.

const PATH = "spec.proxy";

/** How many proxies the stack is to have. */
export const proxyCount = (plan: StackPlan, request: CompositeRequest): PodCount =>
	podCount({
		sizing: plan.proxy.sizing,
		path: PATH,
		had: countOf(valueAt(request.parent["status"], "proxy"), "desired"),
		observed: observedProxies(plan, request),
	});

/** The proxies' workload, as it is there. */
export const observedProxies = (
	{ proxy: { name }, namespace }: StackPlan,
	{ children }: CompositeRequest,
): KubeObject | undefined =>
	observedOf(children, { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace } });

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
