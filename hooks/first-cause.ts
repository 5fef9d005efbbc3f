import { worstFirst } from "../kube/checks.ts";
import { conditionOf } from "../kube/conditions.ts";
import { isReady } from "../kube/health.ts";
import { compact, isGoing, isRecord, recordsAt, valueAt } from "../kube/object.ts";
import { type Seen, seenOf } from "../kube/partial-object.ts";
import type { KubeObject } from "../schemas/common.ts";
import type { RolloutPart } from "../schemas/pluginrollout.ts";
import { PrismPlugin } from "../schemas/prismplugin.ts";
import { PrismRoster } from "../schemas/prismroster.ts";
import type { REASONS } from "../schemas/vocabulary.ts";
import { hasFailed } from "./prismplugin/rollout-part.ts";

// The way from an object that is not ready to the first cause: `kubectl prism why`, `run --once` and the dashboard take this one,
// so that all of them name the same object.

/** An object by its name. A roster stands for the shard or the stack whose instances it lists. */
export interface Reference {
	readonly kind: string;
	readonly namespace: string;
	readonly name: string;
}

/** Where the objects are, and in which form they were read. */
export interface CauseInput<Node> {
	readonly waitsFor: (node: Node) => readonly Reference[];
	readonly find: (reference: Reference) => Node | undefined;
	readonly isReady: (node: Node) => boolean;
}

/** The object that another one waits for: the first one that was read and is not ready. */
export const nextOnTheWay = <Node>(
	node: Node,
	{ waitsFor, find, isReady: isDone }: CauseInput<Node>,
): Node | undefined =>
	waitsFor(node)
		.map(find)
		.find((other) => other !== undefined && !isDone(other));

/** From an object to the one that waits for none; objects may wait for each other. */
export const wayToCause = <Node>(start: Node, surroundings: CauseInput<Node>): Node[] => {
	const way: Node[] = [];
	for (
		let next: Node | undefined = start;
		next !== undefined && !way.includes(next);
		next = nextOnTheWay(next, surroundings)
	)
		way.push(next);
	return way;
};

/** The first causes of what is not ready, each with what only waits for it; in the order in which they are met. */
export const groupedByCause = <Node>(late: readonly Node[], surroundings: CauseInput<Node>): Map<Node, Node[]> => {
	const groups = new Map<Node, Node[]>();
	for (const node of late) {
		const cause = wayToCause(node, surroundings).at(-1) ?? node;
		groups.set(cause, [...(groups.get(cause) ?? []), ...(cause === node ? [] : [node])]);
	}
	return groups;
};

/** The shard or stack behind a roster, from the roster's name; if both match, the stack if there is one. */
export const hostOfRoster = (
	{ name: roster, namespace }: Pick<Reference, "name" | "namespace">,
	isStack: (name: string) => boolean,
): Reference => {
	const stack = roster.replace(/-proxy$/, "");
	const ofStack = roster.endsWith("-proxy") && isStack(stack);
	if (!ofStack && roster.startsWith("prism-"))
		return { kind: "PrismShard", namespace, name: roster.slice("prism-".length) };
	return { kind: "PrismStack", namespace, name: stack };
};

type Reason = keyof typeof REASONS;
type Waits = (object: KubeObject) => readonly Reference[];

/** The objects of ours that an object waits for, as its own status has it, the likeliest cause first. */
export const waitsFor = (object: KubeObject): readonly Reference[] => {
	const ready = conditionOf(object, "Ready");
	if (ready === undefined || isGoing(object) || isReady(object)) return [];
	return WAITS[object.kind]?.[ready.reason]?.(object) ?? [];
};

const beside = (object: KubeObject, kind: string, name: unknown): Reference[] =>
	typeof name === "string" ? [{ kind, namespace: object.metadata.namespace ?? "", name }] : [];

// ── Stacks and runners ──────────────────────────────────────────────────────────────────────────────────────────────

