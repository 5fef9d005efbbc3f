import { registration } from "../../kube/registration.ts";
import { defaultResources } from "../../kube/resources.ts";
import { afterLeaving, afterLeavingWithin } from "../../kube/termination.ts";
import { componentPods, type Pods } from "./component-pods.ts";
import { controlPlaneOf } from "./control-plane.ts";
import type { Seen, StackPlan } from "./plan.ts";
import { proxyConfiguration } from "./proxy-config-map.ts";
import { observedProxies, proxyCount } from "./scaling.ts";

/** The pods of the proxies. */
export const proxyPods = (plan: StackPlan, seen: Seen): Pods => {
	const { proxy, installation, restartedAt } = plan;
	const there = observedProxies(plan, seen.request);
	const byDefault = defaultResources(there, installation, restartedAt);
	const { terminationGracePeriodSeconds: seconds } = proxy.spec;
	return componentPods(plan, proxy, {
		there,
		byDefault,
		replicas: proxyCount(plan, seen.request).replicas,
		settings: proxyConfiguration(plan, seen),
		container: {
			...registration({ installation, byDefault, controlPlane: controlPlaneOf(plan, seen) }),
			ports: proxy.ports,
			mounts: [],
		},
		termination: byDefault === undefined ? afterLeavingWithin(seconds) : afterLeaving(seconds, installation),
	});
};
