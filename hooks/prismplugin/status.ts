import { refusedVerdict } from "../../kube/answer.ts";
import { childrenOutdated, rolloutIncomplete } from "../../kube/checks.ts";
import type { Verdict } from "../../kube/conditions.ts";
import { heldBy, heldVerdict } from "../../kube/holds.ts";
import { observedOf, recordsAt, valueAt } from "../../kube/object.ts";
import { isRefusal, type Refusal } from "../../kube/refusal.ts";
import { rolloutOf } from "../../kube/rollout.ts";
import { checkOf } from "../../kube/schema.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { Written } from "../../kube/types.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Command } from "../../schemas/findings/command.ts";
import type { Standing } from "../../schemas/findings/plugin.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import { PastRollout, PluginRollout, RolloutPart } from "../../schemas/pluginrollout.ts";
import { MOST_SHARDS, type PrismPluginStatus } from "../../schemas/prismplugin.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";
import { isInFlight, isSettled, plight } from "./part.ts";
import type { PluginInput, PluginPlan, Use } from "./plan.ts";
import { DEPLOYMENT, firstFailed, type Place, partsByName, type RolloutState, whereOf } from "./rollout.ts";

// ── State ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const isRollout = checkOf(PluginRollout);
const isPart = checkOf(RolloutPart);
const isPastRollout = checkOf(PastRollout);

/** The rollout's state as status has it; what somebody else wrote there, and makes no sense, is not there. */
export const stateOf = (plugin: KubeObject): RolloutState => {
	const at = (field: string) => valueAt(plugin, "status", field);
	const [rollout, version, image] = [at("rollout"), at("lastGoodVersion"), at("lastGoodImage")];
	const parts = [at("remote"), ...recordsAt(plugin, "status", "shardStates")];
	return {
		rollout: isRollout(rollout) ? rollout : undefined,
		lastGood: isText(version) && isText(image) ? { version, image } : undefined,
		parts: parts.filter((part) => isPart(part)),
		history: recordsAt(plugin, "status", "history").filter((past) => isPastRollout(past)),
	};
};

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** What the status is computed from. */
export interface Findings {
	readonly object: KubeObject;
	readonly plan: PluginPlan | Refusal;
	readonly surroundings: PluginInput;
	readonly state: RolloutState;
	readonly attachments: readonly KubeObject[];
	readonly observed: ObjectMap;
	readonly now: string;
}

export const statusFields = ({ plan, surroundings, state }: Findings): Written<PrismPluginStatus> => {
	const { uses, followers, pinned, places } = surroundings;
	const image = isRefusal(plan) ? state.rollout?.image : plan.wanted.image;
	const isUpdated = (place: Place | undefined) => image !== undefined && isSettled(place?.observed, image);
	const remotePlace = places.find(({ name }) => isRemote(name));
	const updated = followers.filter((use) => isUpdated(use.form === "remote" ? remotePlace : use));
	const parts = partsByName(state.parts);
	const versions = new Set(places.map((place) => versionAt(place, parts)));
	const [version] = versions;
	const remote = state.parts.find(({ name }) => isRemote(name));
	return {
		installed: places.length > 0 && unsettled(surroundings, state).length === 0,
		version: versions.size === 1 ? version : undefined,
		lastGoodVersion: state.lastGood?.version,
		lastGoodImage: state.lastGood?.image,
		shards: names(followers),
		pinnedShards: names(pinned),
		updatedShards: `${updated.length}/${followers.length}`,
		namespacesUsing: namespacesOn(uses),
		rollout: state.rollout,
		shardStates: state.parts.filter(({ name }) => !isRemote(name)),
		remote,
		history: state.history,
	};
};

const isRemote = (name: string): boolean => name.startsWith(DEPLOYMENT);

const names = (uses: readonly Use[]): string[] => uses.map(({ name }) => name).slice(0, MOST_SHARDS);

/** Their sum; absent while one is not known, for a part of it would be taken for the whole. */
const namespacesOn = (uses: readonly Use[]): number | undefined => {
	const counts = uses.map(({ namespaces }) => namespaces).filter((count) => count !== undefined);
	return counts.length < uses.length ? undefined : counts.reduce((sum, count) => sum + count, 0);
};

