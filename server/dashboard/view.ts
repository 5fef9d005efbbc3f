import { type CauseInput, groupedByCause, hostOfRoster, type Reference, wayToCause } from "../../hooks/first-cause.ts";
import { type Health, isUnderWay, RESTING } from "../../kube/health.ts";
import { compact } from "../../kube/object.ts";
import type { Condition } from "../../schemas/common.ts";
import { PrismRoster } from "../../schemas/prismroster.ts";
import type { NamespaceDetails, PluginDetails, SeenPlace, ShardDetails, StackDetails } from "../object-details.ts";
import type { ObjectSummary } from "../object-summary.ts";

// The overview as data: related objects, the health of each, and which of them need a user.

export type State = "good" | "waiting" | "bad" | "idle";

/** Groups of states, for counts and searches. */
export const STATE_WORDS: Readonly<Record<State, string>> = {
	bad: "failing",
	waiting: "in progress",
	idle: "suspended",
	good: "ready",
};

/** State of an object in one word, with its reason. */
export interface Standing {
	readonly state: State;
	readonly word: string;
	readonly reason: string;
	readonly message: string;
	/** RFC 3339; "": unknown. */
	readonly since: string;
}

type With<ObjectDetails> = ObjectSummary & { readonly details: ObjectDetails };

export type View = ReturnType<typeof viewOf>;

export const viewOf = (summaries: readonly ObjectSummary[]) => {
	const all = summaries.toSorted(byName);
	const standing = new Map(all.map((seen) => [seen, standingOf(seen).state]));
	const ofState = (state: State) => all.filter((seen) => standing.get(seen) === state);
	const byKey = new Map(all.map((seen) => [nameOf(seen), seen]));
	const find = (kind: string, namespace: string, name: string) => byKey.get(nameOf({ kind, namespace, name }));
	const namespaces = all.filter(isNamespace);
	/** Namespaces on its proxies. */
	const on = (roster: string, namespace: string) =>
		namespaces.filter(({ details }) =>
			placesOf(details).some((place) => place.roster === roster && place.namespace === namespace),
		);
	return {
		all,
		/** Worst first. */
		problems: [...ofState("bad"), ...ofState("waiting")],
		tally: {
			bad: ofState("bad").length,
			waiting: ofState("waiting").length,
			idle: ofState("idle").length,
			good: ofState("good").length,
		},
		stacks: all.filter(isStack).map((stack) => ({ stack, namespaces: on(`${stack.name}-proxy`, stack.namespace) })),
		shards: all.filter(isShard).map((shard) => ({ shard, namespaces: on(`prism-${shard.name}`, shard.namespace) })),
		plugins: all.filter(isPlugin),
		namespaces,
		/** Runners and backends without a known stack. */
		loose: all.filter(
			({ kind, namespace, owner }) =>
				(kind === "PatternRunner" || kind === "BackendConfig") &&
				(owner === undefined || find("PrismStack", namespace, owner.name) === undefined),
		),
		find,
	};
};

/** Placements, including those that are being revoked. */
export const placesOf = ({ status }: NamespaceDetails): readonly SeenPlace[] => status.placements ?? [];

export const hostOf = (
	{ find }: Pick<View, "find">,
	roster: Pick<Reference, "name" | "namespace">,
): Pick<Reference, "kind" | "name"> =>
	hostOfRoster(roster, (name) => find("PrismStack", roster.namespace, name) !== undefined);

const byName = (left: ObjectSummary, right: ObjectSummary): number => (nameOf(left) < nameOf(right) ? -1 : 1);
const nameOf = ({ kind, namespace, name }: Pick<ObjectSummary, "kind" | "namespace" | "name">): string =>
	`${kind}/${namespace}/${name}`;

const isStack = (seen: ObjectSummary): seen is With<StackDetails> => seen.details.of === "PrismStack";
const isShard = (seen: ObjectSummary): seen is With<ShardDetails> => seen.details.of === "PrismShard";
const isPlugin = (seen: ObjectSummary): seen is With<PluginDetails> => seen.details.of === "PrismPlugin";
const isNamespace = (seen: ObjectSummary): seen is With<NamespaceDetails> => seen.details.of === "PrismNamespace";

