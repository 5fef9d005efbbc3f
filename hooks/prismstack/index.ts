import { concluded, frozenChildren } from "../../kube/answer.ts";
import type { CompositeRow } from "../../kube/hook.ts";
import { readObject } from "../../kube/read.ts";
import { isRefusal } from "../../kube/refusal.ts";
import type { Context } from "../../schemas/installation.ts";
import type { CompositeRequest, CompositeResponse } from "../../schemas/metacontroller.ts";
import { PrismStack } from "../../schemas/prismstack.ts";
import { API_VERSION, PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { childrenOf } from "./children.ts";
import { planStack } from "./plan.ts";
import { statusFields, verdictOf } from "./status.ts";

const sync = (request: CompositeRequest, context: Context): CompositeResponse => {
	const stack = readObject(PrismStack, request.parent);
	const plan = isRefusal(stack) ? stack : planStack(stack, context);
	const children = isRefusal(plan) ? frozenChildren(request) : childrenOf(plan);
	return concluded({
		request,
		now: context.now,
		children,
		verdict: verdictOf(plan, children, request.children),
		warnings: isRefusal(plan) ? [] : plan.warnings,
		status: statusFields(request.parent, children, request.children),
		pauseAnnotation: PAUSED_ANNOTATION,
	});
};

export const prismStack: CompositeRow = {
	type: "composite",
	name: "prismstack",
	parent: PrismStack,
	children: [
		{ apiVersion: "apps/v1", resource: "deployments", kind: "Deployment" },
		{ apiVersion: "v1", resource: "services", kind: "Service" },
		{ apiVersion: "v1", resource: "configmaps", kind: "ConfigMap" },
		{ apiVersion: "policy/v1", resource: "poddisruptionbudgets", kind: "PodDisruptionBudget" },
		{ apiVersion: API_VERSION, resource: "patternrunners", kind: "PatternRunner" },
		{ apiVersion: API_VERSION, resource: "backendconfigs", kind: "BackendConfig" },
		{
			apiVersion: "monitoring.coreos.com/v1",
			resource: "servicemonitors",
			kind: "ServiceMonitor",
			onlyWith: "serviceMonitors",
		},
	],
	sync,
};