/** Version that was observed at a place, by the name that it has here. */
const versionAt = ({ name, observed }: Place, parts: ReturnType<typeof partsByName>): string | undefined => {
	const part = parts.get(name);
	return part !== undefined && part.image === observed?.image ? part.version : observed?.version;
};

/** Places that do not run what they are told, or not ready. */
const unsettled = ({ places }: PluginInput, state: RolloutState): Place[] => {
	const parts = partsByName(state.parts);
	return places.filter(({ name, observed }) => {
		const part = parts.get(name);
		return part === undefined || !isSettled(observed, part.image);
	});
};

// ── Verdict ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Ordered checks: the first that finds something decides. */
export const verdictOf = (findings: Findings): Verdict => {
	const { plan, attachments, observed } = findings;
	if (isRefusal(plan)) return stillInUse(findings) ?? refusedVerdict(plan);
	return (
		stillInUse(findings) ??
		notFollowed(findings) ??
		rolloutStalled(findings) ??
		rolloutRolledBack(findings) ??
		rolloutHeld(findings) ??
		rollbackFailed(findings, plan) ??
		rolloutUnderWay(findings) ??
		childrenOutdated(attachments, observed, DESIRED_HASH_ANNOTATION) ??
		deploymentIncomplete(findings) ??
		shardsUnsettled(findings) ??
		ready(findings, plan)
	);
};

const stillInUse = ({ object, surroundings: { uses } }: Findings): Verdict | undefined =>
	object.metadata.deletionTimestamp === undefined || uses.length === 0
		? undefined
		: {
				ready: "False",
				phase: "Deleting",
				finding: { reason: "PluginInUse", shards: uses.map(({ name }) => name) },
				stalled: true,
			};

const notFollowed = ({ surroundings }: Findings): Verdict | undefined =>
	surroundings.places.length > 0
		? undefined
		: { ready: "True", phase: "Idle", finding: { reason: "NotFollowed", pinned: pinnedNames(surroundings) } };

const rolloutStalled = (findings: Findings): Verdict | undefined => {
	const { rollout } = findings.state;
	if (rollout?.phase !== "Stalled") return undefined;
	return {
		ready: "False",
		phase: "Failed",
		finding: { reason: "RolloutStalled", ...failureOf(findings, rollout), remedy: commandFor(findings) },
		stalled: true,
	};
};

const rolloutRolledBack = (findings: Findings): Verdict | undefined => {
	const { rollout } = findings.state;
	if (rollout?.phase !== "RolledBack") return undefined;
	return {
		ready: "False",
		phase: "RolledBack",
		finding: { reason: "RolledBack", ...failureOf(findings, rollout) },
		stalled: true,
	};
};

/** Seconds for which pods of an older revision that are not ready may just be about to be replaced. */
const KEPT_SECONDS = 45;

/** A shard, or the Deployment, whose pods are not updated: by no fault of the version. */
const rolloutHeld = ({ object, state, surroundings: { places }, now }: Findings): Verdict | undefined => {
	const [first] = state.parts.flatMap(({ name, heldSince }) => {
		const hold = places.find((place) => place.name === name)?.observed?.hold;
		if (heldSince === undefined || hold === undefined) return [];
		if (hold.by === "pods" && secondsBetween(heldSince, now) < KEPT_SECONDS) return [];
		const { workload, ...how } = hold;
		const kind = isRemote(name) ? "Deployment" : "StatefulSet";
		return [heldBy(how, { kind, name: workload }, object.metadata.namespace)];
	});
	return first && heldVerdict(first);
};

const rollbackFailed = (findings: Findings, { spec }: PluginPlan): Verdict | undefined => {
	const { rollout, parts } = findings.state;
	const { deadlineSeconds: seconds } = spec.rollout;
	const late = parts.find(
		({ state, since }) => state === "RollingBack" && secondsBetween(since, findings.now) >= seconds,
	);
	if (rollout?.phase !== "RollingBack" || late === undefined) return undefined;
	return {
		ready: "False",
		phase: "Failed",
		finding: {
			reason: "RollbackFailed",
			...failureOf(findings, rollout),
			late: { place: whereOf(late.name), version: late.version, seconds },
			remedy: commandFor(findings),
		},
		stalled: true,
	};
};

