import { headlessService, type Service } from "../../kube/children/service.ts";
import { childMetadata } from "../../kube/object.ts";
import type { ShardPlan } from "./plan.ts";

/** Addresses of the pods themselves, each with an admin API and metrics of its own. */
export const shardHeadlessService = (plan: ShardPlan): Service =>
	headlessService({
		metadata: childMetadata(plan, plan.names.headless),
		selector: plan.selector,
		ports: plan.ports.filter(({ name }) => name !== "grpc"),
	});
