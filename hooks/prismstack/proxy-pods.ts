import { ofProxy } from "../../kube/pod-termination.ts";
import { registration } from "../../kube/registration.ts";
import { leastPods } from "../../kube/replica-count.ts";
import { defaultResources } from "../../kube/resources.ts";
import { keepsApart } from "../../kube/selectors.ts";
import { componentPods, type Pods } from "./component-pods.ts";
import { controlPlaneOf } from "./control-plane.ts";
import type { ProxyPlan, Seen, StackPlan } from "./plan.ts";
import { proxyConfiguration } from "./proxy-config-map.ts";
import { observedProxies, proxyCount } from "./replica-count.ts";

/** The pods of the proxies. */
export const proxyPods = (plan: StackPlan, seen: Seen): Pods => {
	const { proxy, installation, restartedAt } = plan;
	const there = observedProxies(plan, seen.request);
	const byDefault = defaultResources(there, installation, restartedAt);
	const { terminationGracePeriodSeconds: seconds } = proxy.spec;
	const pods = componentPods(plan, proxy, {
		there,
		byDefault,
		replicas: proxyCount(plan, seen.request).replicas,
		settings: proxyConfiguration(plan, seen),
		container: {
			...registration({ installation, byDefault, controlPlane: controlPlaneOf(plan, seen) }),
			ports: proxy.ports,
			mounts: [],
		},
		termination: ofProxy(seconds, installation, byDefault === undefined),
	});
	return { ...pods, minReadySeconds: plan.admin === undefined ? TELLING_SECONDS : undefined };
};

/** Seconds that a new proxy gets to receive its namespaces, which the operator pushes once the proxy is ready. */
const TELLING_SECONDS = 5;

/** Whether there may be no node for a new pod before an old one is gone. */
export const keptApart = ({ sizing, placement, labels }: ProxyPlan): boolean =>
	leastPods(sizing) > 1 && keepsApart(placement.affinity, labels);
