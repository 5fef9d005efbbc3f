import { describe, expect, it } from "vitest";
import { PLAIN, paintOf } from "../../../plugin/text/paint.ts";
import { dotLines, mermaidLines, treeLines } from "../../../plugin/tree/text.ts";
import type { TreeNode } from "../../../plugin/tree/topology.ts";
import { NOW, other } from "../world.ts";

const GOOD = { mark: "good", word: "Ready", message: "" } as const;
const BAD = { mark: "bad", word: "Failed", message: "m" } as const;
const STATELESS = { mark: "plain", word: "", message: "" } as const;
const node = (
	kind: string,
	name: string,
	health: TreeNode["health"] = GOOD,
	children: readonly TreeNode[] = [],
	linked?: string,
): TreeNode => ({ object: other("v1", kind, name), health, children, ...(linked !== undefined && { linked }) });

const lines = (nodes: readonly TreeNode[], { wide = false, home = "shop", columns = 0 } = {}) =>
	treeLines(nodes, columns === 0 ? PLAIN : paintOf({ color: false, columns }), { wide, now: NOW, home });
const SERVICES = ["a", "b"].map((name) => node("Service", name, STATELESS));

describe("a tree", () => {
	it("has a branch for each child, and the last one ends it", () => {
		const tree = node("Stack", "s", GOOD, [node("Set", "a", GOOD, [node("Pod", "p", BAD)]), node("Set", "b")]);
		expect(lines([tree]).map((line) => line.replace(/ {2}.*$/, ""))).toEqual([
			"✔ Stack s",
			"├─ ✔ Set a",
			"│",
			"└─ ✔ Set b",
		]);
		expect(lines([tree])[2]).toMatch(/^│ {2}└─ ✖ Pod p {2}Failed/);
	});

	it("folds objects without state into one line, unless it is wide", () => {
		const children = [
			...SERVICES,
			node("NetworkPolicy", "a", STATELESS),
			node("Ingress", "a", STATELESS),
			node("Ingress", "b", STATELESS),
		];
		const tree = node("Stack", "s", GOOD, children);
		expect(lines([tree]).slice(1)).toEqual(["└─ · 2 Services, NetworkPolicy, 2 Ingresses"]);
		expect(lines([tree], { wide: true })).toHaveLength(6);
	});

	it("has a namespace where it is another, an arrow to what is linked, and a line between trees", () => {
		expect(lines([node("Stack", "s")], { home: "elsewhere" })[0]).toMatch(/^✔ Stack shop\/s/);
		expect(lines([node("Stack", "s", GOOD, [node("Tenant", "t", GOOD, [], "Active")])])[1]).toMatch(/^└─ → ✔ Tenant t/);
		expect(lines([node("A", "a"), node("B", "b")])[1]).toBe("");
	});

	it("fits the terminal", () => {
		const long = node("Stack", "s", { ...BAD, message: "many words ".repeat(20) }, [
			node("Service", "x".repeat(90), STATELESS),
		]);
		expect(lines([long], { columns: 60 }).filter((line) => line.length > 60)).toEqual([]);
	});
});

describe("a graph", () => {
	const linked = node("Tenant", 't"<', GOOD, [], "Active");
	const whole = node("Tenant", 't"<', GOOD, [node("Pod", "p")]);

	it.each([
		[
			"Graphviz",
			dotLines,
			/^\t"Tenant\/shop\/t\\"<" \[label="Tenant\\nt\\"<\\n✔ Ready"/,
			/style=dashed, label="Active"/,
		],
		["Mermaid", mermaidLines, /^ {2}n1\["Tenant<br\/>t#quot;#lt;<br\/>✔ Ready"\]:::good/, /-\. "Active" \.->/],
	])("for %s escapes names, and has each object once", (_, graph, label, edge) => {
		const text = graph([node("Stack", "s", GOOD, [linked]), whole]);
		expect(text.filter((line) => label.test(line))).toHaveLength(1);
		expect(text.filter((line) => edge.test(line))).toHaveLength(1);
		expect(text.filter((line) => /->|-->/.test(line))).toHaveLength(2);
	});
});