/** The part that decided: of all that are not ready, the one that is worst off. */
const worstPart =
	(kind: string, list: string): Waits =>
	(stack) => {
		const late = recordsAt(stack, "status", list).filter((part) => part["ready"] !== true);
		const [worst] = worstFirst(late.map(({ name, phase }) => ({ name, phase: String(phase) })));
		return beside(stack, kind, worst?.name);
	};

const worstBackend = worstPart("BackendConfig", "backends");
const worstPattern = worstPart("PatternRunner", "patterns");
const worstNamespace = worstPart("PrismNamespace", "namespaces");

/** In the order in which a stack's hook asks for them, after its own workloads. */
const unfinishedPart: Waits = (stack) =>
	["proxy", "admin"].every((component) => isBuilt(valueAt(stack, "status", component)))
		? [worstBackend, worstPattern, worstNamespace].flatMap((worst) => worst(stack))
		: [];

const isBuilt = (component: unknown): boolean => !isRecord(component) || component["ready"] === component["desired"];

const namedBackend: Waits = (runner) =>
	beside(runner, "BackendConfig", valueAt(runner, "spec", "backendConfig", "name"));

// ── Namespaces, shards and plugins ──────────────────────────────────────────────────────────────────────────────────

const hosts: Waits = (object) =>
	recordsAt(object, "status", "placements")
		.filter(({ state }) => state !== "Revoking")
		.flatMap(({ roster, namespace }) =>
			beside(object, PrismRoster.kind, roster).map((reference) =>
				typeof namespace === "string" ? { ...reference, namespace } : reference,
			),
		);

const namedPlugins: Waits = (shard) =>
	recordsAt(shard, "spec", "plugins").flatMap(({ name }) => beside(shard, "PrismPlugin", name));

const stoppedShard: Waits = (plugin) => beside(plugin, "PrismShard", stoppedPart(plugin)?.name);

const STATES = [["Failed", "RollingBack"], ["RolledBack"], ["Updating"], ["Baking"]] as const;

/** The part of a rollout that failed, or is on its way; the plugin's own proxies are a part too. */
export const stoppedPart = (plugin: KubeObject): SeenPart | undefined => {
	const parts = rolloutParts(plugin);
	return STATES.flatMap((states) =>
		parts.filter(
			(part) => states.some((state) => state === part.state) && (part.state !== "RolledBack" || hasFailed(part)),
		),
	)[0];
};

type SeenPart = Seen<RolloutPart> & Pick<RolloutPart, "name">;

/** The shards that follow the plugin, and its own proxies. */
export const rolloutParts = (plugin: KubeObject): SeenPart[] => {
	const { shardStates = [], remote } = seenOf(PrismPlugin, plugin).status;
	return compact([...shardStates, remote]).map(({ name = "", ...part }) => ({ ...part, name }));
};

const ROLLOUT = {
	Progressing: stoppedShard,
	RollingBack: stoppedShard,
	RollbackFailed: stoppedShard,
	RolloutStalled: stoppedShard,
} satisfies Partial<Record<Reason, Waits>>;

const WAITS: Readonly<Record<string, Readonly<Record<string, Waits>>>> = {
	PrismStack: {
		BackendNotReady: worstBackend,
		PatternNotReady: worstPattern,
		NamespaceNotReady: worstNamespace,
		Progressing: unfinishedPart,
	} satisfies Partial<Record<Reason, Waits>>,
	PatternRunner: { BackendNotReady: namedBackend } satisfies Partial<Record<Reason, Waits>>,
	PrismNamespace: {
		InstancesNotReady: hosts,
		InstancesUnreachable: hosts,
		PartiallyProvisioned: hosts,
	} satisfies Partial<Record<Reason, Waits>>,
	PrismShard: { PluginNotReady: namedPlugins } satisfies Partial<Record<Reason, Waits>>,
	PrismPlugin: ROLLOUT,
};
