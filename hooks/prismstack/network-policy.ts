import { type GuardedPort, type NetworkPolicy, networkPolicy } from "../../kube/children/network-policy.ts";
import { type ComponentPlan, componentMetadata, RAFT_PORT, type StackPlan } from "./plan.ts";

/** Who may reach the proxies, or the control plane, which serves nothing but its admin API; undefined: everybody. */
export const componentPolicy = (plan: StackPlan, own: ComponentPlan): NetworkPolicy | undefined => {
	const sibling = own.component === "proxy" ? plan.admin : plan.proxy;
	return networkPolicy({
		metadata: componentMetadata(plan, own),
		selector: own.selector,
		spec: plan.spec.networkPolicy,
		ports: [
			...own.ports.map(({ name, port }): GuardedPort => {
				if (name === "metrics") return { port, audience: "metrics" };
				return { port, audience: name === "admin" || own.component === "admin" ? "admin" : "clients" };
			}),
			...(own.ports.some(({ name }) => name === "metrics") || plan.metricsPort === undefined
				? []
				: [{ port: plan.metricsPort, audience: "metrics" } as const]),
			...(own.records?.members === undefined ? [] : [{ port: RAFT_PORT.port, audience: "own" } as const]),
		],
		siblings: sibling === undefined ? [] : [sibling.selector],
		installation: plan.installation,
	});
};
