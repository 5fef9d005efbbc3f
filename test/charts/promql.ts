import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

// Queries against what is served: whether each parses, asks for metrics that there are, and names labels only where they
// are. An expression's labels follow from its parts', as in a type checker; a wrong one is an error that says where.

/** Metric → its labels. Histograms by the names of their series. */
export type Served = ReadonlyMap<string, ReadonlySet<string>>;

/** What Prometheus adds by where it scrapes. */
const TARGET = ["namespace", "pod", "job", "instance", "service", "endpoint", "container"];

export interface Match {
	readonly metrics: readonly string[];
	readonly label: string;
	readonly operator: string;
	readonly value: string;
}

export interface Checked {
	/** Labels of the result; `undefined`: a number. */
	readonly labels: ReadonlySet<string> | undefined;
	readonly metrics: ReadonlySet<string>;
	readonly matches: readonly Match[];
}

/** Throws an error that names what is wrong. */
export function checkQuery(query: string, served: Served): Checked {
	const text = (node: SyntaxNode) => query.slice(node.from, node.to);
	parser.parse(query).iterate({
		enter: ({ type, from }) => {
			if (type.isError) throw new Error(`cannot parse at ${from}: ${query.slice(0, from)} ⟨here⟩ ${query.slice(from)}`);
		},
	});
	const metrics = new Set<string>();
	const matches: Match[] = [];

	const need = (labels: ReadonlySet<string> | undefined, wanted: readonly string[], node: SyntaxNode) => {
		for (const label of wanted) {
			if (labels?.has(label) !== true) throw new Error(`there is no label ${label} in: ${text(node)}`);
		}
	};
	const selector = (node: SyntaxNode): ReadonlySet<string> => {
		const matchers = descendants(node, "UnquotedLabelMatcher").map((matcher) => ({
			label: text(only(matcher, "LabelName")),
			operator: text(only(matcher, "MatchOp")),
			value: unquoted(text(only(matcher, "StringLiteral"))),
		}));
		const name = node.getChild("Identifier");
		const byName = matchers.filter(({ label }) => label === "__name__");
		const asked = [...served.keys()].filter(
			(metric) =>
				(name === null || metric === text(name)) &&
				byName.every(({ operator, value }) =>
					operator === "=~" ? new RegExp(`^(?:${value})$`).test(metric) : metric === value,
				),
		);
		if (asked.length === 0) throw new Error(`there is no such metric: ${text(node)}`);
		for (const metric of asked) metrics.add(metric);
		const [first, ...others] = asked.map((metric) => served.get(metric) ?? new Set<string>());
		const labels = new Set([...others.reduce<Set<string>>((all, more) => both(all, more), new Set(first)), ...TARGET]);
		const own = matchers.filter(({ label }) => label !== "__name__");
		need(
			labels,
			own.map(({ label }) => label),
			node,
		);
		matches.push(...own.map((matcher) => ({ metrics: asked, ...matcher })));
		return labels;
	};
	const grouping = (node: SyntaxNode | null): string[] =>
		node === null ? [] : [...descendants(node, "LabelName"), ...descendants(node, "QuotedLabelName")].map(text);

	const aggregate = (node: SyntaxNode): ReadonlySet<string> => {
		const inner = labelsOf(argumentsOf(node).at(-1));
		const operator = text(only(node, "AggregateOp")).toLowerCase();
		const modifier = node.getChild("AggregateModifier");
		if (modifier === null) return ["topk", "bottomk"].includes(operator) ? (inner ?? new Set()) : new Set();
		const named = grouping(modifier.getChild("GroupingLabels"));
		need(inner, named, node);
		return modifier.getChild("By") === null ? without(inner ?? new Set(), named) : new Set(named);
	};
	const call = (node: SyntaxNode): ReadonlySet<string> | undefined => {
		const name = text(only(node, "FunctionIdentifier")).toLowerCase();
		if (name === "time") return undefined;
		if (name === "vector" || name === "absent") {
			argumentsOf(node).forEach(labelsOf);
			return new Set();
		}
		const inner = labelsOf(argumentsOf(node).findLast(({ name: type }) => type !== "NumberDurationLiteral"));
		if (name !== "histogram_quantile") return inner;
		need(inner, ["le"], node);
		return without(inner ?? new Set(), ["le"]);
	};
	const binary = (node: SyntaxNode): ReadonlySet<string> | undefined => {
		const [left, right] = expressions(node).map(labelsOf);
		const modifier = node.getChild("MatchingModifierClause");
		if (left === undefined || right === undefined) return left ?? right;
		if (node.getChild("Or") !== null)
			return left.size === 0 || right.size === 0 ? new Set([...left, ...right]) : both(left, right);
		if (modifier === null) {
			if (left.size !== right.size || both(left, right).size !== left.size)
				throw new Error(`both sides must have the same labels: ${text(node)}`);
			return left;
		}
		const [on, added] = modifier.getChildren("GroupingLabels").map(grouping);
		if (modifier.getChild("On") === null) throw new Error(`only "on" is understood here: ${text(node)}`);
		need(left, on ?? [], node);
		need(right, on ?? [], node);
		if (node.getChild("And") !== null || node.getChild("Unless") !== null) return left;
		if (modifier.getChild("GroupLeft") === null) return new Set(on);
		need(right, added ?? [], node);
		return new Set([...left, ...(added ?? [])]);
	};
	const labelsOf = (node: SyntaxNode | undefined): ReadonlySet<string> | undefined => {
		if (node === undefined) throw new Error(`something is missing in: ${query}`);
		if (node.name === "VectorSelector") return selector(node);
		if (node.name === "AggregateExpr") return aggregate(node);
		if (node.name === "FunctionCall") return call(node);
		if (node.name === "BinaryExpr") return binary(node);
		if (node.name === "NumberDurationLiteral") return undefined;
		if (["ParenExpr", "MatrixSelector", "OffsetExpr", "UnaryExpr", "SubqueryExpr"].includes(node.name)) {
			return labelsOf(expressions(node)[0]);
		}
		throw new Error(`${node.name} is not understood in: ${query}`);
	};
	const top = parser.parse(query).topNode.firstChild;
	return { labels: labelsOf(top ?? undefined), metrics, matches };
}

