import { namespaceOf } from "../cluster/cluster-view.ts";
import { type GivenFlags, type Session, whereOf } from "../cluster/context.ts";
import { MARK_COLORS, MARKS } from "../cluster/health.ts";
import { namedIn } from "../cluster/patches.ts";
import { readView, withLabels } from "../cluster/read-cluster.ts";
import { fitted, type Paint } from "../text/paint.ts";
import { complain } from "../text/print.ts";
import { nodeText, rootsOf, type TreeNode, treeData, treeOf } from "./topology.ts";

// The tree as text for people, and as graphs for Graphviz and Mermaid.

export const tree = async (session: Session, words: readonly string[], { output }: GivenFlags): Promise<number> => {
	const { scope, paint } = session;
	const view = await readView(session.kubectl, scope, { made: true });
	const chosen = await withLabels(session.kubectl, scope, view);
	const roots = words.length > 0 ? namedIn(view, words, chosen) : scope.selector === undefined ? rootsOf(view) : chosen;
	const wide = output === "wide" || output === "json";
	const trees = roots.map((root) => treeOf(view, root, { wide }));
	if (output === "json") session.json(trees.map(treeData));
	else if (output === "dot") session.print(dotLines(trees));
	else if (output === "mermaid") session.print(mermaidLines(trees));
	else {
		const home = scope.allNamespaces === true ? undefined : trees[0]?.object.metadata.namespace;
		if (trees.length === 0) session.print([`no Prism objects ${await whereOf(session)}`]);
		session.print(treeLines(trees, wide ? { ...paint, columns: undefined } : paint, { wide, now: view.now, home }));
	}
	if (output === undefined || output === "wide")
		session.print(view.notes.map((note) => paint.color("yellow", `! ${note}`)));
	else for (const note of view.notes) complain(`warning: ${note}`);
	return 0;
};

export interface TextOptions {
	readonly wide: boolean;
	readonly now: string;
	/** Namespace that is omitted in names; undefined: none. */
	readonly home?: string | undefined;
}

export const treeLines = (roots: readonly TreeNode[], paint: Paint, options: TextOptions): string[] =>
	roots.flatMap((root, index) => [
		...(index > 0 ? [""] : []),
		...branch(root, paint, options, { head: "", indent: "", namespace: options.home }),
	]);

interface Place {
	readonly head: string;
	readonly indent: string;
	/** Namespace of the parent node: a child in the same namespace omits it. */
	readonly namespace: string | undefined;
}

const branch = (node: TreeNode, paint: Paint, options: TextOptions, place: Place): string[] => {
	const stateless = options.wide ? [] : node.children.filter(isStateless);
	const shown = node.children.filter((child) => !stateless.includes(child));
	const entries: ((place: Place) => string[])[] = [
		...shown.map((child) => (below: Place) => branch(child, paint, options, below)),
		...(stateless.length > 0 ? [(below: Place) => [foldedLine(stateless, paint, below)]] : []),
	];
	const namespace = namespaceOf(node.object);
	return [
		line(node, paint, options, place),
		...entries.flatMap((entry, index) => {
			const last = index === entries.length - 1;
			return entry({
				head: `${place.indent}${last ? "└─ " : "├─ "}`,
				indent: `${place.indent}${last ? "   " : "│  "}`,
				namespace,
			});
		}),
	];
};

/** Services, ConfigMaps and similar objects have no state; in a short tree, they share a line. */
const isStateless = ({ health, children }: TreeNode): boolean =>
	health.mark === "plain" && health.message === "" && children.length === 0;

const foldedLine = (nodes: readonly TreeNode[], paint: Paint, { head }: Place): string => {
	const kinds = [...new Set(nodes.map(({ object }) => object.kind))];
	const text = kinds
		.map((kind) => {
			const count = nodes.filter(({ object }) => object.kind === kind).length;
			return count === 1 ? kind : `${count} ${plural(kind)}`;
		})
		.join(", ");
	return fitted(`${head}· ${text}`, paint.columns).replace(`· ${text}`, paint.color("dim", `· ${text}`));
};

