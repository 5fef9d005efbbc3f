import { concluded, frozenChildren } from "../../kube/answer.ts";
import type { CompositeRow } from "../../kube/hook.ts";
import { readObject } from "../../kube/read.ts";
import { isRefusal } from "../../kube/refusal.ts";
import { BackendConfig } from "../../schemas/backendconfig.ts";
import type { Context } from "../../schemas/installation.ts";
import type { CompositeRequest, CompositeResponse } from "../../schemas/metacontroller.ts";
import { PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { childrenOf } from "./children.ts";
import { planBackend } from "./plan.ts";
import { FIRST_ANSWER_SECONDS, statusFields, verdictOf, withMessage } from "./status.ts";

const sync = (request: CompositeRequest, context: Context): CompositeResponse => {
	const backend = readObject(BackendConfig, request.parent);
	const plan = isRefusal(backend) ? backend : planBackend(backend, context);
	const children = isRefusal(plan) ? frozenChildren(request) : childrenOf(plan);
	const observation = { backend: request.parent, children, observed: request.children, now: context.now };
	const verdict = verdictOf(plan, observation);
	const answer = concluded({
		request,
		now: context.now,
		children,
		verdict,
		warnings: isRefusal(plan) ? [] : plan.warnings,
		status: statusFields(plan, observation),
		pauseAnnotation: PAUSED_ANNOTATION,
		// A probe that never becomes ready makes no event when its time is up.
		resyncAfterSeconds: verdict.reason === "Progressing" ? FIRST_ANSWER_SECONDS : undefined,
	});
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
};
