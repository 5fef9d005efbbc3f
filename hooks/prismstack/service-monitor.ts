import type { ServiceMonitor } from "../../kube/types.ts";
import { componentMetadata, metricsPortName, type StackPlan } from "./plan.ts";

/** Where the cluster has the Prometheus operator: scrape proxy, admin and runners of this stack. */
export const stackServiceMonitor = (plan: StackPlan): ServiceMonitor | undefined =>
	plan.serviceMonitor
		? {
				apiVersion: "monitoring.coreos.com/v1",
				kind: "ServiceMonitor",
				metadata: componentMetadata(plan, plan.proxy, plan.name),
				spec: {
					selector: { matchLabels: { stack: plan.name } },
					endpoints: [{ port: metricsPortName(plan.proxy), path: "/metrics" }],
				},
			}
		: undefined;
