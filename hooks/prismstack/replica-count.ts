import type { ScaleTarget } from "../../kube/children/horizontal-pod-autoscaler.ts";
import { observedOf, valueAt } from "../../kube/object.ts";
import { type PodCount, podCount } from "../../kube/replica-count.ts";
import { countOf } from "../../kube/rollout.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import { type StackPlan, workloadOf } from "./plan.ts";

// How many proxies there are, and what moves that.

/** Path of the fields that decide the count. */
export const PATH = "spec.proxy";

/** How many proxies the stack is to have. */
export const proxyCount = (plan: StackPlan, request: CompositeRequest): PodCount =>
	podCount({
		sizing: plan.proxy.sizing,
		path: PATH,
		had: countOf(valueAt(request.parent["status"], "proxy"), "desired"),
		// Proxies that move are as many as before.
		observed: observedProxies(plan, request) ?? observedFormerProxies(plan, request),
	});

/** The proxies' workload, as it is there. */
export const observedProxies = ({ proxy, namespace }: StackPlan, request: CompositeRequest): KubeObject | undefined =>
	observedWorkload(proxy.workload, namespace, request);

/** The workload of the other kind, which ran the proxies before spec.proxy.workload was changed. */
export const observedFormerProxies = (
	{ proxy, name, namespace }: StackPlan,
	request: CompositeRequest,
): KubeObject | undefined => {
	const other = proxy.workload.kind === "Deployment" ? "StatefulSet" : "Deployment";
	return observedWorkload(workloadOf(name, "proxy", other), namespace, request);
};

const observedWorkload = ({ kind, name }: ScaleTarget, namespace: string, { children }: CompositeRequest) =>
	observedOf(children, { apiVersion: "apps/v1", kind, metadata: { name, namespace } });