const both = (one: ReadonlySet<string>, other: ReadonlySet<string>): Set<string> =>
	new Set([...one].filter((label) => other.has(label)));
const without = (all: ReadonlySet<string>, some: readonly string[]): Set<string> =>
	new Set([...all].filter((label) => !some.includes(label)));

const EXPRESSIONS = new Set([
	"VectorSelector",
	"AggregateExpr",
	"FunctionCall",
	"BinaryExpr",
	"NumberDurationLiteral",
	"ParenExpr",
	"MatrixSelector",
	"OffsetExpr",
	"UnaryExpr",
	"SubqueryExpr",
]);

const childrenOf = (node: SyntaxNode): SyntaxNode[] => {
	const children: SyntaxNode[] = [];
	for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
	return children;
};

const expressions = (node: SyntaxNode): SyntaxNode[] => childrenOf(node).filter(({ name }) => EXPRESSIONS.has(name));

const argumentsOf = (node: SyntaxNode): SyntaxNode[] => node.getChildren("FunctionCallBody").flatMap(expressions);

const descendants = (node: SyntaxNode, name: string): SyntaxNode[] =>
	childrenOf(node).flatMap((child) => [...(child.name === name ? [child] : []), ...descendants(child, name)]);

const only = (node: SyntaxNode, name: string): SyntaxNode => {
	const found = node.getChild(name) ?? childrenOf(node).find((child) => child.name === name);
	if (found === undefined) throw new Error(`there is no ${name} in ${node.name}`);
	return found;
};

const unquoted = (literal: string): string => literal.slice(1, -1).replaceAll("\\\\", "\\");
