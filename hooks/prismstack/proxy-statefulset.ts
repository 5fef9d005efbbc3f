import { type StatefulSet, statefulSet } from "../../kube/children/statefulset.ts";
import type { Seen, StackPlan } from "./plan.ts";
import { proxyPods } from "./proxy-pods.ts";

/** Proxies that keep their names, and so the ids with which they register; undefined: they need not. */
export const proxyStatefulSet = (plan: StackPlan, seen: Seen): StatefulSet | undefined => {
	const { workload, headless } = plan.proxy;
	return workload.kind === "StatefulSet" ? statefulSet({ ...proxyPods(plan, seen), serviceName: headless }) : undefined;
};
