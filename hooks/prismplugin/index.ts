import { isAnnotated } from "../../kube/boolean-annotations.ts";
import { heldChildren } from "../../kube/held-children.ts";
import type { DecoratorRow } from "../../kube/hook.ts";
import { jittered } from "../../kube/names.ts";
import { valueAt } from "../../kube/object.ts";
import { readerOf } from "../../kube/received-object.ts";
import { type DecoratorConclusion, decorated, foundInDecorated } from "../../kube/response.ts";
import { isRefusal } from "../../kube/spec-refusal.ts";
import { namedClaims } from "../../kube/volume-claims.ts";
import type { Context } from "../../schemas/installation.ts";
import type {
	CustomizeRequest,
	CustomizeResponse,
	DecoratorRequest,
	DecoratorResponse,
} from "../../schemas/metacontroller.ts";
import { PrismPlugin, type PrismPluginStatus } from "../../schemas/prismplugin.ts";
import { API_VERSION, FORCE_DELETE_ANNOTATION, PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { attachmentsOf } from "./children.ts";
import { planPlugin, surroundingsOf } from "./plan.ts";
import { advanced, nextLook, SETTLED_SECONDS } from "./rollout.ts";
import { verdictOf } from "./status.ts";
import { stateOf, statusFields } from "./status-fields.ts";

// The plugin names a version for each shard, and the shards, which relate to it, run that version. They report what they run
// in their status, to which the plugin relates: so a version goes from shard to shard.

const readPlugin = readerOf(PrismPlugin);

const conclusionOf = (
	request: DecoratorRequest,
	{ now, installation }: Context,
): DecoratorConclusion<PrismPluginStatus> => {
	const { object, attachments: observed } = request;
	const surroundings = surroundingsOf(request);
	const plugin = readPlugin(object);
	const plan = isRefusal(plugin) ? plugin : planPlugin(plugin, surroundings, installation);
	const isHeld = isRefusal(plan) || isAnnotated(object, PAUSED_ANNOTATION);
	const before = stateOf(object);
	const given = isHeld ? undefined : { ...plan, policy: plan.spec.rollout, places: surroundings.places, now };
	const state = given === undefined ? before : advanced(before, given);
	const attachments = isRefusal(plan) ? heldChildren(observed) : attachmentsOf(plan, surroundings, state, observed);
	const findings = { object, plan, surroundings, state, attachments, observed, now };
	return {
		request,
		now,
		children: attachments,
		verdict: verdictOf(findings),
		warnings: isRefusal(plan) ? [] : plan.warnings,
		status: statusFields(findings),
		pauseAnnotation: PAUSED_ANNOTATION,
		resyncAfterSeconds: jittered(given === undefined ? SETTLED_SECONDS : nextLook(state, given), seedOf(request)),
	};
};

const sync = (request: DecoratorRequest, context: Context): DecoratorResponse<PrismPluginStatus> =>
	decorated(conclusionOf(request, context));

/** A plugin that a shard uses stays; the finalizer of one that is only no longer managed is released as it is. */
const finalize = (request: DecoratorRequest, context: Context): DecoratorResponse<PrismPluginStatus> => {
	const { object, attachments } = request;
	const isUsed = surroundingsOf(request).uses.length > 0;
	if (object.metadata.deletionTimestamp !== undefined && isUsed && !isAnnotated(object, FORCE_DELETE_ANNOTATION))
		return { ...sync(request, context), finalized: false };
	return {
		attachments: heldChildren(attachments),
		resyncAfterSeconds: jittered(SETTLED_SECONDS, seedOf(request)),
		finalized: true,
	};
};

const seedOf = ({ object: { metadata } }: DecoratorRequest): string => metadata.uid ?? metadata.name;

/** All shards of its own namespace: which of them use it is in their spec. And the claims that its own spec names. */
const customize = ({ parent }: CustomizeRequest): CustomizeResponse => {
	const { namespace = "default" } = parent.metadata;
	return {
		relatedResources: [
			{ apiVersion: API_VERSION, resource: "prismshards", namespace },
			...namedClaims(namespace, valueAt(parent["spec"], "deployment", "volumes")),
		],
	};
};

export const prismPlugin: DecoratorRow = {
	type: "decorator",
	name: "prismplugin",
	parent: PrismPlugin,
	children: [
		{ apiVersion: "apps/v1", resource: "deployments", kind: "Deployment" },
		{ apiVersion: "v1", resource: "services", kind: "Service" },
		{ apiVersion: "policy/v1", resource: "poddisruptionbudgets", kind: "PodDisruptionBudget" },
	],
	sync,
	finalize,
	found: (request, context) => foundInDecorated(conclusionOf(request, context)),
	customize,
};