const plural = (kind: string): string =>
	/(s|ss)$/.test(kind) ? `${kind}es` : kind.endsWith("y") ? `${kind.slice(0, -1)}ies` : `${kind}s`;

const line = (node: TreeNode, paint: Paint, { now }: TextOptions, { head, namespace }: Place): string => {
	const { object, health, linked } = node;
	const own = namespaceOf(object);
	const where = own === "" || own === namespace ? "" : `${own}/`;
	const arrow = linked === undefined ? "" : "→ ";
	const name = `${object.kind} ${where}${object.metadata.name}`;
	const text = nodeText(node, now);
	const plain = fitted(`${head}${arrow}${MARKS[health.mark]} ${name}${text === "" ? "" : `  ${text}`}`, paint.columns);
	const rest = plain.slice(head.length + arrow.length + MARKS[health.mark].length);
	const state = rest.slice(name.length + 1);
	const words = health.mark === "good" || health.mark === "plain" ? paint.color("dim", state) : state;
	return `${head}${arrow}${paint.color(MARK_COLORS[health.mark], MARKS[health.mark])}${rest.slice(0, name.length + 1)}${words}`;
};

// ── Graphs ──────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Edge {
	readonly from: string;
	readonly to: string;
	readonly label: string | undefined;
}

const graphOf = (roots: readonly TreeNode[]) => {
	const nodes = new Map<string, TreeNode>();
	const edges: Edge[] = [];
	const walk = (node: TreeNode): string => {
		const id = `${node.object.kind}/${namespaceOf(node.object)}/${node.object.metadata.name}`;
		// A linked node has its branch elsewhere: keep the node with the branch.
		if (!nodes.has(id) || node.linked === undefined) nodes.set(id, node);
		for (const child of node.children) edges.push({ from: id, to: walk(child), label: child.linked });
		return id;
	};
	for (const root of roots) walk(root);
	return { nodes, edges };
};

const inDot = (words: string): string => JSON.stringify(words);

const inMermaid = (words: string): string => `"${words.replaceAll('"', "#quot;").replaceAll("<", "#lt;")}"`;

const FILLS = { good: "#d4edda", waiting: "#fff3cd", bad: "#f8d7da", paused: "#d1ecf1", plain: "#eeeeee" } as const;

export const dotLines = (roots: readonly TreeNode[]): string[] => {
	const { nodes, edges } = graphOf(roots);
	return [
		"digraph prism {",
		'\trankdir=LR; node [shape=box, style="filled,rounded", fontname="sans-serif", fontsize=10];',
		...[...nodes].map(
			([id, node]) =>
				`\t${inDot(id)} [label=${inDot(labelOf(node).join("\n"))}, fillcolor="${FILLS[node.health.mark]}"];`,
		),
		...edges.map(
			({ from, to, label }) =>
				`\t${inDot(from)} -> ${inDot(to)}${label === undefined ? "" : ` [style=dashed, label=${inDot(label)}]`};`,
		),
		"}",
	];
};

export const mermaidLines = (roots: readonly TreeNode[]): string[] => {
	const { nodes, edges } = graphOf(roots);
	const ids = new Map([...nodes.keys()].map((key, index) => [key, `n${index}`]));
	return [
		"flowchart LR",
		...[...nodes].map(
			([id, node]) =>
				`  ${ids.get(id)}[${inMermaid(labelOf(node).join("<br/>")).replaceAll("#lt;br/>", "<br/>")}]:::${node.health.mark}`,
		),
		...edges.map(
			({ from, to, label }) =>
				`  ${ids.get(from)} ${label === undefined ? "-->" : `-. ${inMermaid(label)} .->`} ${ids.get(to)}`,
		),
		...Object.entries(FILLS).map(([mark, fill]) => `  classDef ${mark} fill:${fill},stroke:#666,color:#222`),
	];
};

/** Kind, name and state, which fit into a box of a graph. */
const labelOf = ({ object, health }: TreeNode): string[] => [
	object.kind,
	object.metadata.name,
	...(health.word === "" ? [] : [`${MARKS[health.mark]} ${health.word}`]),
];
