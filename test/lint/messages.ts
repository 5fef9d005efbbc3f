// A rule of oxlint's: messages are for people. Whoever compares, searches or looks up the text of a message takes it for state, and
// the next better sentence changes what the operator does. What was found is in schemas/findings/, and in fields of the status.

interface Node {
	readonly type: string;
	readonly [field: string]: unknown;
}

interface Context {
	readonly report: (this: void, found: { readonly node: Node; readonly message: string }) => void;
}

const SAID = "a message is for people: read the reason, the finding or a status field in its place";

/** Ways to take a text apart, or to ask what is in it. */
const SEARCHES: ReadonlySet<unknown> = new Set([
	"endsWith",
	"includes",
	"indexOf",
	"lastIndexOf",
	"localeCompare",
	"match",
	"matchAll",
	"replace",
	"replaceAll",
	"search",
	"split",
	"startsWith",
]);

/** Calls that are given what they search. */
const SEARCHERS: ReadonlySet<unknown> = new Set(["exec", "has", "hasOwn", "includes", "indexOf", "test"]);

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "type" in value;

const nameOf = (node: unknown): unknown => {
	if (!isNode(node)) return undefined;
	return node.type === "Literal" ? node["value"] : node["name"];
};

/** Whether an expression is a message, or one that may not be there: `ready?.message ?? ""`. */
const isMessage = (node: unknown): boolean => {
	if (!isNode(node)) return false;
	switch (node.type) {
		case "Identifier":
			return node["name"] === "message";
		case "MemberExpression":
			return nameOf(node["property"]) === "message";
		case "LogicalExpression":
			return isMessage(node["left"]);
		case "ChainExpression":
		case "ParenthesizedExpression":
		case "TSAsExpression":
		case "TSNonNullExpression":
			return isMessage(node["expression"]);
		case "CallExpression":
			return (
				nameOf(node["callee"]) === "String" && Array.isArray(node["arguments"]) && node["arguments"].some(isMessage)
			);
		default:
			return false;
	}
};

/** Whether there is one at all may be asked: then it is printed, or not. */
const isNothing = (node: unknown): boolean => {
	const name = nameOf(node);
	return name === "undefined" || name === "" || name === null;
};

const EQUALITIES: ReadonlySet<unknown> = new Set(["==", "===", "!=", "!=="]);

const noMessageAsMeaning = {
	create: ({ report }: Context) => ({
		BinaryExpression(node: Node) {
			const { left, right, operator } = node;
			if (!EQUALITIES.has(operator) || isNothing(left) || isNothing(right)) return;
			if (isMessage(left) || isMessage(right)) report({ node, message: SAID });
		},
		CallExpression(node: Node) {
			const { callee } = node;
			if (!isNode(callee) || callee.type !== "MemberExpression") return;
			const called = nameOf(callee["property"]);
			const given = Array.isArray(node["arguments"]) ? node["arguments"] : [];
			const isSearched = SEARCHES.has(called) && isMessage(callee["object"]);
			if (isSearched || (SEARCHERS.has(called) && given.some(isMessage))) report({ node, message: SAID });
		},
		MemberExpression(node: Node) {
			if (node["computed"] === true && isMessage(node["property"])) report({ node, message: SAID });
		},
		SwitchStatement(node: Node) {
			if (isMessage(node["discriminant"])) report({ node, message: SAID });
		},
	}),
};

export default { meta: { name: "prism" }, rules: { "no-message-as-meaning": noMessageAsMeaning } };
