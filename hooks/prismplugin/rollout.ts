import { secondsBetween } from "../../kube/time.ts";
import type { PastReason, Where } from "../../schemas/findings/prismplugin.ts";
import { pastReasonText, rolloutFailureText } from "../../schemas/messages/status-fields.ts";
import type { PastRollout, PluginRollout, RolloutPart } from "../../schemas/pluginrollout.ts";
import { KEPT_ROLLOUTS } from "../../schemas/prismplugin.ts";
import {
	type Course,
	entered,
	hasFailed,
	IN_FLIGHT,
	isInFlight,
	isSettled,
	isSuperseded,
	judged,
	type Observation,
	past,
	type Release,
} from "./rollout-part.ts";

// How a version goes from shard to shard: a total function of the state in status, of what was observed, and of the time.
// Nothing is remembered elsewhere, so that any copy of the operator can go on at any step.

/** Where the plugin runs by the rollout's leave: a shard that follows it, or the Deployment of the remote form. */
export interface Place {
	readonly name: string;
	/** undefined: it has not reported, or not since its own spec changed. */
	readonly observed: Observation | undefined;
}

export interface RolloutState {
	readonly rollout: PluginRollout | undefined;
	readonly lastGood: Release | undefined;
	/** By name. A place without a part has nothing to run yet. */
	readonly parts: readonly RolloutPart[];
	/** Newest first. */
	readonly history: readonly PastRollout[];
}

export interface Given {
	readonly wanted: Release & { readonly generation: number };
	/** By name, each once. */
	readonly places: readonly Place[];
	readonly policy: Course["policy"];
	readonly now: string;
}

type Running = RolloutState & { readonly rollout: PluginRollout };

export const advanced = (state: RolloutState, given: Given): RolloutState => {
	if (given.places.length === 0) return abandoned(state, given.now);
	const running = begun(state, given);
	const present = attended(running, given);
	const watched = { ...given, observed: new Map(given.places.map(({ name, observed }) => [name, observed])) };
	const parts = present.reduce<Parts>((all, part) => {
		const next = judgedAmong(all, part, running, watched);
		return next === part ? all : withPart(all, next);
	}, present);
	const isStopped = phaseOf(running, parts) !== "Progressing";
	return closed(running, isStopped ? parts : told(running, parts, watched), given);
};

type Parts = readonly RolloutPart[];

export const partsByName = (parts: Parts): ReadonlyMap<string, RolloutPart> =>
	new Map(parts.map((part) => [part.name, part]));

const withPart = (parts: Parts, part: RolloutPart): Parts => {
	const others = parts.filter(({ name }) => name !== part.name);
	return [...others, part].toSorted((left, right) => (left.name < right.name ? -1 : 1));
};

/** With what was observed of each place by its name: a plugin may have a thousand of them. */
interface Watched extends Given {
	readonly observed: ReadonlyMap<string, Place["observed"]>;
}

const judgedAmong = (parts: Parts, part: RolloutPart, { rollout, lastGood }: Running, given: Watched): RolloutPart => {
	const { observed, policy, now } = given;
	return judged(part, observed.get(part.name), {
		rollout,
		lastGood,
		policy,
		// Counted only when it matters, which it seldom does.
		hasRoom: () => parts.filter(isInFlight).length < policy.maxUnavailableShards,
		now,
	});
};

// ── Beginning ───────────────────────────────────────────────────────────────────────────────────────────────────────

const begun = (state: RolloutState, { wanted, now }: Given): Running => {
	const { rollout } = state;
	if (rollout !== undefined && !isAnother(rollout, wanted)) {
		const startedAt = rollout.finishedAt === undefined ? past(rollout.startedAt, now) : rollout.startedAt;
		return { ...state, rollout: { ...rollout, generation: wanted.generation, startedAt } };
	}
	const { version, image, generation } = wanted;
	const outcome = rollout?.phase === "Stalled" ? "Failed" : "Superseded";
	return {
		...state,
		rollout: { generation, version, image, phase: "Progressing", startedAt: now },
		parts: state.parts.map((part) => carriedOver(part, wanted, now)),
		history: recorded(state, { outcome, failure: rollout?.failure, version }, now),
	};
};

