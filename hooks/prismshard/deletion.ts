import { isAnnotated } from "../../kube/boolean-annotations.ts";
import { firstFound, type StatusCheck } from "../../kube/check-list.ts";
import type { Verdict } from "../../kube/conditions.ts";
import { valueAt } from "../../kube/object.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { Command } from "../../schemas/findings/command.ts";
import type { Finding } from "../../schemas/findings/finding.ts";
import type { SilentInstance } from "../../schemas/findings/prismshard.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import { FORCE_DELETE_ANNOTATION } from "../../schemas/vocabulary.ts";
import {
	heldNamespaces,
	observedRoster,
	observedSet,
	type ShardInstance,
	type ShardSeen,
	shardNames,
} from "./observed-shard.ts";
import { silenceOf } from "./status.ts";

// A shard that is being deleted: its roster makes the namespaces leave, and its finalizer is released once its instances report none.

export const isForced = ({ parent }: CompositeRequest): boolean => isAnnotated(parent, FORCE_DELETE_ANNOTATION);

type LeavingInput = Pick<ShardSeen, "request" | "instances">;

/** Why the shard can't go yet; undefined: it can. */
export const leavingVerdict = (request: CompositeRequest, instances: readonly ShardInstance[]): Verdict | undefined => {
	// Without pods there is no instance to ask, and none that could still serve a namespace.
	if (observedSet(request) === undefined) return undefined;
	if (isForced(request)) return rosterBehind(request, "deleting");
	return firstFound(LEAVING_CHECKS, { request, instances });
};

const leaving = (finding: Finding): Verdict => ({ ready: "False", phase: "Terminating", finding });

/** Status of a shard whose finalizer can be released. */
export const LEFT = leaving({ reason: "Terminating", about: "nothing" });

/** Namespaces read the roster, which has no mark yet. */
const rosterBehind = (request: CompositeRequest, field: "draining" | "deleting"): Verdict | undefined => {
	const roster = observedRoster(request);
	if (roster === undefined || valueAt(roster["spec"], field) === true) return undefined;
	return leaving({ reason: "Terminating", about: "leaving" });
};

/** Gives a shard without pods one that reports its namespaces, so that nothing is left behind. */
const askable = ({ parent }: CompositeRequest): Command => {
	const { base, namespace } = shardNames(parent);
	const autoscaling = valueAt(parent["spec"], "autoscaling");
	// Its own count has no effect then, and an autoscaler leaves alone what has none.
	const isScaled = autoscaling !== undefined && valueAt(autoscaling, "enabled") !== false;
	const what = isScaled ? { kind: "statefulset", name: base } : { kind: "prismshard", name: parent.metadata.name };
	return { verb: "scale", ...what, namespace, flags: ["--replicas=1"] };
};

const namespacesRemain: StatusCheck<LeavingInput> = ({ instances }) => {
	const left = heldNamespaces(instances)?.size ?? 0;
	if (left === 0) return undefined;
	return leaving({ reason: "NamespacesRemain", namespaces: left });
};

const namespacesUnknown: StatusCheck<LeavingInput> = ({ request, instances }) => {
	if (instances.length === 0)
		return leaving({ reason: "NamespacesUnknown", about: "noPods", remedy: askable(request) });
	const silent = instances.flatMap((instance): SilentInstance | readonly SilentInstance[] =>
		instance.answer?.state === "unverifiable"
			? [{ name: instance.name, silence: "CannotList" }]
			: (silenceOf(instance) ?? []),
	);
	if (silent.length === 0) return undefined;
	return leaving({ reason: "NamespacesUnknown", about: "silence", instances: silent });
};

/** A list that was read before the shard was deleted does not show what was assigned since. */
const answersTooOld: StatusCheck<LeavingInput> = ({ request: { parent }, instances }) => {
	const { deletionTimestamp } = parent.metadata;
	const isOld = ({ answer }: ShardInstance) =>
		deletionTimestamp !== undefined &&
		answer?.state === "known" &&
		!(secondsBetween(deletionTimestamp, answer.readAt) > 0);
	if (!instances.some(isOld)) return undefined;
	return leaving({ reason: "Terminating", about: "asking" });
};

const LEAVING_CHECKS: readonly StatusCheck<LeavingInput>[] = [
	({ request }) => rosterBehind(request, "draining"),
	namespacesRemain,
	namespacesUnknown,
	answersTooOld,
];
