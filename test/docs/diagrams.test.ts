import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { diagramPage } from "../../codegen/docs/diagrams.ts";
import { KINDS, REGISTRY } from "../../hooks/index.ts";
import { rowOf } from "../../plugin/render/render.ts";
import { parseManifests } from "../../yaml/manifests.ts";
import { ROOT, sectionsOf } from "./pages.ts";

const SECTIONS = sectionsOf(diagramPage());
const graphOf = (title: string): string => SECTIONS.find((section) => section.title === title)?.text ?? "";

/** Every object that there is to try: the golden cases' inputs. */
const objects = readdirSync(join(ROOT, "test/golden"))
	.filter((name) => name.endsWith(".in.yaml"))
	.flatMap((name) => parseManifests(readFileSync(join(ROOT, "test/golden", name), "utf8"), name))
	.map(({ object }) => object);

describe("the diagrams", () => {
	it.each([...REGISTRY])("have every kind of children of $name", (row) => {
		for (const { kind, onlyWith } of row.children)
			expect(graphOf(row.parent.kind)).toContain(`${row.parent.kind} -->${onlyWith ? `|${onlyWith}|` : ""} ${kind}\n`);
	});

	it("have every kind that a hook looks at, whatever the spec says", () => {
		const resources = objects.flatMap((parent) => {
			const row = rowOf(parent);
			const rules = row?.customize?.({ controller: {}, parent }).relatedResources ?? [];
			// At its children's kinds it looks only for what stands in their way.
			const isOther = ({ resource }: { resource: string }) =>
				row?.children.every((child) => child.resource !== resource);
			return rules.filter(isOther).map(({ resource }) => `${parent.kind} ${resource}`);
		});
		expect(new Set(resources).size).toBeGreaterThan(4);
		for (const pair of new Set(resources)) {
			const [from = "", resource = ""] = pair.split(" ");
			const kind = KINDS.find(({ plural }) => plural === resource)?.kind ?? resource.replace(/(?<=ss)es$|s$/, "");
			expect(graphOf(from).toLowerCase(), pair).toContain(`${from} -. watches .-> ${kind}\n`.toLowerCase());
		}
	});

	it("tell who talks to proxies", () => {
		const talking = REGISTRY.filter(({ prepare }) => prepare !== undefined).map(({ parent }) => parent.kind);
		expect(talking.length).toBeGreaterThan(0);
		for (const { parent } of REGISTRY)
			expect(graphOf(parent.kind).includes("-> proxies\n")).toBe(talking.includes(parent.kind));
	});

	it("have nodes and edges in a grammar that mermaid reads", () => {
		const lines = SECTIONS.flatMap(({ text }) => [...text.matchAll(/```mermaid\n([\s\S]*?)```/g)]).flatMap(
			([, body = ""]) => body.trimEnd().split("\n"),
		);
		const known =
			/^flowchart LR$|^ {4}\w+(\[\w+\]|\(\w+\))$|^ {4}\w+ -->(\|\w+\|)? \w+$|^ {4}\w+ -\. [a-z ]+ \.-> \w+$|^ {4}classDef optional stroke-dasharray: 4 4$|^ {4}class [\w,]+ optional$/;
		expect(lines.filter((line) => !known.test(line))).toEqual([]);
	});
});
