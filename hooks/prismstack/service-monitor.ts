import { type ServiceMonitor, serviceMonitor } from "../../kube/children/service-monitor.ts";
import { componentMetadata, metricsPortName, type StackPlan } from "./plan.ts";

/** Where the cluster has the Prometheus operator: scrape proxy, admin and runners of this stack. */
export const stackServiceMonitor = (plan: StackPlan): ServiceMonitor | undefined =>
	plan.serviceMonitor
		? serviceMonitor(componentMetadata(plan, plan.proxy, plan.name), { stack: plan.name }, metricsPortName(plan.proxy))
		: undefined;
