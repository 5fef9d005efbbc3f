import { scalingInactive } from "../../kube/autoscaler.ts";
import type { CompositeRow } from "../../kube/hook.ts";
import { valueAt } from "../../kube/object.ts";
import { readerOf } from "../../kube/received-object.ts";
import { type Conclusion, concluding, frozenChildren } from "../../kube/response.ts";
import { isRefusal } from "../../kube/spec-refusal.ts";
import { namedClaims } from "../../kube/volume-claims.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Warning } from "../../schemas/findings/finding.ts";
import type { Context } from "../../schemas/installation.ts";
import type { CompositeRequest, CustomizeRequest, CustomizeResponse } from "../../schemas/metacontroller.ts";
import { PatternRunner, type PatternRunnerStatus } from "../../schemas/patternrunner.ts";
import { API_VERSION, PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { backendReference } from "./backend.ts";
import { childrenOf } from "./children.ts";
import { planRunner, type RunnerPlan } from "./plan.ts";
import { runnerCount } from "./replica-count.ts";
import { statusFields, verdictOf } from "./status.ts";

const readRunner = readerOf(PatternRunner);

const conclusionOf = (request: CompositeRequest, context: Context): Conclusion<PatternRunnerStatus> => {
	const runner = readRunner(request.parent);
	const plan = isRefusal(runner) ? runner : planRunner(runner, request, context);
	const children = isRefusal(plan) ? frozenChildren(request) : childrenOf(plan, request);
	return {
		request,
		now: context.now,
		children,
		verdict: verdictOf(plan, { runner: request.parent, children, observed: request.children, now: context.now }),
		warnings: isRefusal(plan) ? [] : warningsOf(plan, children, request),
		status: statusFields(request.parent, children, request.children),
		pauseAnnotation: PAUSED_ANNOTATION,
		resyncAfterSeconds: isRefusal(plan) ? undefined : plan.backend.resyncAfterSeconds,
	};
};

const warningsOf = (plan: RunnerPlan, children: readonly KubeObject[], request: CompositeRequest): Warning[] => [
	...plan.warnings,
	...scalingInactive(children, request.children),
	...runnerCount(plan, request).warnings,
];

/** The BackendConfig and the claims that spec names: of the runner's own namespace only. */
const customize = ({ parent }: CustomizeRequest): CustomizeResponse => {
	const reference = backendReference(parent);
	const { namespace = "default" } = parent.metadata;
	const names = reference === undefined ? [] : [reference];
	const configs = { apiVersion: API_VERSION, resource: "backendconfigs", namespace, names };
	return {
		relatedResources: [
			...(names.length > 0 ? [configs] : []),
			...namedClaims(namespace, valueAt(parent["spec"], "volumes")),
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
	...concluding(conclusionOf),
	customize,
};
