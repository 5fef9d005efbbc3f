import type { Condition } from "../../schemas/common.ts";
import type { NamespaceFacts, PluginFacts, SeenPlace, ShardFacts, StackFacts } from "../facts.ts";
import type { Sighting } from "../sighting.ts";

// The overview as data: which objects belong together, what each is like, and which need somebody.

export type State = "good" | "waiting" | "bad" | "idle";

/** What an object is like, in one word, and why. */
export interface Standing {
	readonly state: State;
	readonly word: string;
	readonly reason: string;
	readonly message: string;
	/** RFC 3339; "": unknown. */
	readonly since: string;
}

type With<Facts> = Sighting & { readonly facts: Facts };

export interface StackView {
	readonly stack: With<StackFacts>;
	/** Namespaces that live on its proxies. */
	readonly namespaces: readonly With<NamespaceFacts>[];
}

export interface ShardView {
	readonly shard: With<ShardFacts>;
	readonly namespaces: readonly With<NamespaceFacts>[];
}

export interface View {
	readonly all: readonly Sighting[];
	/** Worst first. */
	readonly problems: readonly Sighting[];
	readonly tally: Readonly<Record<"bad" | "waiting" | "good", number>>;
	readonly stacks: readonly StackView[];
	readonly shards: readonly ShardView[];
	readonly plugins: readonly With<PluginFacts>[];
	readonly namespaces: readonly With<NamespaceFacts>[];
	/** Runners and backends that belong to no stack that was seen. */
	readonly loose: readonly Sighting[];
	readonly find: (kind: string, namespace: string, name: string) => Sighting | undefined;
}

export const viewOf = (sightings: readonly Sighting[]): View => {
	const all = sightings.toSorted(byName);
	const standing = new Map(all.map((seen) => [seen, standingOf(seen).state]));
	const ofState = (state: State) => all.filter((seen) => standing.get(seen) === state);
	const byKey = new Map(all.map((seen) => [nameOf(seen), seen]));
	const find = (kind: string, namespace: string, name: string) => byKey.get(nameOf({ kind, namespace, name }));
	const namespaces = all.filter(isNamespace);
	const on = (roster: string, namespace: string) =>
		namespaces.filter(({ facts }) => facts.places.some((place) => isAt(place, roster, namespace)));
	return {
		all,
		problems: [...ofState("bad"), ...ofState("waiting")],
		tally: { bad: ofState("bad").length, waiting: ofState("waiting").length, good: ofState("good").length },
		stacks: all.filter(isStack).map((stack) => ({ stack, namespaces: on(`${stack.name}-proxy`, stack.namespace) })),
		shards: all.filter(isShard).map((shard) => ({ shard, namespaces: on(`prism-${shard.name}`, shard.namespace) })),
		plugins: all.filter(isPlugin),
		namespaces,
		loose: all.filter(
			({ kind, namespace, owner }) =>
				(kind === "PatternRunner" || kind === "BackendConfig") &&
				(owner === undefined || find("PrismStack", namespace, owner.name) === undefined),
		),
		find,
	};
};

const isAt = (place: SeenPlace, roster: string, namespace: string): boolean =>
	place.roster === roster && place.namespace === namespace;

/** The shard or stack behind a place's roster; its name tells which, unless both could be meant. */
export const hostOf = ({ find }: View, { roster, namespace }: SeenPlace): { kind: string; name: string } => {
	const stack = roster.replace(/-proxy$/, "");
	const isStack = roster.endsWith("-proxy") && find("PrismStack", namespace, stack) !== undefined;
	if (!isStack && roster.startsWith("prism-")) return { kind: "PrismShard", name: roster.slice("prism-".length) };
	return { kind: "PrismStack", name: stack };
};

const byName = (left: Sighting, right: Sighting): number => (nameOf(left) < nameOf(right) ? -1 : 1);
const nameOf = ({ kind, namespace, name }: Pick<Sighting, "kind" | "namespace" | "name">): string =>
	`${kind}/${namespace}/${name}`;

