import { type Service, service } from "../../kube/children/service.ts";
import { childMetadata } from "../../kube/object.ts";
import type { RunnerPlan } from "./plan.ts";

/** Where clients reach the runner, unless spec.service.type is None. */
export const runnerService = (plan: RunnerPlan): Service | undefined => {
	const { type, annotations } = plan.spec.service;
	if (type === "None") return undefined;
	return service({
		metadata: childMetadata(plan, plan.name, annotations),
		type,
		selector: plan.selector,
		// A Service that reaches beyond the cluster has the port for clients, not the metrics of the runner.
		ports: type === "ClusterIP" ? plan.ports : plan.ports.filter(({ name }) => name === "grpc"),
		exposure: plan.spec.service,
	});
};
