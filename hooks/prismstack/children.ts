import { observedOf, stamped, withoutReplicas, withoutSpec } from "../../kube/object.ts";
import { remembering } from "../../kube/replica-count.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";
import { adminConfigMap } from "./admin-config-map.ts";
import { adminDeployment } from "./admin-deployment.ts";
import { adminStatefulSet } from "./admin-statefulset.ts";
import { backendConfigChild } from "./backend-config.ts";
import { componentHeadlessService } from "./headless-service.ts";
import { componentPolicy } from "./network-policy.ts";
import { patternRunnerChild } from "./pattern-runner.ts";
import type { ComponentPlan, Seen, StackPlan } from "./plan.ts";
import { componentBudget } from "./pod-disruption-budget.ts";
import { prismNamespaceChild } from "./prism-namespace.ts";
import { stackRoster } from "./prism-roster.ts";
import { proxyAutoscaler } from "./proxy-autoscaler.ts";
import { proxyConfigMap } from "./proxy-config-map.ts";
import { proxyDeployment } from "./proxy-deployment.ts";
import { proxyFormerWorkload } from "./proxy-former-workload.ts";
import { proxyStatefulSet } from "./proxy-statefulset.ts";
import { proxyCount } from "./replica-count.ts";
import { componentService } from "./service.ts";
import { stackServiceMonitor } from "./service-monitor.ts";

/** All children of a stack, as they are to be sent. */
export const childrenOf = (plan: StackPlan, seen: Seen): KubeObject[] => {
	const { proxy, admin, spec } = plan;
	const observed = seen.request.children;
	const children = [
		proxyDeployment(plan, seen),
		proxyStatefulSet(plan, seen),
		componentService(plan, proxy),
		proxyConfigMap(plan, seen),
		componentBudget(plan, proxy),
		componentPolicy(plan, proxy),
		proxyAutoscaler(plan, seen),
		componentHeadlessService(plan, proxy),
		stackServiceMonitor(plan),
		...(admin === undefined ? [] : adminChildren(plan, admin, seen)),
		...(spec.patterns ?? []).map((pattern) => patternRunnerChild(plan, pattern, observed)),
		...(spec.backends ?? []).map((backend) => backendConfigChild(plan, backend, observed)),
		stackRoster(plan, seen),
		...(spec.namespaces ?? []).map((entry) => prismNamespaceChild(plan, entry, observed)),
	]
		.filter((child) => child !== undefined)
		.map((child) => rememberingCount(plan, seen, stamped(child, DESIRED_HASH_ANNOTATION, fixedFor(plan, child))));
	const former = proxyFormerWorkload(plan, seen);
	return former === undefined ? children : [...children, former];
};

const adminChildren = (plan: StackPlan, admin: ComponentPlan, seen: Seen): (KubeObject | undefined)[] => [
	adminDeployment(plan, admin, seen),
	adminStatefulSet(plan, admin, seen),
	componentService(plan, admin),
	componentHeadlessService(plan, admin),
	adminConfigMap(plan, admin, seen),
	componentBudget(plan, admin),
	componentPolicy(plan, admin),
];

/** Claims of a StatefulSet can't be changed: it goes on with those that it has. An autoscaler owns the count of proxies. */
const fixedFor = ({ proxy }: StackPlan, child: KubeObject) =>
	isProxies(proxy, child) && proxy.sizing.autoscaling !== undefined
		? withoutReplicas
		: withoutSpec("volumeClaimTemplates");

const isProxies = ({ workload }: ComponentPlan, { kind, metadata: { name } }: KubeObject): boolean =>
	kind === workload.kind && name === workload.name;

const rememberingCount = (plan: StackPlan, { request }: Seen, child: KubeObject): KubeObject =>
	isProxies(plan.proxy, child)
		? remembering(child, proxyCount(plan, request), observedOf(request.children, child))
		: child;
