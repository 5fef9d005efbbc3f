import { concluded, frozenChildren } from "../../kube/answer.ts";
import type { CompositeRow } from "../../kube/hook.ts";
import { readObject } from "../../kube/read.ts";
import { isRefusal } from "../../kube/refusal.ts";
import type { Context } from "../../schemas/installation.ts";
import type {
	CompositeRequest,
	CompositeResponse,
	CustomizeRequest,
	CustomizeResponse,
} from "../../schemas/metacontroller.ts";
import { PatternRunner } from "../../schemas/patternrunner.ts";
import { API_VERSION, PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { childrenOf } from "./children.ts";
import { backendReference, planRunner } from "./plan.ts";
import { statusFields, verdictOf } from "./status.ts";

const sync = (request: CompositeRequest, context: Context): CompositeResponse => {
	const runner = readObject(PatternRunner, request.parent);
	const plan = isRefusal(runner) ? runner : planRunner(runner, request, context);
	const children = isRefusal(plan) ? frozenChildren(request) : childrenOf(plan, request.children);
	return concluded({
		request,
		now: context.now,
		children,
		verdict: verdictOf(plan, children, request.children),
		warnings: isRefusal(plan) ? [] : plan.warnings,
		status: statusFields(request.parent, children, request.children),
		pauseAnnotation: PAUSED_ANNOTATION,
		resyncAfterSeconds: isRefusal(plan) ? undefined : plan.resyncAfterSeconds,
	});
};

/** The BackendConfig that spec names, and nothing else: of the runner's own namespace only. */
const customize = ({ parent }: CustomizeRequest): CustomizeResponse => {
	const reference = backendReference(parent);
	if (reference === undefined) return { relatedResources: [] };
	return {
		relatedResources: [
			{
				apiVersion: API_VERSION,
				resource: "backendconfigs",
				namespace: parent.metadata.namespace ?? "default",
				names: [reference],
			},
		],
	};
};

export const patternRunner: CompositeRow = {
	type: "composite",
	name: "patternrunner",
	parent: PatternRunner,
	children: [
		{ apiVersion: "apps/v1", resource: "deployments", kind: "Deployment" },
		{ apiVersion: "v1", resource: "services", kind: "Service" },
		{ apiVersion: "v1", resource: "configmaps", kind: "ConfigMap" },
		{ apiVersion: "v1", resource: "secrets", kind: "Secret", onlyWith: "inlineCredentials" },
		{ apiVersion: "policy/v1", resource: "poddisruptionbudgets", kind: "PodDisruptionBudget" },
		{ apiVersion: "autoscaling/v2", resource: "horizontalpodautoscalers", kind: "HorizontalPodAutoscaler" },
		{ apiVersion: "keda.sh/v1alpha1", resource: "scaledobjects", kind: "ScaledObject", onlyWith: "keda" },
	],
	sync,
	customize,
};
