import type { CompositeRow } from "../../kube/hook.ts";
import { isLost } from "../../kube/ownership.ts";
import { readerOf } from "../../kube/received-object.ts";
import { type Conclusion, concluded, foundIn, frozenChildren } from "../../kube/response.ts";
import { isRefusal } from "../../kube/spec-refusal.ts";
import { BackendConfig, type BackendConfigStatus } from "../../schemas/backendconfig.ts";
import type { Context } from "../../schemas/installation.ts";
import type { CompositeRequest, CompositeResponse } from "../../schemas/metacontroller.ts";
import { PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { childrenOf } from "./children.ts";
import { planBackend } from "./plan.ts";
import { statusFields, untilSilence, verdictOf, withMessage } from "./status.ts";

const readBackend = readerOf(BackendConfig);

const conclusionOf = (request: CompositeRequest, context: Context): Conclusion<BackendConfigStatus> => {
	const backend = readBackend(request.parent);
	const plan = isRefusal(backend) ? backend : planBackend(backend, context);
	const children = isRefusal(plan) ? frozenChildren(request) : childrenOf(plan, request.children);
	const observation = {
		backend: request.parent,
		children,
		observed: request.children,
		isLost: children.some((child) => child.kind === "ConfigMap" && isLost(request, child, context.now)),
		now: context.now,
	};
	const verdict = verdictOf(plan, observation);
	return {
		request,
		now: context.now,
		children,
		verdict,
		warnings: isRefusal(plan) ? [] : plan.warnings,
		status: statusFields(plan, observation),
		pauseAnnotation: PAUSED_ANNOTATION,
		resyncAfterSeconds: verdict.finding.reason === "Progressing" ? untilSilence(observation) : undefined,
	};
};

const sync = (request: CompositeRequest, context: Context): CompositeResponse<BackendConfigStatus> => {
	const answer = concluded(conclusionOf(request, context));
	return { ...answer, status: withMessage(request.parent, answer.status) };
};

export const backendConfig: CompositeRow = {
	type: "composite",
	name: "backendconfig",
	parent: BackendConfig,
	children: [
		{ apiVersion: "v1", resource: "configmaps", kind: "ConfigMap" },
		{ apiVersion: "apps/v1", resource: "deployments", kind: "Deployment" },
		{ apiVersion: "v1", resource: "secrets", kind: "Secret", onlyWith: "inlineCredentials" },
	],
	sync,
	found: (request, context) => foundIn(conclusionOf(request, context)),
};
