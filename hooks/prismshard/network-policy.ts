import { type NetworkPolicy, networkPolicy } from "../../kube/children/network-policy.ts";
import { childMetadata } from "../../kube/object.ts";
import type { ShardPlan } from "./plan.ts";

/** Who may reach the proxies, if spec.networkPolicy is enabled. */
export const shardPolicy = (plan: ShardPlan): NetworkPolicy | undefined => {
	const { port, adminPort, metricsPort, networkPolicy: spec } = plan.spec;
	return networkPolicy({
		metadata: childMetadata(plan, plan.names.base),
		selector: plan.selector,
		spec,
		ports: [
			{ port, audience: "clients" },
			{ port: adminPort, audience: "admin" },
			{ port: metricsPort, audience: "metrics" },
		],
		siblings: [],
		installation: plan.installation,
	});
};
