import { type Service, service } from "../../kube/children/service.ts";
import { childMetadata } from "../../kube/object.ts";
import type { ShardPlan } from "./plan.ts";

/** Clients' port, and nothing else: what reaches beyond the cluster must not offer the admin API or metrics. */
export const shardService = (plan: ShardPlan): Service => {
	const { type, annotations } = plan.spec.exposure;
	return service({
		metadata: childMetadata(plan, plan.names.base, type === "Ingress" ? undefined : annotations),
		type: type === "LoadBalancer" ? "LoadBalancer" : "ClusterIP",
		selector: plan.selector,
		ports: plan.ports.filter(({ name }) => name === "grpc"),
		exposure: plan.spec.exposure,
	});
};
