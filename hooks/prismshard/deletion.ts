import { listed } from "../../kube/checks.ts";
import type { Verdict } from "../../kube/conditions.ts";
import { isAnnotated, valueAt } from "../../kube/object.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import { FORCE_DELETE_ANNOTATION } from "../../schemas/vocabulary.ts";
import { heldNamespaces, observedRoster, observedSet, type ShardInstance, shardNames } from "./observed.ts";
import { silenceOf } from "./status.ts";

// A shard on its way out: its roster tells the namespaces to leave, and it goes once its instances say that none is left.

export const isForced = ({ parent }: CompositeRequest): boolean => isAnnotated(parent, FORCE_DELETE_ANNOTATION);

/** Why the shard can't go yet; undefined: it can. Ordered checks: the first that finds something decides. */
export const leavingVerdict = (request: CompositeRequest, instances: readonly ShardInstance[]): Verdict | undefined => {
	// Without pods there is nobody to ask, and nothing that a namespace could still be served by.
	if (observedSet(request) === undefined) return undefined;
	if (isForced(request)) return rosterBehind(request, "deleting");
	return (
		rosterBehind(request, "draining") ??
		namespacesRemain(request, instances) ??
		namespacesUnknown(request, instances) ??
		answersTooOld(request, instances)
	);
};

const leaving = (reason: string, message: string): Verdict => ({
	ready: "False",
	phase: "Terminating",
	reason,
	message,
});

/** Said of a shard that can go. */
export const LEFT = leaving("Terminating", "being deleted: nothing holds it back");

/** Namespaces go by what the roster says, and it does not say so yet. */
const rosterBehind = (request: CompositeRequest, field: "draining" | "deleting"): Verdict | undefined => {
	const roster = observedRoster(request);
	if (roster === undefined || valueAt(roster["spec"], field) === true) return undefined;
	return leaving("Terminating", "being deleted: its namespaces are being told to leave");
};

const wayOut = ({ parent: { metadata } }: CompositeRequest): string =>
	`To delete the shard all the same: kubectl annotate prismshard ${metadata.name} -n ${metadata.namespace ?? "default"} ${FORCE_DELETE_ANNOTATION}=true`;

/** The other way out, where there are no pods: nothing is left behind then. */
const askable = ({ parent }: CompositeRequest): string => {
	const { base, namespace } = shardNames(parent);
	const autoscaling = valueAt(parent["spec"], "autoscaling");
	// Its own count has no effect then, and an autoscaler leaves alone what has none.
	const isScaled = autoscaling !== undefined && valueAt(autoscaling, "enabled") !== false;
	const what = isScaled ? `statefulset ${base}` : `prismshard ${parent.metadata.name}`;
	return `To have one say so, and its namespaces leave: kubectl scale ${what} -n ${namespace} --replicas=1, and wait`;
};

const namespacesRemain = (request: CompositeRequest, instances: readonly ShardInstance[]): Verdict | undefined => {
	const left = heldNamespaces(instances)?.size ?? 0;
	if (left === 0) return undefined;
	return leaving(
		"NamespacesRemain",
		`namespaces left: ${left}. Each moves to another shard that matches, or goes with its PrismNamespace. ${wayOut(request)}`,
	);
};

const namespacesUnknown = (request: CompositeRequest, instances: readonly ShardInstance[]): Verdict | undefined => {
	if (instances.length === 0)
		return leaving(
			"NamespacesUnknown",
			`there is no pod that could say which namespaces are left. ${askable(request)}. ${wayOut(request)}; what its volumes hold is not revoked then`,
		);
	const silent = instances.flatMap((instance) =>
		instance.answer?.state === "unverifiable"
			? [`${instance.name} can't list its namespaces`]
			: (silenceOf(instance) ?? []),
	);
	if (silent.length === 0) return undefined;
	return leaving(
		"NamespacesUnknown",
		`whether namespaces are left is not known: ${listed(silent)}. ${wayOut(request)}`,
	);
};

/** A list that was read before the shard was deleted says nothing about what was assigned since. */
const answersTooOld = ({ parent }: CompositeRequest, instances: readonly ShardInstance[]): Verdict | undefined => {
	const { deletionTimestamp } = parent.metadata;
	const isOld = ({ answer }: ShardInstance) =>
		deletionTimestamp !== undefined &&
		answer?.state === "known" &&
		!(secondsBetween(deletionTimestamp, answer.readAt) > 0);
	if (!instances.some(isOld)) return undefined;
	return leaving("Terminating", "being deleted: its pods are asked once more which namespaces they hold");
};
