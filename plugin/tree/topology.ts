import { compact, recordsAt } from "../../kube/object.ts";
import { seenOf } from "../../kube/partial-object.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { PrismPlugin } from "../../schemas/prismplugin.ts";
import { type ClusterView, namespaceOf, ownerOf } from "../cluster/cluster-view.ts";
import { type Health, healthOf } from "../cluster/health.ts";
import { byKindAndName, isUserKind } from "../cluster/kinds.ts";
import { placementsOf } from "../cluster/placements.ts";
import { ageText } from "../text/paint.ts";

// `tree`: ownership, from owner references. Namespaces on a shard, and shards of a plugin, come from status, and are below the
// object that serves them.

export interface TreeNode {
	readonly object: KubeObject;
	readonly health: Health;
	readonly children: readonly TreeNode[];
	/** Related by status, not by ownership: its own branch is elsewhere. */
	readonly linked?: string;
}

export interface TreeOptions {
	/** Includes objects without state, ReplicaSets and old ReplicaSets. */
	readonly wide: boolean;
}

/** Custom resources without an owner, by kind and name. */
export const rootsOf = (view: ClusterView): KubeObject[] => {
	const isRoot = (object: KubeObject) => ownerOf(view, object) === undefined && hostsOf(view, object).length === 0;
	return view.objects.filter((object) => isUserKind(object) && isRoot(object)).toSorted(byKindAndName);
};

export const treeOf = (view: ClusterView, root: KubeObject, options: TreeOptions): TreeNode => {
	const seen = new Set<KubeObject>();
	const node = (object: KubeObject, linked?: string): TreeNode => {
		// A cycle of owner references must not cause an endless loop.
		const again = seen.has(object);
		seen.add(object);
		const children = again || linked !== undefined ? [] : childrenOf(object);
		return { object, health: healthOf(object, view), children, ...(linked !== undefined && { linked }) };
	};
	const childrenOf = (object: KubeObject): TreeNode[] => [
		...ownedIn(view, object, options)
			.toSorted(inOrder)
			.map((child) => node(child)),
		...linksOf(view, object).map(([other, how]) => node(other, how)),
	];
	return node(root);
};

/** Children in a short tree: the pods of a Deployment without the ReplicaSet between them. */
const ownedIn = (view: ClusterView, object: KubeObject, { wide }: TreeOptions): KubeObject[] => {
	const owned = [...view.owned(object)].filter(({ kind }) => kind !== "ControllerRevision");
	if (wide) return owned;
	return owned.flatMap((child) => (child.kind === "ReplicaSet" ? [...view.owned(child)] : [child]));
};

const KIND_ORDER = [
	"Deployment",
	"StatefulSet",
	"ReplicaSet",
	"Pod",
	"BackendConfig",
	"PatternRunner",
	"PrismRoster",
	"PrismNamespace",
	"HorizontalPodAutoscaler",
	"PodDisruptionBudget",
	"Service",
	"Ingress",
	"NetworkPolicy",
	"ConfigMap",
];

const inOrder = (left: KubeObject, right: KubeObject): number =>
	place(left) - place(right) ||
	(`${left.kind}/${left.metadata.name}` < `${right.kind}/${right.metadata.name}` ? -1 : 1);

const place = ({ kind }: KubeObject): number => {
	const index = KIND_ORDER.indexOf(kind);
	return index === -1 ? KIND_ORDER.length : index;
};

// ── Links ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Related objects below an object that does not own them, with the relation. */
const linksOf = (view: ClusterView, object: KubeObject): [KubeObject, string][] => {
	if (object.kind === "PrismRoster") return namespacesOn(view, object);
	if (object.kind === "PrismPlugin") return shardsWith(view, object);
	return [];
};

const hostsOf = (view: ClusterView, object: KubeObject): KubeObject[] =>
	placementsOf(object)
		.map(({ roster, namespace }) => view.get("PrismRoster", namespace, roster))
		.filter((roster) => roster !== undefined)
		// The roster of a shard that was not read is in no tree.
		.filter((roster) => ownerOf(view, roster) !== undefined);

const namespacesOn = (view: ClusterView, roster: KubeObject): [KubeObject, string][] =>
	view
		.all("PrismNamespace")
		.flatMap((object): [KubeObject, string][] =>
			placementsOf(object)
				.filter((entry) => entry.roster === roster.metadata.name && entry.namespace === namespaceOf(roster))
				// The namespaces of a stack are already below the stack.
				.filter(() => ownerOf(view, object) === undefined || ownerOf(view, object) !== ownerOf(view, roster))
				.map(({ state }) => [object, state]),
		)
		.toSorted(([left], [right]) => (left.metadata.name < right.metadata.name ? -1 : 1));

const shardsWith = (view: ClusterView, plugin: KubeObject): [KubeObject, string][] => {
	const { shardStates = [], pinnedShards = [] } = seenOf(PrismPlugin, plugin).status;
	const names = [
		...shardStates.map(({ name = "", state, version }) => [name, compact([state, version]).join(" ")] as const),
		...pinnedShards.map((name) => [name, "pinned"] as const),
	];
	return names.flatMap(([name, how]): [KubeObject, string][] => {
		const shard = view.get("PrismShard", namespaceOf(plugin), name);
		return shard === undefined ? [] : [[shard, how]];
	});
};

// ── Data ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** For scripts: the same tree, with the message of each object. */
export const treeData = ({ object, health, children, linked }: TreeNode): Record<string, unknown> => ({
	kind: object.kind,
	namespace: object.metadata.namespace,
	name: object.metadata.name,
	...(linked !== undefined && { linked }),
	...(health.word !== "" && { state: health.word }),
	...(health.message !== "" && { message: health.message }),
	...(health.since !== undefined && { since: health.since }),
	...(children.length > 0 && { children: children.map(treeData) }),
});

/** The text after the name of a node. */
export const nodeText = ({ object, health, linked }: TreeNode, now: string): string => {
	const since =
		health.since === undefined || health.mark === "good" ? "" : ` (${ageText(secondsBetween(health.since, now))})`;
	const how = linked === undefined ? "" : `${linked}, `;
	if (health.word === "Ready") return `${how}${health.message === "" ? "Ready" : health.message}`;
	if (health.word === "") return `${how}${health.message}`.replace(/, $/, "") || portsOf(object);
	return `${how}${health.word}${since}${health.message === "" ? "" : `: ${health.message}`}`;
};

const portsOf = (object: KubeObject): string => {
	if (object.kind !== "Service") return "";
	return recordsAt(object, "spec", "ports")
		.map(({ name, port }) => `${String(port)}${typeof name === "string" ? ` ${name}` : ""}`)
		.join(", ");
};