const isStack = (seen: Sighting): seen is With<StackFacts> => seen.facts.of === "PrismStack";
const isShard = (seen: Sighting): seen is With<ShardFacts> => seen.facts.of === "PrismShard";
const isPlugin = (seen: Sighting): seen is With<PluginFacts> => seen.facts.of === "PrismPlugin";
const isNamespace = (seen: Sighting): seen is With<NamespaceFacts> => seen.facts.of === "PrismNamespace";

export const conditionNamed = ({ conditions }: Sighting, type: string): Condition | undefined =>
	conditions.find((condition) => condition.type === type);

export const standingOf = (seen: Sighting): Standing => {
	const ready = conditionNamed(seen, "Ready");
	const { reason = "", message = "", lastTransitionTime: since = "" } = ready ?? {};
	if (seen.failure !== undefined)
		return { state: "bad", word: "Hook fails", reason: "", message: seen.failure, since: "" };
	if (seen.deleting) return { state: "waiting", word: "Being deleted", reason, message, since };
	if (ready === undefined) return { state: "waiting", word: "No status yet", reason, message, since };
	if (ready.status === "True") return { state: "good", word: "Ready", reason, message, since };
	const isStalled = conditionNamed(seen, "Stalled")?.status === "True";
	if (isStalled) return { state: "bad", word: seen.paused ? "Paused" : "Failed", reason, message, since };
	if (seen.phase === "Degraded" || seen.phase === "Failed")
		return { state: "bad", word: seen.phase, reason, message, since };
	return { state: "waiting", word: UNDER_WAY.includes(reason) ? "In progress" : "Waiting", reason, message, since };
};

/** Reasons that pass by themselves; with the others, something else has to happen first. */
const UNDER_WAY: readonly string[] = ["Progressing", "RollingBack", "PartiallyProvisioned", "NamespacesDiffer"];

// ── Causes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Cause {
	readonly first: Sighting;
	/** Objects that only say that this one, or another one behind it, is not ready. */
	readonly behind: readonly Sighting[];
}

/** The problems that are somebody's own, each with those that follow from it; in the order of the problems. */
export const causesOf = ({ problems, find }: Pick<View, "problems" | "find">): Cause[] => {
	const isProblem = new Set(problems);
	const causeOf = (seen: Sighting): Sighting | undefined => {
		const { reason, message } = standingOf(seen);
		if (reason === "BackendNotReady" && seen.facts.of === "PatternRunner")
			return find("BackendConfig", seen.namespace, seen.facts.backendConfig);
		if (!ECHOES.includes(reason)) return undefined;
		return problems.find(
			({ owner, namespace, kind, name }) =>
				owner?.name === seen.name && namespace === seen.namespace && names(message, `${kind} ${name}`),
		);
	};
	const rootOf = (seen: Sighting, steps = 5): Sighting => {
		const cause = steps === 0 ? undefined : causeOf(seen);
		return cause === undefined || !isProblem.has(cause) ? seen : rootOf(cause, steps - 1);
	};
	const roots = new Map<Sighting, Sighting[]>();
	for (const seen of problems) {
		const root = rootOf(seen);
		roots.set(root, [...(roots.get(root) ?? []), ...(root === seen ? [] : [seen])]);
	}
	return problems.flatMap((first) => {
		const behind = roots.get(first);
		return behind === undefined ? [] : [{ first, behind }];
	});
};

/** Whether a message speaks of this object, and not of one whose name only begins so. */
const names = (message: string, object: string): boolean =>
	message
		.split(object)
		.slice(1)
		.some((rest) => !/^[-a-z0-9]|^\.[a-z0-9]/.test(rest));

const ECHOES: readonly string[] = ["PatternNotReady", "BackendNotReady", "NamespaceNotReady", "Progressing"];

/** How far along a workload or a rollout is. */
export interface Progress {
	readonly done: number;
	readonly of: number;
}

/** Shards of a rollout that have the version it brings. */
export const rolloutProgress = ({ facts }: With<PluginFacts>): Progress => ({
	done: facts.shards.filter(({ state }) => state === "Updated").length,
	of: facts.shards.length,
});

export const stateOfShardPart = (state: string): State => {
	if (state === "Updated") return "good";
	if (state === "Failed" || state === "RollingBack" || state === "RolledBack") return "bad";
	return state === "Pending" ? "idle" : "waiting";
};
