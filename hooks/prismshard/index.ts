import { concluded, frozenChildren } from "../../kube/answer.ts";
import { statusHead } from "../../kube/conditions.ts";
import { slicesOf } from "../../kube/endpointslices.ts";
import type { CompositeRow } from "../../kube/hook.ts";
import { jittered } from "../../kube/names.ts";
import { observedOf, recordsAt, withoutUndefined } from "../../kube/object.ts";
import { readObject } from "../../kube/read.ts";
import { isRefusal, type Refusal } from "../../kube/refusal.ts";
import { NOTHING_ASKED, type Outside } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import type {
	CompositeRequest,
	CompositeResponse,
	CustomizeRequest,
	CustomizeResponse,
} from "../../schemas/metacontroller.ts";
import { PrismShard } from "../../schemas/prismshard.ts";
import { API_VERSION, PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { childrenOf } from "./children.ts";
import { isForced, LEFT, leavingVerdict } from "./deletion.ts";
import { statusFields } from "./fields.ts";
import { instancesOf, questionsOf, type ShardInstance, shardNames } from "./observed.ts";
import { planShard, type ShardPlan } from "./plan.ts";
import { isFull, leaving, refreshedRoster, shardRoster } from "./roster.ts";
import { type Judgement, judged, unverified } from "./status.ts";

/** What is known, and what is to be made of it. */
const planned = (request: CompositeRequest, context: Context, outside: Outside) => {
	const instances = instancesOf(request, outside);
	const shard = readObject(PrismShard, request.parent);
	const plan = isRefusal(shard) ? shard : planShard(shard, request, context);
	const refreshed = refreshedRoster(instances, request);
	const children = isRefusal(plan)
		? frozenChildren(request, refreshed)
		: [...childrenOf(plan, request), shardRoster(plan, instances, request)];
	const fields = statusFields({
		request,
		spec: isRefusal(shard) ? undefined : shard.spec,
		instances,
		now: context.now,
	});
	return { instances, plan, children, refreshed, fields };
};

const sync = (request: CompositeRequest, context: Context, outside: Outside = NOTHING_ASKED): CompositeResponse => {
	const { now } = context;
	const { instances, plan, children, refreshed, fields } = planned(request, context, outside);
	const judgement = judged(plan, { request, instances, children, now });
	return concluded({
		request,
		now,
		children,
		verdict: judgement.verdict,
		warnings: warningsOf(plan, instances),
		status: {
			...fields,
			full: isRefusal(plan) ? undefined : isFull(plan, instances, request),
			doubtfulSince: judgement.doubtfulSince,
		},
		pauseAnnotation: PAUSED_ANNOTATION,
		refreshed,
		resyncAfterSeconds: nextLook(request.parent, judgement),
	});
};

const warningsOf = (plan: ShardPlan | Refusal, instances: readonly ShardInstance[]): string[] =>
	isRefusal(plan) ? [] : [...plan.warnings, ...unverified(instances)];

/** Seconds between two looks at what the instances tell; nothing else wakes the shard for it. */
const SETTLED_SECONDS = 60;
/** While they don't answer, or don't agree. */
const DOUBTFUL_SECONDS = 8;
/** While the shard is on its way out. */
const LEAVING_SECONDS = 5;

const nextLook = ({ metadata }: KubeObject, { doubtfulSince }: Judgement): number =>
	jittered(doubtfulSince === undefined ? SETTLED_SECONDS : DOUBTFUL_SECONDS, metadata.uid ?? metadata.name);

/**
 * The pods stay, and the roster tells the namespaces to leave, until the pods say that none is left. What is gone already
 * is not made anew, and a pause holds nothing up. The garbage collector takes the children once the shard is let go.
 */
const finalize = (request: CompositeRequest, context: Context, outside: Outside = NOTHING_ASKED): CompositeResponse => {
	const { parent } = request;
	const { now } = context;
	const { instances, plan, children, fields } = planned(request, context, outside);
	const verdict = leavingVerdict(request, instances);
	const head = statusHead({
		parent,
		verdict: verdict ?? LEFT,
		warnings: warningsOf(plan, instances),
		missing: [],
		now,
	});
	return {
		status: withoutUndefined({ ...head, ...fields }),
		children: children
			.filter((child) => observedOf(request.children, child) !== undefined)
			.map(leaving(isForced(request) ? "deleting" : "draining")),
		resyncAfterSeconds: jittered(LEAVING_SECONDS, parent.metadata.uid ?? parent.metadata.name),
		finalized: verdict === undefined,
	};
};

/** Which pods are ready, and the PrismPlugins that spec names: of the shard's own namespace only. */
const customize = ({ parent }: CustomizeRequest): CustomizeResponse => {
	const { headless, namespace } = shardNames(parent);
	const entries = recordsAt(parent["spec"], "plugins").map(({ name }) => name);
	const names = [...new Set(entries.filter((name) => typeof name === "string"))].toSorted();
	const plugins = { apiVersion: API_VERSION, resource: "prismplugins", namespace, names };
	return { relatedResources: [slicesOf(headless, namespace), ...(names.length > 0 ? [plugins] : [])] };
};

export const prismShard: CompositeRow = {
	type: "composite",
	name: "prismshard",
	parent: PrismShard,
	children: [
		{ apiVersion: "apps/v1", resource: "statefulsets", kind: "StatefulSet" },
		{ apiVersion: "v1", resource: "services", kind: "Service" },
		{ apiVersion: "v1", resource: "configmaps", kind: "ConfigMap" },
		{ apiVersion: "v1", resource: "secrets", kind: "Secret", onlyWith: "inlineCredentials" },
		{ apiVersion: "policy/v1", resource: "poddisruptionbudgets", kind: "PodDisruptionBudget" },
		{ apiVersion: "autoscaling/v2", resource: "horizontalpodautoscalers", kind: "HorizontalPodAutoscaler" },
		{ apiVersion: "networking.k8s.io/v1", resource: "ingresses", kind: "Ingress" },
		{ apiVersion: API_VERSION, resource: "prismrosters", kind: "PrismRoster" },
	],
	ask: questionsOf,
	sync,
	finalize,
	customize,
};
