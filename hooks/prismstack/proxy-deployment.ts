import { type Deployment, deployment } from "../../kube/children/deployment.ts";
import type { Seen, StackPlan } from "./plan.ts";
import { keptApart, proxyPods } from "./proxy-pods.ts";

/** Proxies of which any one is as good as another; undefined: each keeps its name. */
export const proxyDeployment = (plan: StackPlan, seen: Seen): Deployment | undefined =>
	plan.proxy.workload.kind === "Deployment"
		? deployment({ ...proxyPods(plan, seen), replacesInPlace: keptApart(plan.proxy) })
		: undefined;