const failureOf = (findings: Findings, { version, failure }: PluginRollout) => ({
	version,
	failure,
	...standingOf(findings),
});

/** The command that shows more of the first place that did not do well. */
const commandFor = ({ state: { parts }, surroundings: { remote } }: Findings): Command => {
	const part = firstFailed(parts);
	if (part === undefined || isRemote(part.name)) return { verb: "describe", kind: "deployment", name: remote };
	return { verb: "describe", kind: "prismshard", name: part.name };
};

const rolloutUnderWay = (findings: Findings): Verdict | undefined => {
	const { rollout } = findings.state;
	if (rollout?.phase === "Complete") return undefined;
	if (rollout?.phase === "RollingBack")
		return {
			ready: "False",
			phase: "RollingBack",
			finding: { reason: "RollingBack", ...failureOf(findings, rollout) },
		};
	const first = waitsFor(findings);
	return {
		ready: "False",
		phase: "RollingOut",
		finding: {
			reason: "Progressing",
			about: "rollout",
			version: rollout?.version,
			...standingOf(findings),
			...(first && { first }),
		},
	};
};

/** What the first shard that is under way still lacks. */
const waitsFor = ({ surroundings: { places }, state: { parts } }: Findings) => {
	const part = parts.find((other) => {
		const observed = places.find(({ name }) => name === other.name)?.observed;
		return (isInFlight(other) || other.unreadySince !== undefined) && !isSettled(observed, other.image);
	});
	const observed = places.find(({ name }) => name === part?.name)?.observed;
	return part && { place: whereOf(part.name), plight: plight(observed, part.image) };
};

/** In the order in which they are told. */
const STANDINGS: readonly RolloutPart["state"][] = [
	"Updated",
	"Baking",
	"Updating",
	"Failed",
	"RollingBack",
	"RolledBack",
	"Pending",
];

/** Who is where: whoever has another version than the others is named. */
const standingOf = ({ surroundings: { places }, state: { parts } }: Findings) => {
	const standings = STANDINGS.flatMap((state) => {
		const those = parts.filter((part) => part.state === state);
		const versions = [...new Set(those.map(({ version }) => version))].toSorted();
		return versions.map((version): Standing => {
			const there = those.filter((part) => part.version === version);
			return { state, version, places: there.map(({ name }) => name) };
		});
	});
	const waiting = places.filter(({ name }) => !parts.some((part) => part.name === name)).map(({ name }) => name);
	return { standings, waiting };
};

const deploymentIncomplete = ({ attachments, observed }: Findings): Verdict | undefined => {
	const wanted = attachments.find(({ kind }) => kind === "Deployment");
	if (wanted === undefined) return undefined;
	return rolloutIncomplete(
		wanted.metadata.name,
		rolloutOf(wanted, observedOf(observed, wanted), DESIRED_HASH_ANNOTATION),
	);
};

/** Everybody was told the version, and somebody does not run it, or no longer well. */
const shardsUnsettled = ({ surroundings, state }: Findings): Verdict | undefined => {
	const late = unsettled(surroundings, state);
	const [first] = late;
	const image = state.rollout?.image;
	if (first === undefined || image === undefined) return undefined;
	const found = {
		about: "place",
		place: whereOf(first.name),
		plight: plight(first.observed, image),
		others: late.length - 1,
	} as const;
	return first.observed?.image === image
		? { ready: "False", phase: "Degraded", finding: { reason: "ReplicasUnavailable", ...found } }
		: { ready: "False", phase: "Pending", finding: { reason: "Progressing", ...found } };
};

const ready = ({ surroundings }: Findings, { wanted: { version } }: PluginPlan): Verdict => ({
	ready: "True",
	phase: "Running",
	finding: {
		reason: "PluginReady",
		version,
		shards: surroundings.followers.length,
		pinned: pinnedNames(surroundings),
	},
});

const pinnedNames = ({ pinned }: PluginInput): string[] => pinned.map(({ name }) => name);