/** A rollout that stopped is tried again when spec changes; one that goes on takes the new policy as it comes. */
const isAnother = ({ generation, version, image, phase }: PluginRollout, wanted: Given["wanted"]): boolean =>
	version !== wanted.version ||
	image !== wanted.image ||
	(generation !== wanted.generation && phase !== "Progressing" && phase !== "Complete");

/** A shard on its way to another version stays on its way: it counts toward the limit, and gets the new one first. */
const carriedOver = ({ name, state, since, ...had }: RolloutPart, wanted: Release, now: string): RolloutPart => {
	const isThere = had.image === wanted.image;
	const { version, image } = isThere ? wanted : had;
	if (IN_FLIGHT.includes(state)) return { name, version, image, state: "Updating", since: now };
	return { name, version, image, state: isThere ? "Updated" : "Pending", since };
};

/** No shard follows the plugin: a rollout that was complete, or went back, is what a shard that joins will find. */
const abandoned = (state: RolloutState, now: string): RolloutState => {
	if (state.rollout === undefined || state.rollout.finishedAt !== undefined) return { ...state, parts: [] };
	const history = recorded(state, { outcome: "Abandoned" }, now);
	return { ...state, rollout: undefined, parts: [], history };
};

// ── Joining and leaving ─────────────────────────────────────────────────────────────────────────────────────────────

/** The parts of those that are there. */
const attended = (running: Running, { places, now }: Given): RolloutPart[] => {
	const parts = partsByName(running.parts);
	return places
		.map((place) => {
			const part = parts.get(place.name);
			return part === undefined ? joined(place, running, now) : sound(part, running.rollout, now);
		})
		.filter((part) => part !== undefined);
};

/** One that joins gets what is known to be good; without such a version it keeps what it has until its turn. */
const joined = ({ name, observed }: Place, { rollout, lastGood }: Running, now: string): RolloutPart | undefined => {
	const { version, image, phase } = rollout;
	if (phase === "Complete") return { name, version, image, state: "Updated", since: now };
	if (lastGood !== undefined) return { name, ...lastGood, state: "Pending", since: now };
	if (observed?.image === undefined) return undefined;
	return { name, version: observed.version ?? "unknown", image: observed.image, state: "Pending", since: now };
};

/** A part with the new version has its image, and times that still matter are not ahead of the clock. */
const sound = (part: RolloutPart, { image, finishedAt }: PluginRollout, now: string): RolloutPart => {
	if ((part.state === "Updated" || part.state === "Baking") && part.image !== image)
		return entered(part, "Pending", now);
	if (finishedAt !== undefined) return part;
	const { unreadySince } = part;
	return {
		...part,
		since: past(part.since, now),
		...(unreadySince !== undefined && { unreadySince: past(unreadySince, now) }),
	};
};

// ── Telling ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The parts after each got its version. */
const told = (running: Running, before: Parts, given: Watched): Parts => {
	const { version, image } = running.rollout;
	const parts = partsByName(before);
	const rankOf = (name: string): number => {
		const part = parts.get(name);
		if (part !== undefined && isSuperseded(part, running.rollout)) return 0;
		return name === given.policy.canary ? 1 : 2;
	};
	const turns = given.places.map(({ name }) => ({ name, rank: rankOf(name) }));
	return turns
		.toSorted((left, right) => left.rank - right.rank)
		.reduce((all, { name }) => {
			if (!mayGo(name, all, running, given)) return all;
			const part = { name, version, image, state: "Updating", since: given.now } as const;
			return withPart(all, judgedAmong(all, part, running, given));
		}, before);
};

const mayGo = (name: string, parts: Parts, { rollout }: Running, { policy }: Given): boolean => {
	const part = parts.find((other) => other.name === name);
	const isUnderWay = part !== undefined && isSuperseded(part, rollout);
	if (part !== undefined && part.state !== "Pending" && !isUnderWay) return false;
	const isProven = parts.some(({ state }) => state === "Updated");
	const isTried = parts.some((other) => isInFlight(other) && other.image === rollout.image);
	if (isTried && !isProven) return false;
	return isUnderWay || parts.filter(isDisturbed).length < policy.maxUnavailableShards;
};

const isDisturbed = (part: RolloutPart): boolean => isInFlight(part) || part.unreadySince !== undefined;

// ── Ending ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const isBack = (state: string): boolean => state === "RollingBack" || state === "RolledBack";

