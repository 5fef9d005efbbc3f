import type { Condition, KubeObject } from "../schemas/common.ts";
import type { ObjectMap } from "../schemas/metacontroller.ts";
import { conditionOf } from "./conditions.ts";
import { delayedSince, GROWTH_SECONDS } from "./delays.ts";
import { asRecord, isSameJson, observedOf, recordsAt } from "./object.ts";
import type { Rollout } from "./rollout.ts";
import { secondsBetween } from "./time.ts";

// A Deployment that is scaled up reports the same as one that lost a pod. The difference is how many pods were available
// before.

export interface Before {
	readonly parent: KubeObject;
	/** Available pods of the workload, according to the parent's status. */
	readonly available: unknown;
	readonly now: string;
}

/** The rollout; "growing" while all pods that were available still are, and others are starting. */
export const withGrowth = (rollout: Rollout, { kind, metadata: { name } }: KubeObject, before: Before): Rollout => {
	const { parent, available, now } = before;
	const { desired } = rollout;
	if (typeof available !== "number" || rollout.available === 0 || rollout.available < Math.min(available, desired))
		return rollout;
	if (!isScaled(rollout, kind, conditionOf(parent, "Ready"))) return rollout;
	if (rollout.available >= desired) return { ...rollout, state: "ready" };
	const since = delayedSince(parent, { kind, name, cause: "PodsUnavailable" }) ?? now;
	return secondsBetween(since, now) < GROWTH_SECONDS ? { ...rollout, state: "growing" } : rollout;
};

/** Missing pods of a StatefulSet can also be new: only a Ready one counts as growing. */
const isScaled = ({ state, isLagging, isRolling }: Rollout, kind: string, ready: Condition | undefined): boolean => {
	const isReady = ready?.status === "True";
	if (isLagging === true) return isReady;
	if (kind === "Deployment") return state === "unavailable" && ready?.reason !== "ReplicasUnavailable";
	return isReady && (state === "unavailable" || (state === "progressing" && isRolling !== true));
};

/**
 * The children that make an object not Ready while they are outdated. Not a roster with only new observations; and a Ready object
 * stays so while instances merely join or leave its roster. If a roster stays outdated, the API server rejects it, which another
 * check finds.
 */
export const withoutFollowers = (
	parent: KubeObject,
	children: readonly KubeObject[],
	observed: ObjectMap,
): readonly KubeObject[] => {
	const isFollower = conditionOf(parent, "Ready")?.status === "True" ? isFollowing : isSameRoster;
	return children.filter((child) => child.kind !== "PrismRoster" || !isFollower(child, observedOf(observed, child)));
};

type Instances = ReadonlyMap<unknown, Record<string, unknown>>;

/** Whether each instance that was ready, and stays, is unchanged. */
const isFollowing = (wanted: KubeObject, observed: KubeObject | undefined): boolean =>
	isRosterLike(wanted, observed, (now, before) =>
		[...before].every(([name, { ready, ...rest }]) => {
			const next = now.get(name);
			return ready !== true || next === undefined || isSameJson(next, { ready, ...rest });
		}),
	);

/** Whether its spec differs only in times and identities. */
const isSameRoster = (wanted: KubeObject, observed: KubeObject | undefined): boolean =>
	!isSameJson(wanted["spec"], observed?.["spec"]) &&
	isRosterLike(wanted, observed, (now, before) => isSameJson([...now.values()], [...before.values()]));

const isRosterLike = (
	wanted: KubeObject,
	observed: KubeObject | undefined,
	areLike: (now: Instances, before: Instances) => boolean,
): boolean => {
	if (observed === undefined) return false;
	const ours = asRecord(wanted["spec"]);
	const theirs = asRecord(observed["spec"]);
	return isSameJson(intentOf(ours), intentOf(theirs)) && areLike(instancesOf(ours), instancesOf(theirs));
};

/** The spec of a roster without its observations of pods. */
const intentOf = ({ instances: _instances, controlPlane, ...rest }: Record<string, unknown>) => {
	const { service, port } = asRecord(controlPlane);
	return { ...rest, service, port };
};

/** By name, without times and identities: the time of an observation changes nothing that was sent to an instance. */
const instancesOf = (spec: Record<string, unknown>): Instances =>
	new Map(
		recordsAt(spec, "instances").map(({ uid: _uid, readySince: _ready, silentSince: _silent, ...rest }) => [
			rest["name"],
			rest,
		]),
	);
