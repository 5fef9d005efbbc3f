import { scalingInactive } from "../../kube/autoscaler.ts";
import { unreadableSwitches } from "../../kube/boolean-annotations.ts";
import { type Found, statusHead } from "../../kube/conditions.ts";
import { slicesOf } from "../../kube/endpointslices.ts";
import { type CompositeRow, type Prepared, preparing } from "../../kube/hook.ts";
import { jittered } from "../../kube/names.ts";
import { observedOf, recordsAt, valueAt, withoutUndefined } from "../../kube/object.ts";
import { readerOf } from "../../kube/received-object.ts";
import { type Conclusion, concluded, foundIn, frozenChildren } from "../../kube/response.ts";
import { isRefusal, type Refusal } from "../../kube/spec-refusal.ts";
import { claimsBy, namedClaims, namedClass } from "../../kube/volume-claims.ts";
import { NOTHING_ASKED, type Outside } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Warning } from "../../schemas/findings/finding.ts";
import type { Context } from "../../schemas/installation.ts";
import type {
	CompositeRequest,
	CompositeResponse,
	CustomizeRequest,
	CustomizeResponse,
} from "../../schemas/metacontroller.ts";
import { PrismShard, type PrismShardStatus } from "../../schemas/prismshard.ts";
import { API_VERSION, PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { childrenOf } from "./children.ts";
import { isForced, LEFT, leavingVerdict } from "./deletion.ts";
import {
	instancesOf,
	observedSet,
	podsOf,
	questionsOf,
	type ShardInstance,
	type ShardPod,
	shardNames,
} from "./observed-shard.ts";
import { planShard, type ShardPlan, selectorOf } from "./plan.ts";
import { pluginService } from "./plugins.ts";
import { isFull, leaving, refreshedRoster } from "./prism-roster.ts";
import { shardCount } from "./replica-count.ts";
import { type Judgement, judged, unverified } from "./status.ts";
import { statusFields } from "./status-fields.ts";

const readShard = readerOf(PrismShard);

/** The request and its plan, whatever the instances answer. */
interface Input {
	readonly request: CompositeRequest;
	readonly context: Context;
	readonly pods: readonly ShardPod[];
	readonly shard: PrismShard | Refusal;
	readonly plan: ShardPlan | Refusal;
}

const inputOf = (request: CompositeRequest, context: Context): Input => {
	const shard = readShard(request.parent);
	const plan = isRefusal(shard) ? shard : planShard(shard, request, context);
	return { request, context, pods: podsOf(request), shard, plan };
};

const prepare = (request: CompositeRequest, context: Context): Prepared<CompositeResponse<PrismShardStatus>> => {
	const input = inputOf(request, context);
	return {
		questions: questionsOf(request, input.pods, context.now),
		sync: (outside) => sync(input, outside),
		finalize: (outside) => finalize(input, outside),
	};
};

/** What is known, and what is to be made of it. */
const planned = ({ request, context, pods, shard, plan }: Input, outside: Outside) => {
	const instances = instancesOf(pods, outside);
	const seen = { request, instances, now: context.now };
	const refreshed = refreshedRoster(seen);
	const children = isRefusal(plan) ? frozenChildren(request, refreshed) : childrenOf(plan, seen);
	const fields = statusFields({ ...seen, spec: isRefusal(shard) ? undefined : shard.spec });
	return { instances, children, refreshed, fields };
};

const conclusionOf = (input: Input, outside: Outside): Conclusion<PrismShardStatus> => {
	const { request, plan } = input;
	const { now } = input.context;
	const { instances, children, refreshed, fields } = planned(input, outside);
	const judgement = judged(plan, { request, instances, children, now });
	return {
		request,
		now,
		children,
		verdict: judgement.verdict,
		warnings: warningsOf(input, instances, children),
		status: {
			...fields,
			full: isRefusal(plan) ? undefined : isFull(plan, instances, request),
			doubtfulSince: judgement.doubtfulSince,
			doubtfulInstances: judgement.doubtfulInstances,
		},
		pauseAnnotation: PAUSED_ANNOTATION,
		refreshed,
		resyncAfterSeconds: nextLook(request.parent, judgement, instances),
	};
};

const sync = (input: Input, outside: Outside): CompositeResponse<PrismShardStatus> =>
	concluded(conclusionOf(input, outside));

const warningsOf = (
	{ plan, request }: Input,
	instances: readonly ShardInstance[],
	children: readonly KubeObject[],
): Warning[] =>
	isRefusal(plan)
		? []
		: [
				...plan.warnings,
				...unverified(instances),
				...scalingInactive(children, request.children),
				...shardCount(plan, request).warnings,
			];

const leavingWarnings = (
	input: Input,
	instances: readonly ShardInstance[],
	children: readonly KubeObject[],
): Warning[] => [...warningsOf(input, instances, children), ...unreadableSwitches(input.request.parent)];

/** Seconds between two reads from the instances; nothing else causes a sync for it. */
const SETTLED_SECONDS = 30;
/** While they don't answer, or don't agree. */
const DOUBTFUL_SECONDS = 8;
/** While the shard is being deleted. */
const LEAVING_SECONDS = 5;

/** undefined: there is no instance to ask, and changes of the pods cause a sync. */
const nextLook = (
	{ metadata }: KubeObject,
	{ doubtfulSince }: Judgement,
	instances: readonly ShardInstance[],
): number | undefined => {
	if (doubtfulSince === undefined && !instances.some(({ ready }) => ready)) return undefined;
	return jittered(doubtfulSince === undefined ? SETTLED_SECONDS : DOUBTFUL_SECONDS, metadata.uid ?? metadata.name);
};

/**
 * The pods stay, and the roster makes the namespaces leave, until the pods report that none is left. Of what is gone already
 * only what this takes is created again, and a pause holds nothing up. The garbage collector takes the children once the
 * shard's finalizer is released.
 */
const finalize = (input: Input, outside: Outside): CompositeResponse<PrismShardStatus> => {
	const { request } = input;
	const { parent } = request;
	const { now } = input.context;
	const { instances, children, fields } = planned(input, outside);
	const verdict = leavingVerdict(request, instances);
	const head = statusHead({
		parent,
		verdict: verdict ?? LEFT,
		warnings: leavingWarnings(input, instances, children),
		missing: [],
		now,
	});
	return {
		status: withoutUndefined({ ...head, ...fields }),
		children: children
			.filter((child) => observedOf(request.children, child) !== undefined || isNeededToLeave(request, child))
			.map(leaving(isForced(request) ? "deleting" : "draining")),
		resyncAfterSeconds: jittered(LEAVING_SECONDS, parent.metadata.uid ?? parent.metadata.name),
		finalized: verdict === undefined,
	};
};

/**
 * Without their Services and ConfigMaps the pods that are there can't be asked, or can't start again: the shard would stay
 * for ever. In a foreground deletion the garbage collector takes them, and would take them again.
 */
const isNeededToLeave = (request: CompositeRequest, { kind }: KubeObject): boolean =>
	(kind === "Service" || kind === "ConfigMap") &&
	observedSet(request) !== undefined &&
	request.parent.metadata.finalizers?.includes("foregroundDeletion") !== true;

const found = (request: CompositeRequest, context: Context, outside: Outside = NOTHING_ASKED): Found => {
	const input = inputOf(request, context);
	if (!request.finalizing) return foundIn(conclusionOf(input, outside));
	const { instances, children } = planned(input, outside);
	return {
		verdict: leavingVerdict(request, instances) ?? LEFT,
		warnings: leavingWarnings(input, instances, children),
	};
};

/** Which pods are ready, what volumes they have, and the PrismPlugins that spec names, with their Services: of the shard's own namespace only. */
const customize = ({ parent }: CustomizeRequest): CustomizeResponse => {
	const { headless, namespace } = shardNames(parent);
	const entries = recordsAt(parent["spec"], "plugins").map(({ name }) => name);
	const names = [...new Set(entries.filter((name) => typeof name === "string"))].toSorted();
	const plugins = { apiVersion: API_VERSION, resource: "prismplugins", namespace, names };
	const services = { apiVersion: "v1", resource: "services", namespace, names: names.map(pluginService) };
	return {
		relatedResources: [
			slicesOf(headless, namespace),
			claimsBy(selectorOf(parent.metadata.name), namespace),
			...namedClass(valueAt(parent["spec"], "storage", "storageClassName")),
			...namedClaims(namespace, valueAt(parent["spec"], "volumes")),
			...(names.length > 0 ? [plugins, services] : []),
		],
	};
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
		{ apiVersion: "networking.k8s.io/v1", resource: "networkpolicies", kind: "NetworkPolicy" },
		{ apiVersion: API_VERSION, resource: "prismrosters", kind: "PrismRoster" },
	],
	...preparing(prepare),
	found,
	outside: "asks",
	customize,
};
