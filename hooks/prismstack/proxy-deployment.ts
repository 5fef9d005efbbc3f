import { leastPods } from "../../kube/scaling.ts";
import { keepsApart } from "../../kube/selectors.ts";
import type { Deployment } from "../../kube/types.ts";
import { deployment } from "../../kube/workload.ts";
import type { Seen, StackPlan } from "./plan.ts";
import { proxyPods } from "./proxy-pods.ts";

/** Seconds that a new proxy gets to receive its namespaces, which the operator pushes once the proxy is ready. */
const TELLING_SECONDS = 5;

/** The proxies. */
export const proxyDeployment = (plan: StackPlan, seen: Seen): Deployment => {
	const { proxy, admin } = plan;
	return deployment({
		...proxyPods(plan, seen),
		replacesInPlace: leastPods(proxy.sizing) > 1 && keepsApart(proxy.placement.affinity, proxy.labels),
		minReadySeconds: admin === undefined ? TELLING_SECONDS : undefined,
	});
};