export const conditionNamed = ({ conditions }: ObjectSummary, type: string): Condition | undefined =>
	conditions.find((condition) => condition.type === type);

export const standingOf = (seen: ObjectSummary): Standing => {
	const ready = conditionNamed(seen, "Ready");
	const { reason = "", message = "", lastTransitionTime: since = "" } = ready ?? {};
	if (seen.failure !== undefined)
		return { state: "bad", word: "Hook fails", reason: "", message: seen.failure, since: "" };
	return { state: STATE_OF[seen.health], word: wordOf(seen, ready), reason, message, since };
};

/** Objects that need a user come first; otherwise in the given order. */
export const WORST_FIRST: readonly State[] = ["bad", "waiting", "idle", "good"];

export const worstFirst = <Seen extends ObjectSummary>(all: readonly Seen[]): Seen[] => {
	const ranked = all.map((seen) => ({ seen, rank: WORST_FIRST.indexOf(standingOf(seen).state) }));
	return ranked.toSorted((left, right) => left.rank - right.rank).map(({ seen }) => seen);
};

export const STATE_OF: Readonly<Record<Health, State>> = {
	healthy: "good",
	progressing: "waiting",
	degraded: "bad",
	suspended: "idle",
	gone: "waiting",
};

const wordOf = ({ health }: ObjectSummary, ready: Condition | undefined): string => {
	if (health === "gone") return "Being deleted";
	if (ready === undefined) return "No status yet";
	if (health === "healthy") return "Ready";
	if (health === "degraded") return "Failing";
	if (health === "suspended") return ready.reason === RESTING.expired ? "Expired" : "Paused";
	// Other reasons have a prerequisite.
	return isUnderWay(ready.reason) ? "In progress" : "Waiting";
};

// ── Causes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Cause {
	readonly first: ObjectSummary;
	/** Objects that are not ready only because of this one. */
	readonly behind: readonly ObjectSummary[];
}

const surroundingsIn = (view: Pick<View, "find">): CauseInput<ObjectSummary> => ({
	waitsFor: (node) => node.waitsFor,
	isReady: (node) => node.ready,
	find: (reference) => {
		const host = reference.kind === PrismRoster.kind ? hostOf(view, reference) : reference;
		return view.find(host.kind, reference.namespace, host.name);
	},
});

/** Path from an object to the first cause, among the known objects. */
export const wayFrom = (seen: ObjectSummary, view: Pick<View, "find">): ObjectSummary[] =>
	wayToCause(seen, surroundingsIn(view));

/** First causes, each with the objects that wait for it, in the order of the problems. */
export const causesOf = (view: Pick<View, "problems" | "find">): Cause[] => {
	const roots = groupedByCause(view.problems, surroundingsIn(view));
	// A suspended object is no problem itself, but others can wait for it.
	return [...new Set([...view.problems, ...roots.keys()])].flatMap((first) => {
		const behind = roots.get(first);
		return behind === undefined ? [] : [{ first, behind }];
	});
};

/** Progress of a workload or a rollout. */
export interface Progress {
	readonly done: number;
	readonly of: number;
}

/** The shards of a rollout, and the plugin's own Deployment. */
export const shardPartsOf = ({ status: { shardStates = [], remote } }: PluginDetails) =>
	compact([...shardStates, remote]);

/** Shards of a rollout with the new version. */
export const rolloutProgress = ({ details }: With<PluginDetails>): Progress => ({
	done: shardPartsOf(details).filter(({ state }) => state === "Updated").length,
	of: shardPartsOf(details).length,
});

export const stateOfShardPart = (state: string | undefined): State => {
	if (state === "Updated") return "good";
	if (state === "Failed" || state === "RollingBack" || state === "RolledBack") return "bad";
	return state === "Pending" ? "idle" : "waiting";
};
