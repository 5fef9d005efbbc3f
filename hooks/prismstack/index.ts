import { concluded, frozenChildren } from "../../kube/answer.ts";
import { slicesOf } from "../../kube/endpointslices.ts";
import type { CompositeRow } from "../../kube/hook.ts";
import { isAnnotated, kindKey } from "../../kube/object.ts";
import { readObject } from "../../kube/read.ts";
import { isRefusal } from "../../kube/refusal.ts";
import type { Context } from "../../schemas/installation.ts";
import type { CompositeRequest, CompositeResponse } from "../../schemas/metacontroller.ts";
import { PrismRoster } from "../../schemas/prismroster.ts";
import { PrismStack } from "../../schemas/prismstack.ts";
import { API_VERSION, FORCE_DELETE_ANNOTATION, PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { childrenOf } from "./children.ts";
import { headlessName, planStack } from "./plan.ts";
import { isLeaving, leavingRoster, refreshedRoster } from "./roster.ts";
import { leavingVerdict, statusFields, verdictOf } from "./status.ts";

const sync = (request: CompositeRequest, context: Context): CompositeResponse => {
	const stack = readObject(PrismStack, request.parent);
	const plan = isRefusal(stack) ? stack : planStack(stack, context);
	const refreshed = refreshedRoster(request);
	const children = isRefusal(plan) ? frozenChildren(request, refreshed) : childrenOf(plan, request.related);
	return concluded({
		request,
		now: context.now,
		children,
		verdict: verdictOf(plan, children, request.children),
		warnings: isRefusal(plan) ? [] : plan.warnings,
		status: statusFields(request.parent, children, request.children),
		pauseAnnotation: PAUSED_ANNOTATION,
		refreshed,
	});
};

/**
 * In two steps: the namespaces are dropped, and the roster says that all of it goes; proxies and admin stay until none of
 * the namespaces is observed any more, for they have to be asked to let go.
 */
const finalize = (request: CompositeRequest, context: Context): CompositeResponse => {
	const { parent, children } = request;
	const namespaces = Object.values(children[kindKey(API_VERSION, "PrismNamespace")] ?? {});
	const rosters = Object.values(children[kindKey(API_VERSION, PrismRoster.kind)] ?? {});
	const forced = isAnnotated(parent, FORCE_DELETE_ANNOTATION);
	const wanted = sync(unpaused(request), context).children;
	const answer = concluded({
		request: unpaused(request),
		now: context.now,
		children: wanted.filter(({ kind }) => kind !== "PrismNamespace").map(leavingRoster),
		verdict: leavingVerdict(namespaces.map(({ metadata }) => metadata.name)),
		warnings: [],
		status: statusFields(parent, wanted, children),
		pauseAnnotation: PAUSED_ANNOTATION,
		resyncAfterSeconds: LEAVING_SECONDS,
	});
	return forced || (namespaces.length === 0 && rosters.every(isLeaving)) ? { ...answer, finalized: true } : answer;
};

/** Seconds between two looks at a stack on its way out; its namespaces' going wakes it anyway. */
const LEAVING_SECONDS = 10;

/** A pause must not hold up a deletion. */
const unpaused = (request: CompositeRequest): CompositeRequest => {
	const { annotations: { [PAUSED_ANNOTATION]: _paused, ...annotations } = {}, ...metadata } = request.parent.metadata;
	return { ...request, parent: { ...request.parent, metadata: { ...metadata, annotations } } };
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
		{ apiVersion: API_VERSION, resource: "prismnamespaces", kind: "PrismNamespace" },
		{ apiVersion: API_VERSION, resource: "prismrosters", kind: "PrismRoster" },
		{
			apiVersion: "monitoring.coreos.com/v1",
			resource: "servicemonitors",
			kind: "ServiceMonitor",
			onlyWith: "serviceMonitors",
		},
	],
	sync,
	finalize,
	// Which proxies there are, and which are ready.
	customize: ({ parent: { metadata } }) => ({
		relatedResources: [slicesOf(headlessName(metadata.name), metadata.namespace ?? "default")],
	}),
};
