import { isAnnotated } from "../../kube/boolean-annotations.ts";
import { allFound } from "../../kube/check-list.ts";
import type { Found } from "../../kube/conditions.ts";
import { slicesOf } from "../../kube/endpointslices.ts";
import { type CompositeRow, type Prepared, preparing } from "../../kube/hook.ts";
import { jittered } from "../../kube/names.ts";
import { kindKey, valueAt, withoutUndefined } from "../../kube/object.ts";
import { readerOf } from "../../kube/received-object.ts";
import { type Conclusion, concluded, foundIn, frozenChildren } from "../../kube/response.ts";
import { isLongSilent } from "../../kube/roster.ts";
import { isRefusal, type Refusal } from "../../kube/spec-refusal.ts";
import { claimsBy, namedClaims, namedClass } from "../../kube/volume-claims.ts";
import { NOTHING_ASKED, type Outside } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import type { CompositeRequest, CompositeResponse } from "../../schemas/metacontroller.ts";
import { PrismRoster } from "../../schemas/prismroster.ts";
import { PrismStack, type PrismStackStatus } from "../../schemas/prismstack.ts";
import { API_VERSION, FORCE_DELETE_ANNOTATION, PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { childrenOf } from "./children.ts";
import { questionsOf } from "./instance-queries.ts";
import { adminName, componentSelector, headlessName, planStack, type StackPlan } from "./plan.ts";
import { isLeaving, leavingRoster, refreshedRoster, stackRoster } from "./prism-roster.ts";
import { silentSince } from "./silent-proxies.ts";
import { leavingVerdict, statusFields, verdictOf } from "./status.ts";
import { STACK_WARNINGS } from "./warnings.ts";

const readStack = readerOf(PrismStack);

/** The request and its plan, whatever the proxies answer. */
interface Input {
	readonly request: CompositeRequest;
	readonly context: Context;
	readonly plan: StackPlan | Refusal;
}

const inputOf = (request: CompositeRequest, context: Context): Input => {
	const stack = readStack(request.parent);
	return { request, context, plan: isRefusal(stack) ? stack : planStack(stack, context) };
};

const prepare = (request: CompositeRequest, context: Context): Prepared<CompositeResponse<PrismStackStatus>> => {
	const input = inputOf(request, context);
	return {
		questions: request.finalizing ? [] : questionsOf(plannedRosters(input)),
		sync: (outside) => concluded(conclusionOf(input, outside)),
		finalize: () => finalize(input),
	};
};

/** The rosters among the children, before anybody was asked: to make all children for them alone takes a third of a sync. */
const plannedRosters = ({ request, context: { now }, plan }: Input): KubeObject[] => {
	const seen = { request, now, answers: [] };
	if (isRefusal(plan)) return frozenChildren(request, refreshedRoster(seen));
	return [withoutUndefined<KubeObject>(stackRoster(plan, seen))];
};

const plannedChildren = ({ request, context: { now }, plan }: Input, { answers }: Outside): KubeObject[] => {
	const seen = { request, now, answers };
	return isRefusal(plan) ? frozenChildren(request, refreshedRoster(seen)) : childrenOf(plan, seen);
};

const conclusionOf = (input: Input, outside: Outside): Conclusion<PrismStackStatus> => {
	const {
		request,
		plan,
		context: { now },
	} = input;
	const seen = { request, now, answers: outside.answers };
	const children = plannedChildren(input, outside);
	const doubtfulSince = silentSince(seen);
	const isNew = doubtfulSince !== undefined && !isLongSilent(doubtfulSince, now);
	const { uid, name } = request.parent.metadata;
	return {
		request,
		now,
		children,
		verdict: verdictOf(plan, { request, children, now }),
		warnings: isRefusal(plan) ? [] : allFound(STACK_WARNINGS, { plan, children, request }),
		status: { ...statusFields(request.parent, children, request.children), doubtfulSince },
		pauseAnnotation: PAUSED_ANNOTATION,
		refreshed: refreshedRoster(seen),
		...(outside.answers.length > 0 && {
			resyncAfterSeconds: jittered(isNew ? DOUBTFUL_SECONDS : SETTLED_SECONDS, uid ?? name),
		}),
	};
};

/** Seconds between two checks of whether the proxies answer; nothing else causes a sync for it. */
const SETTLED_SECONDS = 30;
/** While it is not known yet whether one lost answer is all. */
const DOUBTFUL_SECONDS = 8;

const found = (request: CompositeRequest, context: Context, outside: Outside = NOTHING_ASKED): Found => {
	const input = inputOf(request, context);
	return foundIn(request.finalizing ? leavingConclusionOf(input) : conclusionOf(input, outside));
};

/**
 * In two steps: the namespaces are dropped, and the roster is marked as leaving; proxies and admin stay until no namespace is
 * observed any more, because namespaces are revoked at them.
 */
const finalize = (input: Input): CompositeResponse<PrismStackStatus> => {
	const { request } = input;
	const { parent, children } = request;
	const rosters = Object.values(children[kindKey(API_VERSION, PrismRoster.kind)] ?? {});
	const namespaces = namespacesIn(request);
	const forced = isAnnotated(parent, FORCE_DELETE_ANNOTATION);
	const answer = concluded(leavingConclusionOf(input));
	return forced || (namespaces.length === 0 && rosters.every(isLeaving)) ? { ...answer, finalized: true } : answer;
};

const namespacesIn = ({ children }: CompositeRequest): KubeObject[] =>
	Object.values(children[kindKey(API_VERSION, "PrismNamespace")] ?? {});

const leavingConclusionOf = ({ request, context }: Input): Conclusion<PrismStackStatus> => {
	const { parent, children } = request;
	const wanted = concluded(conclusionOf(inputOf(unpaused(request), context), NOTHING_ASKED)).children;
	return {
		request: unpaused(request),
		now: context.now,
		children: wanted.filter(({ kind }) => kind !== "PrismNamespace").map(leavingRoster),
		verdict: leavingVerdict(namespacesIn(request).map(({ metadata }) => metadata.name)),
		warnings: [],
		status: statusFields(parent, wanted, children),
		pauseAnnotation: PAUSED_ANNOTATION,
		resyncAfterSeconds: LEAVING_SECONDS,
	};
};

/** Seconds between two syncs of a stack that is being deleted; the deletion of its namespaces causes a sync anyway. */
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
		{ apiVersion: "apps/v1", resource: "statefulsets", kind: "StatefulSet" },
		{ apiVersion: "v1", resource: "services", kind: "Service" },
		{ apiVersion: "v1", resource: "configmaps", kind: "ConfigMap" },
		{ apiVersion: "policy/v1", resource: "poddisruptionbudgets", kind: "PodDisruptionBudget" },
		{ apiVersion: "networking.k8s.io/v1", resource: "networkpolicies", kind: "NetworkPolicy" },
		{ apiVersion: "autoscaling/v2", resource: "horizontalpodautoscalers", kind: "HorizontalPodAutoscaler" },
		{ apiVersion: "keda.sh/v1alpha1", resource: "scaledobjects", kind: "ScaledObject", onlyWith: "keda" },
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
	...preparing(prepare),
	found,
	outside: "asks",
	// Proxies register at the Service of the control plane from their start.
	namesUsedEarly: ["Service"],
	// Which proxies and pods of the control plane there are, which are ready, and the claims that spec names.
	customize: ({ parent }) => {
		const { name, namespace = "default" } = parent.metadata;
		const admin = valueAt(parent["spec"], "admin", "enabled") === true ? [slicesOf(adminName(name), namespace)] : [];
		const volumes = ["proxy", "admin"].map((component) => valueAt(parent["spec"], component, "volumes"));
		const storage = valueAt(parent["spec"], "admin", "storage");
		const records = storage === undefined ? [] : [claimsBy(componentSelector(name, "admin"), namespace)];
		return {
			relatedResources: [
				slicesOf(headlessName(name), namespace),
				...admin,
				...records,
				...namedClass(valueAt(storage, "storageClassName")),
				...namedClaims(namespace, ...volumes),
			],
		};
	},
};
