import { type Autoscaler, autoscaler } from "../../kube/autoscaler.ts";
import { componentMetadata, type Seen, type StackPlan } from "./plan.ts";
import { observedFormerProxies } from "./replica-count.ts";

/**
 * What moves the count of proxies; undefined: nothing does. There is none while they move to another workload: the selector of either
 * one matches the pods of both, so an autoscaler would count them all for the new one. Bounds would not do: a HorizontalPodAutoscaler
 * remembers what it would have set, and sets that afterwards (measured).
 */
export const proxyAutoscaler = (plan: StackPlan, { request }: Seen): Autoscaler | undefined => {
	const { proxy } = plan;
	const { autoscaling } = proxy.sizing;
	if (autoscaling === undefined || observedFormerProxies(plan, request) !== undefined) return undefined;
	return autoscaler(componentMetadata(plan, proxy), proxy.workload.name, autoscaling, proxy.workload.kind);
};
