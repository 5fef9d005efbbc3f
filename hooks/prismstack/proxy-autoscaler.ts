import { type Autoscaler, autoscaler } from "../../kube/autoscaler.ts";
import { componentMetadata, type StackPlan } from "./plan.ts";

/** What moves the count of proxies; undefined: nothing does. */
export const proxyAutoscaler = (plan: StackPlan): Autoscaler | undefined => {
	const { proxy } = plan;
	const { autoscaling } = proxy.sizing;
	return (
		autoscaling && autoscaler(componentMetadata(plan, proxy), proxy.workload.name, autoscaling, proxy.workload.kind)
	);
};