/** Whether it goes on, and if not, what stopped it; that it is complete is another matter. */
const phaseOf = ({ rollout }: Running, parts: Parts) => {
	if (parts.some(({ state }) => state === "Failed")) return "Stalled";
	if (isBack(rollout.phase) || parts.some(({ state }) => isBack(state)))
		return parts.some(isInFlight) ? "RollingBack" : "RolledBack";
	return "Progressing";
};

const closed = (running: Running, parts: Parts, { places, now }: Given): RolloutState => {
	const { finishedAt: _finishedAt, failure: _failure, ...rollout } = running.rollout;
	const phase = phaseOf(running, parts);
	if (phase !== "Progressing") return stopped({ ...running, parts }, phase, now);
	if (parts.length < places.length || !parts.every(isDone))
		return { ...running, parts, rollout: { ...rollout, phase } };
	const { version, image } = rollout;
	// A version that ran in no pod is not known to be good: nothing may go back to it.
	const isProven = places.some(({ observed }) => (observed?.desired ?? 0) > 0 && isSettled(observed, image));
	const lastGood = isProven ? { version, image } : running.lastGood;
	if (running.rollout.phase === "Complete") return { ...running, lastGood, parts };
	return {
		rollout: { ...rollout, phase: "Complete", finishedAt: now },
		lastGood,
		parts,
		history: recorded(running, { outcome: "Complete", places: places.length }, now),
	};
};

/** What failed first is reported until a user changes spec, also when that shard has left. */
const stopped = (running: Running, phase: "Stalled" | "RollingBack" | "RolledBack", now: string): RolloutState => {
	const { finishedAt, failure = firstFailure(running.parts), ...before } = running.rollout;
	const rollout = { ...before, phase, ...(failure !== undefined && { failure }) };
	if (phase !== "RolledBack") return { ...running, rollout };
	const history = recorded(running, { outcome: phase, failure }, now);
	return { ...running, rollout: { ...rollout, finishedAt: finishedAt ?? now }, history };
};

const isDone = (part: RolloutPart): boolean => part.state === "Updated" && part.unreadySince === undefined;

const firstFailure = (parts: Parts): string | undefined => {
	const part = firstFailed(parts);
	return part && rolloutFailureText(whereOf(part.name), part.message ?? part.cause ?? "");
};

/** The first place that did not do well. */
export const firstFailed = (parts: Parts): RolloutPart | undefined => parts.find(hasFailed);

/** What a place is. The name of a Deployment has a prefix. */
export const whereOf = (name: string): Where =>
	name.startsWith(DEPLOYMENT) ? { kind: "Deployment", name: name.slice(DEPLOYMENT.length) } : { kind: "shard", name };
/** Begins the name of the place that is no shard; no shard's name has a space. */
export const DEPLOYMENT = "Deployment ";

/** The history with the rollout that was running, unless that one was recorded when it ended. */
const recorded = ({ rollout, history }: RolloutState, ended: PastReason, now: string): readonly PastRollout[] => {
	if (rollout === undefined || rollout.finishedAt !== undefined) return history;
	const { version, startedAt } = rollout;
	const entry = { version, startedAt, finishedAt: now, outcome: ended.outcome, reason: pastReasonText(ended) };
	return [entry, ...history].slice(0, KEPT_ROLLOUTS);
};

// ── Coming back ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** While a rollout is under way: a status write that lost a conflict is to be noticed soon. */
const BUSY_SECONDS = 10;
export const SETTLED_SECONDS = 60;

/** Seconds until time alone may change something. */
export const nextLook = ({ rollout, parts }: RolloutState, { policy, now }: Pick<Given, "policy" | "now">): number => {
	const left = parts
		.flatMap(({ state, since, unreadySince }) => {
			const patience = state === "Baking" ? policy.graceSeconds : policy.deadlineSeconds;
			if (unreadySince !== undefined) return [patience - secondsBetween(unreadySince, now)];
			if (state === "Baking") return [policy.bakeSeconds - secondsBetween(since, now)];
			return state === "Updating" || state === "RollingBack"
				? [policy.deadlineSeconds - secondsBetween(since, now)]
				: [];
		})
		.filter((seconds) => seconds > 0);
	const isBusy = rollout !== undefined && rollout.finishedAt === undefined;
	return Math.min(...left, isBusy ? BUSY_SECONDS : SETTLED_SECONDS);
};
