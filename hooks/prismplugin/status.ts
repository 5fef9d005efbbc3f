import { refusedVerdict } from "../../kube/answer.ts";
import { childrenOutdated, listed, rolloutIncomplete } from "../../kube/checks.ts";
import type { Verdict } from "../../kube/conditions.ts";
import { observedOf, recordsAt, valueAt } from "../../kube/object.ts";
import { isRefusal, type Refusal } from "../../kube/refusal.ts";
import { rolloutOf } from "../../kube/rollout.ts";
import { conforms } from "../../kube/schema.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import { PastRollout, PluginRollout, RolloutPart } from "../../schemas/pluginrollout.ts";
import { MOST_SHARDS, type PrismPluginStatus } from "../../schemas/prismplugin.ts";
import { DESIRED_HASH_ANNOTATION, FORCE_DELETE_ANNOTATION } from "../../schemas/vocabulary.ts";
import { isInFlight, isSettled, plight } from "./part.ts";
import type { PluginPlan, Surroundings, Use } from "./plan.ts";
import { DEPLOYMENT, type Place, partsByName, type RolloutState, titleOf } from "./rollout.ts";

// ── State ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The rollout's state as status has it; what somebody else wrote there, and makes no sense, is not there. */
export const stateOf = (plugin: KubeObject): RolloutState => {
	const at = (field: string) => valueAt(plugin, "status", field);
	const [rollout, version, image] = [at("rollout"), at("lastGoodVersion"), at("lastGoodImage")];
	const parts = [at("remote"), ...recordsAt(plugin, "status", "shardStates")];
	return {
		rollout: conforms(PluginRollout, rollout) ? rollout : undefined,
		lastGood: isText(version) && isText(image) ? { version, image } : undefined,
		parts: parts.filter((part) => conforms(RolloutPart, part)),
		history: recordsAt(plugin, "status", "history").filter((past) => conforms(PastRollout, past)),
	};
};

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** What the status is computed from. */
export interface Findings {
	readonly object: KubeObject;
	readonly plan: PluginPlan | Refusal;
	readonly surroundings: Surroundings;
	readonly state: RolloutState;
	readonly attachments: readonly KubeObject[];
	readonly observed: ObjectMap;
	readonly now: string;
}

export const statusFields = ({ plan, surroundings, state }: Findings): Partial<PrismPluginStatus> => {
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
		...(versions.size === 1 && version !== undefined && { version }),
		...(state.lastGood !== undefined && {
			lastGoodVersion: state.lastGood.version,
			lastGoodImage: state.lastGood.image,
		}),
		shards: names(followers),
		pinnedShards: names(pinned),
		updatedShards: `${updated.length}/${followers.length}`,
		...namespacesOn(uses),
		...(state.rollout !== undefined && { rollout: state.rollout }),
		shardStates: state.parts.filter(({ name }) => !isRemote(name)),
		...(remote !== undefined && { remote }),
		history: [...state.history],
	};
};

const isRemote = (name: string): boolean => name.startsWith(DEPLOYMENT);

const names = (uses: readonly Use[]): string[] => uses.map(({ name }) => name).slice(0, MOST_SHARDS);

/** Their sum; absent while one is not known, for a part of it would be taken for the whole. */
const namespacesOn = (uses: readonly Use[]): Pick<PrismPluginStatus, "namespacesUsing"> => {
	const counts = uses.map(({ namespaces }) => namespaces).filter((count) => count !== undefined);
	return counts.length < uses.length ? {} : { namespacesUsing: counts.reduce((sum, count) => sum + count, 0) };
};

/** Version that was observed at a place, by the name that it has here. */
const versionAt = ({ name, observed }: Place, parts: ReturnType<typeof partsByName>): string | undefined => {
	const part = parts.get(name);
	return part !== undefined && part.image === observed?.image ? part.version : observed?.version;
};

/** Places that do not run what they are told, or not ready. */
const unsettled = ({ places }: Surroundings, state: RolloutState): Place[] => {
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
				reason: "PluginInUse",
				message: `it can't be deleted while shards use it: ${listed(uses.map(({ name }) => name))}. Remove it from their spec.plugins, or set the annotation ${FORCE_DELETE_ANNOTATION}: "true"`,
				stalled: true,
			};

const notFollowed = ({ surroundings }: Findings): Verdict | undefined =>
	surroundings.places.length > 0
		? undefined
		: {
				ready: "True",
				phase: "Idle",
				reason: "NotFollowed",
				message: `no shard runs it, and there is nothing to roll out${pinnedPart(surroundings)}`,
			};

const rolloutStalled = (findings: Findings): Verdict | undefined => {
	const { rollout } = findings.state;
	if (rollout?.phase !== "Stalled") return undefined;
	return {
		ready: "False",
		phase: "Failed",
		reason: "RolloutStalled",
		message: `${rollout.version} failed, and there is no other version to go back to: ${failureOf(findings)}; ${standingOf(findings)}. Mend what keeps it from being ready (${commandFor(findings)}), or set another spec.version`,
		stalled: true,
	};
};

const rolloutRolledBack = (findings: Findings): Verdict | undefined => {
	const { rollout, lastGood } = findings.state;
	if (rollout?.phase !== "RolledBack") return undefined;
	return {
		ready: "False",
		phase: "RolledBack",
		reason: "RolledBack",
		message: `${rollout.version} failed, and goes no further: ${failureOf(findings)}; ${standingOf(findings)}. Set spec.version to one that is mended, or to ${lastGood?.version ?? "another"}, and it is rolled out afresh`,
		stalled: true,
	};
};

const rollbackFailed = (findings: Findings, { spec }: PluginPlan): Verdict | undefined => {
	const { rollout, parts } = findings.state;
	const { deadlineSeconds } = spec.rollout;
	const late = parts.find(
		({ state, since }) => state === "RollingBack" && secondsBetween(since, findings.now) >= deadlineSeconds,
	);
	if (rollout?.phase !== "RollingBack" || late === undefined) return undefined;
	return {
		ready: "False",
		phase: "Failed",
		reason: "RollbackFailed",
		message: `${rollout.version} failed: ${failureOf(findings)}; ${titleOf(late.name)} did not become ready at ${late.version} either within ${deadlineSeconds} s; ${standingOf(findings)}. Mend what keeps it from being ready (${commandFor(findings)})`,
		stalled: true,
	};
};

const failureOf = ({ state: { rollout } }: Findings): string => rollout?.failure ?? "a shard did not become ready";

/** The command that shows more of the first place that did not do well. */
const commandFor = ({ state: { parts }, surroundings: { remote } }: Findings): string => {
	const part = parts.find(({ message }) => message !== undefined);
	if (part === undefined || isRemote(part.name)) return `kubectl describe deployment ${remote}`;
	return `kubectl describe prismshard ${part.name}`;
};

const rolloutUnderWay = (findings: Findings): Verdict | undefined => {
	const { rollout } = findings.state;
	if (rollout?.phase === "Complete") return undefined;
	const standing = standingOf(findings);
	if (rollout?.phase === "RollingBack")
		return {
			ready: "False",
			phase: "RollingBack",
			reason: "RollingBack",
			message: `${rollout.version} failed: ${failureOf(findings)}; ${standing}`,
		};
	const waiting = waitsFor(findings);
	return {
		ready: "False",
		phase: "RollingOut",
		reason: "Progressing",
		message: `${rollout?.version ?? "a version"} is being rolled out: ${standing}${waiting === undefined ? "" : `. ${waiting}`}`,
	};
};

/** What the first shard that is under way still lacks. */
const waitsFor = ({ surroundings: { places }, state: { parts } }: Findings): string | undefined => {
	const part = parts.find((other) => {
		const observed = places.find(({ name }) => name === other.name)?.observed;
		return (isInFlight(other) || other.unreadySince !== undefined) && !isSettled(observed, other.image);
	});
	const observed = places.find(({ name }) => name === part?.name)?.observed;
	return part && `${titleOf(part.name)}: ${plight(observed, part.image)}`;
};

const STANDINGS = {
	Updated: "already moved to",
	Baking: "watched at",
	Updating: "on the way to",
	Failed: "failed at",
	RollingBack: "going back to",
	RolledBack: "back at",
	Pending: "still at",
} as const satisfies Record<RolloutPart["state"], string>;

/** "already moved to 2.0.0: a, b; back at 1.0.0: c": whoever has another version than the others is named. */
const standingOf = ({ surroundings: { places }, state: { parts } }: Findings): string => {
	const groups = Object.entries(STANDINGS).flatMap(([state, words]) => {
		const those = parts.filter((part) => part.state === state);
		const versions = [...new Set(those.map(({ version }) => version))].toSorted();
		return versions.map((version) => {
			const there = those.filter((part) => part.version === version);
			return `${words} ${version}: ${listed(there.map(({ name }) => name))}`;
		});
	});
	const waiting = places.filter(({ name }) => !parts.some((part) => part.name === name));
	const rest = waiting.length === 0 ? [] : [`waiting for a first version: ${listed(waiting.map(({ name }) => name))}`];
	return [...groups, ...rest].join("; ");
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
	const isRunning = first.observed?.image === image;
	const others = late.length > 1 ? `; and ${late.length - 1} more` : "";
	return {
		ready: "False",
		phase: isRunning ? "Degraded" : "Pending",
		reason: isRunning ? "ReplicasUnavailable" : "Progressing",
		message: `${titleOf(first.name)}: ${plight(first.observed, image)}${others}`,
	};
};

const ready = ({ surroundings }: Findings, { wanted }: PluginPlan): Verdict => {
	const { followers } = surroundings;
	const where = followers.length === 1 ? "1 shard" : `${followers.length || "no"} shards`;
	return {
		ready: "True",
		phase: "Running",
		reason: "PluginReady",
		message: `${wanted.version} is ready for ${where}${pinnedPart(surroundings)}`,
	};
};

const pinnedPart = ({ pinned }: Surroundings): string =>
	pinned.length === 0 ? "" : `; pinned to a version of their own: ${listed(pinned.map(({ name }) => name))}`;
